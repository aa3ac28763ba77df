// SPDX-License-Identifier: Apache-2.0
// See boot_check.h.
#include "src/boot_check.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include "src/os_memory.h"
#include "src/os_socket.h"
#include "src/os_thread.h"
#include "src/os_unix.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

/// Descriptors that a process needs beside its I/O objects: standard streams, those of the main and
/// the log thread, spares; and a backend and an eventfd for each shard.
constexpr unsigned long kOwnDescriptors = 32;
constexpr unsigned long kShardDescriptors = 2;

/// The shards that run on any machine: those with a fixed number, and one of each `auto` role.
unsigned fixed_shards(const SystemTable& system) {
  unsigned shards = 0;
  for (const RoleTable& role : system.roles) shards += role.shards_auto ? 1U : role.shards_max;
  return shards;
}

bool choose_shards(const SystemTable& system, const RunOptions& options, BootPlan& plan) {
  const unsigned least = Placement::least(system);
  const unsigned most = Placement::most(system);
  unsigned shards = options.shards;
  if (shards > most) {
    refuse("--shards %u: the spec allows at most %u; ask for fewer or raise it there", shards,
           most);
    return false;
  }
  if (shards != 0 && shards < least) {
    refuse("--shards %u: the roles of the spec need at least %u; ask for more", shards, least);
    return false;
  }
  if (shards == 0) shards = std::clamp(plan.usable, std::max(least, fixed_shards(system)), most);
  plan.placement = Placement(system, shards);
  return true;
}

/// Whether `processor` may be used; says why not.
bool check_core(const RoleTable& role, int processor, const std::vector<int>& usable) {
  if (std::ranges::find(usable, processor) != usable.end()) return true;
  if (processor >= configured_processors()) {
    refuse(
        "role `%s` wants processor %d and this machine has %d, from 0 on; change `core` in the "
        "spec",
        role.name, processor, configured_processors());
  } else {
    refuse(
        "role `%s` wants processor %d, which this process may not use; change `core` in the "
        "spec, or the affinity (taskset -c)",
        role.name, processor);
  }
  return false;
}

/// Gives each shard a processor: the one that its role names, otherwise one that no role names, as
/// long as there is one.
bool choose_processors(const SystemTable& system, BootPlan& plan) {
  const std::vector<int> usable = usable_processors();
  std::vector<int> free = usable;
  const Placement& placement = plan.placement;
  for (std::size_t number = 0; number < system.roles.size(); ++number) {
    const RoleTable& role = system.roles[number];
    if (role.core == kAnyProcessor) continue;
    for (int i = 0; i < placement.role(static_cast<unsigned>(number)).count; ++i) {
      if (!check_core(role, role.core + i, usable)) return false;
      std::erase(free, role.core + i);
    }
  }
  if (free.empty()) free = usable;
  std::size_t next = 0;
  for (unsigned shard = 0; shard < placement.shards(); ++shard) {
    const unsigned number = placement.role_of(shard);
    const RoleTable& role = system.roles[number];
    plan.processors.push_back(role.core == kAnyProcessor
                                  ? free[next++ % free.size()]
                                  : role.core + static_cast<int>(shard) -
                                        static_cast<int>(placement.role(number).first));
  }
  std::vector<int> sorted = plan.processors;
  std::ranges::sort(sorted);
  plan.shared = std::ranges::adjacent_find(sorted) != sorted.end();
  plan.spin = has_several_processors() && !plan.shared;
  return true;
}

/// The lanes of the role that has most.
std::uint32_t most_lanes(const SystemTable& system) {
  std::uint32_t most = 0;
  for (const RoleTable& role : system.roles) most = std::max(most, lanes_of(role));
  return most;
}

/// A signals object has a pipe, whose other end may be a life late to go (os_signals.h).
unsigned long descriptors_of(const IoTable& io) { return io.kind == IoKind::kSignals ? 3 : 1; }

bool check_descriptors(const SystemTable& system, const Placement& placement) {
  unsigned long wanted = kOwnDescriptors + kShardDescriptors * placement.shards();
  for (std::size_t number = 0; number < system.roles.size(); ++number) {
    const unsigned long shards = placement.role(static_cast<unsigned>(number)).count;
    for (const TypeTable& type : system.roles[number].types) {
      for (const IoTable& io : type.ios) wanted += shards * type.slots * descriptors_of(io);
    }
  }
  const unsigned long limit = raise_descriptor_limit(wanted);
  if (limit >= wanted) return true;
  refuse(
      "%u shards may hold %lu descriptors and the limit is %lu; raise it with `ulimit -n %lu` or "
      "start fewer shards",
      placement.shards(), wanted, limit, wanted);
  return false;
}

unsigned long long number(std::uint64_t value) { return value; }

/// Refuses what the kernel would answer with a kill: with `prefault`, more memory than the process
/// may fill; and what it would refuse half-way: more than the process may map.
bool check_memory(const SystemTable& system, const Placement& placement, bool prefault) {
  std::uint64_t bytes = 0;
  std::uint64_t data = stack_space();  // of the log thread
  std::uint64_t address = data;
  for (std::size_t i = 0; i < system.roles.size(); ++i) {
    const std::uint64_t shards = placement.role(static_cast<unsigned>(i)).count;
    const std::size_t arena = arena_size(system.roles[i]);
    bytes += shards * arena;
    data += shards * (arena + stack_space());
    address += shards * (mapped_size(arena) + stack_space());
  }
  const SpaceLeft left = space_left();
  const unsigned shards = placement.shards();
  if (address > left.address || data > left.data) {
    const bool all = address > left.address;
    refuse(
        "%u shards want %llu bytes of %s with their stacks, and the limit leaves %llu; raise it "
        "(`ulimit %s`), start fewer shards or lower the spec's budgets",
        shards, number(all ? address : data), all ? "address space" : "memory",
        number(all ? left.address : left.data), all ? "-v" : "-d");
    return false;
  }
  if (!prefault) return true;
  const MemoryLimits limits = memory_limits("");
  if (bytes <= limits.group && bytes <= limits.available) return true;
  const bool group = bytes > limits.group;
  refuse(
      "%u shards want %llu bytes of memory, and %s %llu; start fewer shards, lower the spec's "
      "budgets, or run with --prefault=false",
      shards, number(bytes), group ? "the limit of the control group is" : "this machine has left",
      number(group ? limits.group : limits.available));
  return false;
}

