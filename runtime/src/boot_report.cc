// SPDX-License-Identifier: Apache-2.0
// The commands by which a program explains itself: `budget`, `topology`, `counters` (see boot.h).
// They read tables and files only, so they work on any machine, also where the system could not
// run.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "src/boot.h"
#include "src/boot_check.h"
#include "src/observe.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

const char* owner_of(const RoleTable& role, const Region& region) {
  const bool of_type = region.part >= Part::kStates && region.part <= Part::kDeferred;
  return of_type ? role.types[region.type].name : "shard";
}

std::string duration_text(std::int64_t ns) {
  char text[32];
  if (ns % 1'000'000'000 == 0) {
    std::snprintf(text, sizeof text, "%llds", static_cast<long long>(ns / 1'000'000'000));
  } else if (ns % 1'000'000 == 0) {
    std::snprintf(text, sizeof text, "%lldms", static_cast<long long>(ns / 1'000'000));
  } else {
    std::snprintf(text, sizeof text, "%lldns", static_cast<long long>(ns));
  }
  return text;
}

const char* name(Restart restart) {
  constexpr const char* kNames[] = {"permanent", "transient", "temporary"};
  return kNames[static_cast<unsigned>(restart)];
}

const char* name(Strategy strategy) {
  constexpr const char* kNames[] = {"one_for_one", "one_for_all", "rest_for_one"};
  return kNames[static_cast<unsigned>(strategy)];
}

const char* name(OnIntensity reaction) {
  constexpr const char* kNames[] = {"escalate", "quarantine", "abort"};
  return kNames[static_cast<unsigned>(reaction)];
}

void print_child(const RoleTable& role, const ChildTable& child, int indent) {
  const char* type = child.supervisor == kNoSupervisor ? role.types[index(child.type)].name
                                                       : role.supervisors[child.supervisor].name;
  if (child.dynamic) {
    std::printf("%*sdynamic %s, at most %u, %s", indent, "", type, child.max, name(child.restart));
  } else {
    std::printf("%*s%s : %s", indent, "", child.name, type);
    if (child.max > 1) std::printf(" * %u", child.max);
    std::printf(", %s", name(child.restart));
  }
  if (child.shutdown_ns != 0) {
    std::printf(", shutdown %s", duration_text(child.shutdown_ns).c_str());
  } else if (child.supervisor == kNoSupervisor) {
    std::printf(", shutdown brutal");
  }
  std::printf("%s\n", child.significant ? ", significant" : "");
}

/// A supervisor and all below it, further in by two columns each.
void print_supervisor(const RoleTable& role, const SupervisorTable& supervisor, int indent) {
  std::printf("%*ssupervisor %s: %s, %u restarts in %s else %s", indent, "", supervisor.name,
              name(supervisor.strategy), supervisor.restarts,
              duration_text(supervisor.window_ns).c_str(), name(supervisor.on_intensity));
  if (supervisor.backoff_min_ns != 0) {
    std::printf(", backoff %s..%s", duration_text(supervisor.backoff_min_ns).c_str(),
                duration_text(supervisor.backoff_max_ns).c_str());
  }
  if (supervisor.auto_shutdown != AutoShutdown::kNever) {
    std::printf(", auto_shutdown %s",
                supervisor.auto_shutdown == AutoShutdown::kAny ? "any" : "all");
  }
  std::printf("\n");
  for (const ChildTable& child : supervisor.children) {
    print_child(role, child, indent + 2);
    if (child.supervisor != kNoSupervisor) {
      print_supervisor(role, role.supervisors[child.supervisor], indent + 4);
    }
  }
}

void print_type(const TypeTable& type) {
  std::printf("  %-24s %8u %8u %8u B", type.name, type.slots, type.mailbox, type.state_size);
  for (const IoTable& io : type.ios) {
    std::printf("  io %s (%s)", io.name, name(io.kind));
  }
  std::printf("\n");
  if (type.states.size() < 2) return;
  for (const StateTable& state : type.states) {
    int depth = 0;
    for (std::uint8_t at = state.parent; at != kNoState; at = type.states[at].parent) ++depth;
    std::printf("    %*s%s%s", 2 * depth, "", state.final ? "final " : "", state.name);
    if (state.after_ns != 0) std::printf(" after %s", duration_text(state.after_ns).c_str());
    std::printf("\n");
  }
}

/// `3`, `1..3`, `at most 8`: the numbers of a role's shards where they are fixed.
std::string shards_text(const SystemTable& system, const RoleTable& role) {
  const auto is_auto = [](const RoleTable& other) { return other.shards_auto; };
  if (role.shards_auto) return "at most " + std::to_string(role.shards_max);
  if (std::ranges::any_of(system.roles, is_auto))
    return std::to_string(role.shards_max) + " in all";
  if (role.shards_max == 1) return std::to_string(role.first);
  return std::to_string(role.first) + ".." + std::to_string(role.first + role.shards_max - 1);
}

void print_role(const SystemTable& system, const RoleTable& role) {
  std::printf("\nrole %s\n", role.name);
  const std::string core = role.core == kAnyProcessor ? "any" : std::to_string(role.core);
  std::printf(
      "  shards %s, core %s, tick %s, spin %s, %u receive buffers of %u B, memory_fault %s\n",
      shards_text(system, role).c_str(), core.c_str(), duration_text(role.tick_ns).c_str(),
      duration_text(role.spin_ns).c_str(), role.receive_buffers, role.receive_buffer_size,
      role.memory_fault == MemoryFault::kShard ? "shard" : "isolate");
  std::printf("  handler_slow %s, handler_limit %s\n", duration_text(role.handler_slow_ns).c_str(),
              duration_text(role.handler_limit_ns).c_str());
  for (const BlobPoolTable& pool : role.blobs) {
    std::printf("  blobs %u of %u B\n", pool.count, pool.size);
  }
  print_supervisor(role, *role.root, 2);
  std::printf("  %-24s %8s %8s %10s\n", "isolate", "slots", "mailbox", "state");
  for (const TypeTable& type : role.types) {
    if (type.slots != 0) print_type(type);
  }
}

void print_roles(const SystemTable& system) {
  std::printf("  %-16s %-12s %6s %12s %12s\n", "role", "shards", "core", "bytes", "memory <=");
  for (const RoleTable& role : system.roles) {
    const std::string core = role.core == kAnyProcessor ? "any" : std::to_string(role.core);
    std::printf("  %-16s %-12s %6s %12zu %12llu\n", role.name, shards_text(system, role).c_str(),
                core.c_str(), arena_size(role), static_cast<unsigned long long>(role.memory_limit));
  }
  bool any = false;
  for (const RoleTable& role : system.roles) any = any || !role.inbound.empty();
  if (!any) return;
  std::printf("\n  %-34s %12s %16s\n", "channel", "rings", "bytes per ring");
  for (const RoleTable& role : system.roles) {
    for (const InboundTable& inbound : role.inbound) {
      const RoleTable& from = system.roles[inbound.from];
      const unsigned peers = &from == &role ? role.shards_max - 1U : from.shards_max;
      const std::string pair = std::string(from.name) + " -> " + role.name;
      std::printf("  %-34s %12u %16zu\n", pair.c_str(), peers * role.shards_max,
                  ring_size(inbound));
    }
  }
}

/// The rows of all shards, each of one moment.
std::vector<CounterPage::ShardRow> rows_of(const CounterPage& page) {
  std::vector<CounterPage::ShardRow> rows(page.shards);
  for (std::uint32_t i = 0; i < page.shards; ++i) read_row(page, i, rows[i]);
  return rows;
}

void print_counters_text(const CounterPage& page) {
  const std::vector<CounterPage::ShardRow> rows = rows_of(page);
  std::printf("%s: %u shards, process %llu\n", page.system, page.shards,
              static_cast<unsigned long long>(page.process));
  for (std::uint32_t s = 0; s < page.shards; ++s) {
    const auto* values = reinterpret_cast<const std::uint64_t*>(&rows[s].count);
    std::printf("shard %u, role %s\n", s, rows[s].role);
    for (std::size_t i = 0; i < kShardCounterNames.size(); ++i) {
      std::printf("  %-22s %14llu\n", kShardCounterNames[i],
                  static_cast<unsigned long long>(values[i]));
    }
    for (std::uint32_t t = 0; t < page.types; ++t) {
      const CounterPage::TypeRow& row = rows[s].types[t];
      if (row.slots == 0) continue;
      const auto* counts = reinterpret_cast<const std::uint64_t*>(&row.count);
      std::printf("  %s: live %llu, queued %llu", page.type_names[t],
                  static_cast<unsigned long long>(row.live),
                  static_cast<unsigned long long>(row.queued));
      for (std::size_t i = 0; i < kTypeCounterNames.size(); ++i) {
        std::printf(", %s %llu", kTypeCounterNames[i], static_cast<unsigned long long>(counts[i]));
      }
      std::printf("\n");
    }
  }
  if (page.allocations_counted != 0) {
    std::printf("allocations after boot %llu\n",
                static_cast<unsigned long long>(page.allocations_after_boot.load()));
  }
}

void print_counters_json(const CounterPage& page) {
  const std::vector<CounterPage::ShardRow> rows = rows_of(page);
  std::printf("{\"system\":\"%s\",\"process\":%llu,\"allocations_after_boot\":", page.system,
              static_cast<unsigned long long>(page.process));
  if (page.allocations_counted != 0) {
    std::printf("%llu", static_cast<unsigned long long>(page.allocations_after_boot.load()));
  } else {
    std::printf("null");
  }
  std::printf(",\"shards\":[");
  for (std::uint32_t s = 0; s < page.shards; ++s) {
    const auto* values = reinterpret_cast<const std::uint64_t*>(&rows[s].count);
    std::printf("%s{\"role\":\"%s\",", s == 0 ? "" : ",", rows[s].role);
    for (std::size_t i = 0; i < kShardCounterNames.size(); ++i) {
      std::printf("\"%s\":%llu,", kShardCounterNames[i],
                  static_cast<unsigned long long>(values[i]));
    }
    std::printf("\"types\":{");
    const char* separator = "";
    for (std::uint32_t t = 0; t < page.types; ++t) {
      const CounterPage::TypeRow& row = rows[s].types[t];
      if (row.slots == 0) continue;
      const auto* counts = reinterpret_cast<const std::uint64_t*>(&row.count);
      std::printf("%s\"%s\":{\"live\":%llu,\"queued\":%llu", std::exchange(separator, ","),
                  page.type_names[t], static_cast<unsigned long long>(row.live),
                  static_cast<unsigned long long>(row.queued));
      for (std::size_t i = 0; i < kTypeCounterNames.size(); ++i) {
        std::printf(",\"%s\":%llu", kTypeCounterNames[i],
                    static_cast<unsigned long long>(counts[i]));
      }
      std::printf("}");
    }
    std::printf("}}");
  }
  std::printf("]}\n");
}

void print_role_budget_json(const RoleTable& role) {
  std::printf("{\"role\":\"%s\",\"shards_max\":%u,\"regions\":[", role.name,
              unsigned{role.shards_max});
  for_each_region(role, [&role](const Region& region) {
    std::printf("%s{\"owner\":\"%s\",\"part\":\"%s\",\"offset\":%zu,\"bytes\":%zu}",
                region.offset == 0 ? "" : ",", owner_of(role, region), name(region.part),
                region.offset, region.size);
  });
  std::printf("],\"idle\":{");
  const char* separator = "";
  for (const TypeTable& type : role.types) {
    if (type.slots == 0) continue;
    std::printf("%s\"%s\":{", std::exchange(separator, ","), type.name);
    const char* comma = "";
    for_each_idle_part(role, type, [&comma](const char* part, std::size_t bytes) {
      if (bytes != 0) std::printf("%s\"%s\":%zu", std::exchange(comma, ","), part, bytes);
    });
    std::printf("}");
  }
  std::printf("},\"total\":%zu,\"limit\":%llu}", arena_size(role),
              static_cast<unsigned long long>(role.memory_limit));
}

/// What isolates cost that rest, beyond what they declare: a line for each type, part by part.
void print_idle(const RoleTable& role) {
  std::printf("\n  an isolate that rests, beyond what it declares: bytes by part\n");
  for (const TypeTable& type : role.types) {
    if (type.slots == 0) continue;
    std::size_t sum = 0;
    std::printf("  %-24s", type.name);
    for_each_idle_part(role, type, [&sum](const char* part, std::size_t bytes) {
      if (bytes != 0) std::printf(" %s %zu,", part, bytes);
      sum += bytes;
    });
    std::printf(" in all %zu\n", sum);
  }
}

void print_role_budget(const RoleTable& role) {
  const std::size_t total = arena_size(role);
  std::printf("\nrole %s: bytes per shard (at most %u shards)\n\n  %-24s %-16s %12s %12s\n",
              role.name, unsigned{role.shards_max}, "owner", "part", "offset", "bytes");
  for_each_region(role, [&role](const Region& region) {
    std::printf("  %-24s %-16s %12zu %12zu\n", owner_of(role, region), name(region.part),
                region.offset, region.size);
  });
  std::printf("\n  %-54s %12zu\n  %-54s %12llu\n  %-54s %12llu\n", "total with canaries", total,
              "limit (memory <=)", static_cast<unsigned long long>(role.memory_limit), "headroom",
              static_cast<unsigned long long>(role.memory_limit - total));
  print_idle(role);
}

}  // namespace

int print_budget(const SystemTable& system, bool json) {
  if (json) {
    std::printf("{\"system\":\"%s\",\"roles\":[", system.name);
    for (const RoleTable& role : system.roles) {
      std::printf("%s", &role == system.roles.data() ? "" : ",");
      print_role_budget_json(role);
    }
    std::printf("]}\n");
    return kExitOk;
  }
  std::printf("system %s\n", system.name);
  for (const RoleTable& role : system.roles) print_role_budget(role);
  return kExitOk;
}

int print_topology(const SystemTable& system) {
  std::printf("system %s\n", system.name);
  print_roles(system);
  for (const RoleTable& role : system.roles) print_role(system, role);
  return kExitOk;
}

int print_counters(const char* path, bool json) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (file < 0 || ::fstat(file, &status) != 0) {
    refuse("the counter file %s cannot be read: %s; name the file given to `run --counters`", path,
           std::strerror(errno));
    if (file >= 0) ::close(file);
    return kExitFailed;
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const memory = size < sizeof(CounterPage)
                           ? MAP_FAILED
                           : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  const auto* page = static_cast<const CounterPage*>(memory);
  if (memory == MAP_FAILED || page->magic != CounterPage::kMagic ||
      CounterPage::size(page->shards) > size || page->types > kTypesMax) {
    refuse("%s is not a counter file of this program: name the file given to `run --counters`",
           path);
    return kExitFailed;
  }
  json ? print_counters_json(*page) : print_counters_text(*page);
  ::munmap(memory, size);
  return kExitOk;
}

}  // namespace tina::internal
