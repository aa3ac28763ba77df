// SPDX-License-Identifier: Apache-2.0
// See boot_check.h.
#include "src/boot_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "src/os_thread.h"
#include "src/os_uring.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

/// Descriptors that a process needs beside its I/O objects: standard streams, rings, eventfds,
/// spares.
constexpr unsigned long kOwnDescriptors = 32;

bool choose_shards(const RoleTable& role, const RunOptions& options, BootPlan& plan) {
  const auto processors = static_cast<unsigned>(plan.processors.size());
  unsigned shards = options.shards;
  if (shards == 0) {
    shards = role.shards_auto ? std::min<unsigned>(processors, role.shards_max) : role.shards_max;
  }
  if (shards > role.shards_max) {
    refuse("--shards %u: the spec allows at most %u for role `%s`; ask for fewer or raise it there",
           shards, unsigned{role.shards_max}, role.name);
    return false;
  }
  if (shards > processors) {
    refuse("%u shards need %u processors and this process may use %u; start fewer with --shards %u",
           shards, shards, processors, processors);
    return false;
  }
  plan.shards = static_cast<std::uint16_t>(shards);
  plan.spin = has_several_processors();
  return true;
}

bool check_uring() {
  const std::int32_t result = UringPlatform::probe();
  if (result == 0) return true;
  const char* advice =
      result == -EPERM || result == -EACCES
          ? "a container's seccomp profile or kernel.io_uring_disabled forbids it: allow "
            "io_uring_setup, io_uring_enter and io_uring_register"
          : (result == -ENOMEM ? "the locked-memory limit is too low: raise `ulimit -l`"
                               : "Linux 6.1 or later is needed");
  refuse("io_uring cannot be used here: %s (errno %d); %s", std::strerror(-result), -result,
         advice);
  return false;
}

bool check_descriptors(const RoleTable& role, unsigned shards) {
  unsigned long wanted = 0;
  for (const TypeTable& type : role.types) wanted += type.slots * type.ios.size();
  wanted = wanted * shards + kOwnDescriptors;
  const unsigned long limit = raise_descriptor_limit(wanted);
  if (limit >= wanted) return true;
  refuse(
      "%u shards may hold %lu descriptors and the limit is %lu; raise it with `ulimit -n %lu` or "
      "start fewer shards",
      shards, wanted, limit, wanted);
  return false;
}

/// Whether nobody listens on `port` yet. Shards share it later, so their own bind would not tell.
bool check_port(const char* path, std::uint16_t port) {
  if (port == 0) return true;
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    refuse("no socket for the probe of port %u: %s", unsigned{port}, std::strerror(errno));
    return false;
  }
  const int one = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  const int bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::close(descriptor);
  if (bound == 0) return true;
  const char* advice = error == EADDRINUSE
                           ? "another program listens there: stop it or choose another"
                       : error == EACCES ? "ports below 1024 need privileges: choose a higher one"
                                         : "choose another";
  refuse("`%s` cannot listen on port %u: %s; %s", path, unsigned{port}, std::strerror(error),
         advice);
  return false;
}

/// The ports of a static child `* N` as it is on the first shard.
bool check_child_ports(const std::string& path, const ChildTable& child, const TypeTable& type,
                       ChildFacts facts) {
  alignas(16) std::array<std::byte, 4096> arguments;
  if (type.init_size > arguments.size()) return true;
  for (const IoTable& io : type.ios) {
    if (io.kind != IoKind::kTcpListener) continue;
    for (facts.child = 0; facts.child < child.max; ++facts.child) {
      arguments.fill(std::byte{0});
      child.make_init(facts, arguments.data());
      std::uint16_t port = 0;
      std::memcpy(&port, arguments.data() + io.port_offset, sizeof port);
      if (!check_port((path + "." + io.name).c_str(), port)) return false;
    }
  }
  return true;
}

bool check_ports(const RoleTable& role, const void* config, std::uint16_t shards) {
  bool good = true;
  const ChildFacts facts{config, ShardId{0}, shards, 0};
  for_each_supervisor(role, root_index(role), [&](std::size_t at) {
    const SupervisorTable& supervisor = role.supervisors[at];
    for (const ChildTable& child : supervisor.children) {
      if (!good || child.dynamic || child.supervisor != kNoSupervisor) continue;
      const std::string path = std::string(supervisor.name) + "." + child.name;
      good = check_child_ports(path, child, role.types[index(child.type)], facts);
    }
  });
  return good;
}

}  // namespace

void refuse(const char* format, ...) {
  char text[512];
  va_list values;
  va_start(values, format);
  std::vsnprintf(text, sizeof text, format, values);
  va_end(values);
  std::fprintf(stderr, "tina: %s\n", text);
}

bool check_machine(const SystemTable& system, const void* config, const RunOptions& options,
                   BootPlan& plan) {
  const RoleTable& role = *system.role;
  plan.processors = usable_processors();
  return choose_shards(role, options, plan) && check_uring() &&
         check_descriptors(role, plan.shards) && check_ports(role, config, plan.shards);
}

}  // namespace tina::internal
