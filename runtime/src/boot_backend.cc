// SPDX-License-Identifier: Apache-2.0
// See boot_backend.h.
#include "src/boot_backend.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "src/boot_check.h"
#include "src/os_epoll.h"
#include "tina/op_traits.h"

namespace tina::internal {
namespace {

const char* advice_for(std::int32_t refused) {
  if (refused == EPERM || refused == EACCES) {
    return "a container's seccomp profile or kernel.io_uring_disabled forbids it: allow "
           "io_uring_setup, io_uring_enter and io_uring_register";
  }
  if (refused == ENOMEM) return "the locked-memory limit is too low: raise `ulimit -l`";
  if (refused == EMFILE || refused == ENFILE) return "no descriptor is left: raise `ulimit -n`";
  return "Linux 6.1 or later is needed";
}

std::string ring_features(std::uint32_t found) {
  struct Feature {
    std::uint32_t bit;
    const char* name;
  };
  constexpr Feature kFeatures[] = {
      {IORING_FEAT_NODROP, "nodrop"},       {IORING_FEAT_SUBMIT_STABLE, "submit_stable"},
      {IORING_FEAT_FAST_POLL, "fast_poll"}, {IORING_FEAT_EXT_ARG, "ext_arg"},
      {IORING_FEAT_CQE_SKIP, "cqe_skip"},
  };
  std::string names = "single_issuer,defer_taskrun";  // without them there is no ring
  for (const Feature& feature : kFeatures) {
    if ((found & feature.bit) != 0) names += std::string(",") + feature.name;
  }
  return names;
}

bool choose_epoll(BackendChoice& choice) {
  choice.backend = Backend::kEpoll;
  bool fine_timeouts = false;
  const std::int32_t result = EpollPlatform::probe(fine_timeouts);
  if (result == 0) {
    choice.features = fine_timeouts ? "edge_triggered,pwait2" : "edge_triggered";
    return true;
  }
  const std::string ring = choice.refused == 0
                               ? std::string()
                               : std::string(", nor io_uring: ") + std::strerror(choice.refused);
  refuse("epoll cannot be used here: %s (errno %d)%s", std::strerror(-result), -result,
         ring.c_str());
  return false;
}

}  // namespace

const char* name(Backend backend) { return backend == Backend::kEpoll ? "epoll" : "io_uring"; }

const char* name(BackendWish wish) {
  switch (wish) {
    case BackendWish::kAuto:
      return "auto";
    case BackendWish::kIoUring:
      return "io_uring";
    case BackendWish::kEpoll:
      return "epoll";
  }
  return "?";
}

bool parse_backend(const std::string& word, BackendWish& wish) {
  for (const BackendWish known : {BackendWish::kAuto, BackendWish::kIoUring, BackendWish::kEpoll}) {
    if (word != name(known)) continue;
    wish = known;
    return true;
  }
  return false;
}

bool choose_backend(BackendWish wish, unsigned shards, std::uint32_t lanes, BackendChoice& choice) {
  choice.asked = wish != BackendWish::kAuto;
  if (wish == BackendWish::kEpoll) return choose_epoll(choice);
  std::uint32_t features = 0;
  const std::int32_t result = UringPlatform::probe(lanes, shards, features);
  if (result == 0) {
    choice.features = ring_features(features);
    return true;
  }
  choice.refused = -result;
  if (wish == BackendWish::kAuto) return choose_epoll(choice);
  refuse("io_uring cannot be used here: %s (errno %d); %s, or run with --backend epoll",
         std::strerror(-result), -result, advice_for(-result));
  return false;
}

void print_backend(const BackendChoice& choice) {
  const char* const chosen = name(choice.backend);
  if (choice.refused == 0) {
    std::fprintf(stderr, "level=info event=backend name=%s why=%s features=%s\n", chosen,
                 choice.asked ? "asked" : "available", choice.features.c_str());
    return;
  }
  std::fprintf(stderr,
               "level=warning event=backend name=%s why=\"io_uring refused: %s (errno %d); %s\" "
               "features=%s\n",
               chosen, std::strerror(choice.refused), choice.refused, advice_for(choice.refused),
               choice.features.c_str());
}

std::vector<LaneGroup> lane_groups(const RoleTable& role) {
  std::vector<LaneGroup> groups;
  for (const TypeTable& type : role.types) {
    groups.push_back({type.slots, type.ios.empty() ? 0U : type.records});
  }
  return groups;
}

std::uint32_t lanes_of(const RoleTable& role) {
  std::uint32_t lanes = 0;
  for (const LaneGroup& group : lane_groups(role)) lanes += group.slots * group.records;
  return lanes;
}

std::uint32_t waiting_lanes(const RoleTable& role) {
  std::uint32_t lanes = 0;
  for (const TypeTable& type : role.types) {
    for (const IoTable& io : type.ios) {
      if (traits_of(io.kind).waits) lanes += type.slots * io.lanes;
      if (io.files) lanes += type.slots;
    }
  }
  return lanes;
}

ReadAheads read_aheads(const RoleTable& role) {
  ReadAheads all;
  for (const TypeTable& type : role.types) {
    for (const IoTable& io : type.ios) {
      all.groups += io.read_ahead > 0 ? type.slots : 0;
      all.buffers += std::min(type.slots * io.read_ahead, role.receive_buffers);
    }
  }
  all.buffers = std::min(all.buffers, role.receive_buffers);
  return all;
}

void print_read_ahead(ShardId shard, std::uint32_t groups, const ReadAheads& wanted) {
  if (groups >= wanted.groups) return;
  std::fprintf(stderr,
               "level=warning event=read_ahead shard=%u streams=%u of=%u why=\"io_uring gives no "
               "more rings of buffers; the others receive as without the setting\"\n",
               unsigned{index(shard)}, groups, wanted.groups);
}

}  // namespace tina::internal