/// What is beyond `net.core.somaxconn` the kernel cuts without a word.
void look_at_backlogs(const SystemTable& system, BootPlan& plan) {
  for (const RoleTable& role : system.roles) {
    for (const TypeTable& type : role.types) {
      for (const IoTable& io : type.ios) {
        const bool listens = io.kind == IoKind::kTcpListener || io.kind == IoKind::kUnixListener;
        if (listens && type.slots > 0)
          plan.backlog_wanted = std::max(plan.backlog_wanted, io.backlog);
      }
    }
  }
  plan.backlog_given = plan.backlog_wanted;
  std::uint32_t most = 0;
  if (std::ifstream("/proc/sys/net/core/somaxconn") >> most && most < plan.backlog_wanted) {
    plan.backlog_given = most;
  }
}

const char* listen_advice(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program listens there: stop it or choose another";
    case EACCES:
      return "ports below 1024 and directories of others need privileges: choose another";
    case ENOBUFS:
      return "net.core.wmem_max or rmem_max is less than the buffers that the spec wants: raise "
             "it, or ask for less";
    case EADDRNOTAVAIL:
      return "no interface of this machine has the address: choose another";
    case ENOENT:
      return "its directory does not exist: make it, or choose another";
    case ENAMETOOLONG:
      return "paths of sockets have at most 107 bytes: choose a shorter one";
    default:
      return "choose another";
  }
}

/// Opens a socket to see whether it can be done. One whose program was killed listens for a moment
/// longer than that lives: the kernel ends its ring's operations after the process.
std::int32_t try_to_listen(const OpenRequest& request) {
  constexpr int kTries = 50;
  constexpr int kBetweenMs = 10;
  std::int32_t descriptor = -EADDRINUSE;
  for (int i = 0; descriptor == -EADDRINUSE && i < kTries; ++i) {
    if (i > 0) rest_ms(kBetweenMs);
    descriptor = open_socket(request, SocketMode::kWaits);
  }
  return descriptor;
}

/// Whether nobody listens there yet. Shards share it later, so their own bind would not tell.
bool check_listener(const char* path, const OpenRequest& request) {
  const std::int32_t descriptor = try_to_listen(request);
  if (descriptor >= 0) {
    if (request.file != nullptr) remove_file(descriptor, *request.file);
    ::close(descriptor);
    return true;
  }
  const int error = -descriptor;
  if (request.unix_address != nullptr) {
    const std::string_view at = request.unix_address->text();
    refuse("`%s` cannot listen at `%.*s`: %s; %s", path, static_cast<int>(at.size()), at.data(),
           std::strerror(error), listen_advice(error));
    return false;
  }
  refuse("`%s` cannot listen on port %u: %s; %s", path, unsigned{request.address.port},
         std::strerror(error), listen_advice(error));
  return false;
}

bool check_listener(const char* path, IoTable io, const std::byte* init) {
  io.reuse_port = false;
  if (io.source == IoSource::kUnixAddress) {
    BoundFile file{};
    const std::byte* const at = init + io.source_offset;
    return check_listener(path, {.io = io,
                                 .address = {},
                                 .unix_address = reinterpret_cast<const net::UnixAddress*>(at),
                                 .file = &file});
  }
  const net::Address address = address_in(io, init);
  return address.port == 0 || check_listener(path, {.io = io, .address = address});
}

/// The ports of a static child `* N` as it is on the first shard.
bool check_child_ports(const std::string& path, const ChildTable& child, const TypeTable& type,
                       ChildFacts facts) {
  alignas(16) std::array<std::byte, 4096> arguments;
  if (type.init_size > arguments.size()) return true;
  for (const IoTable& io : type.ios) {
    if (io.source != IoSource::kPort && io.source != IoSource::kAddress &&
        io.source != IoSource::kUnixAddress) {
      continue;
    }
    for (facts.child = 0; facts.child < child.max; ++facts.child) {
      arguments.fill(std::byte{0});
      child.make_init(facts, arguments.data());
      if (!check_listener((path + "." + io.name).c_str(), io, arguments.data())) return false;
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
  plan.usable = static_cast<unsigned>(usable_processors().size());
  if (!choose_shards(system, options, plan) || !choose_processors(system, plan)) return false;
  const unsigned rings = plan.placement.shards();
  if (!choose_backend(options.backend, rings, most_lanes(system), plan.backend)) return false;
  if (!check_descriptors(system, plan.placement)) return false;
  if (!check_memory(system, plan.placement, options.prefault)) return false;
  for (std::size_t number = 0; number < system.roles.size(); ++number) {
    const RoleShards& shards = plan.placement.role(static_cast<unsigned>(number));
    if (!check_ports(system.roles[number], config, shards.count)) return false;
  }
  look_at_backlogs(system, plan);
  return true;
}

}  // namespace tina::internal
