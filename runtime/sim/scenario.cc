// SPDX-License-Identifier: Apache-2.0
// See scenario.h.
#include "sim/scenario.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace tina::sim {
namespace {

using internal::FaultKind;
using internal::FaultTable;
using internal::Quantifier;
using internal::ScenarioTable;

/// What all seeds of a scenario came to.
struct Sum {
  std::uint64_t seeds = 0, dispatches = 0, crashes = 0, restarts = 0, io_errors = 0, resets = 0;
  std::uint64_t power_losses = 0;
  std::uint64_t virtual_ns = 0;
  std::uint64_t trace_hash = 0;
  std::vector<bool> held;

  void add(const Outcome& run) {
    ++seeds;
    dispatches += run.dispatches;
    crashes += run.crashes_injected;
    restarts += run.restarts;
    io_errors += run.network.io_errors + run.disk.io_errors + run.disk.no_room +
                 run.network.accept_errors + run.network.connect_errors +
                 run.network.resolve_errors;
    resets += run.network.resets;
    power_losses += run.disk.power_losses;
    virtual_ns += run.virtual_ns;
    trace_hash = combine(trace_hash, run.trace_hash);
    for (std::size_t i = 0; i < held.size(); ++i) held[i] = held[i] || run.held[i];
  }
};

/// Faults of the network that a scenario does not name do not happen. Short reads and writes are
/// everyday life of a TCP connection, not faults, so they stay unless it says how many.
void apply(const FaultTable& fault, WorldOptions& world) {
  const Ratio ratio(fault.numerator, fault.denominator);
  switch (fault.kind) {
    case FaultKind::kIoError:
      world.network.io_error = ratio;
      world.disk.io_error = ratio;
      break;
    case FaultKind::kIoDelay:
      world.network.delay_low_ns = static_cast<std::uint64_t>(fault.low_ns);
      world.network.delay_high_ns = static_cast<std::uint64_t>(fault.high_ns);
      world.network.names.delay_low_ns = world.network.delay_low_ns;
      world.network.names.delay_high_ns = world.network.delay_high_ns;
      world.disk.delay_low_ns = world.network.delay_low_ns;
      world.disk.delay_high_ns = world.network.delay_high_ns;
      break;
    case FaultKind::kAcceptError:
      world.network.accept_error = ratio;
      break;
    case FaultKind::kConnectError:
      world.network.connect_error = ratio;
      break;
    case FaultKind::kResolveError:
      world.network.names.error = ratio;
      break;
    case FaultKind::kResolveChange:
      world.network.names.change = ratio;
      break;
    case FaultKind::kDatagramLoss:
      world.network.datagram_loss = ratio;
      break;
    case FaultKind::kDatagramTwice:
      world.network.datagram_twice = ratio;
      break;
    case FaultKind::kDatagramLate:
      world.network.datagram_late = ratio;
      break;
    case FaultKind::kDiskFull:
      world.disk.disk_full = ratio;
      break;
    case FaultKind::kPowerLoss:
      world.disk.power_loss = ratio;
      break;
    case FaultKind::kReset:
      world.network.reset = ratio;
      break;
    case FaultKind::kShortRead:
      world.network.short_read = ratio;
      world.disk.short_read = ratio;
      break;
    case FaultKind::kShortWrite:
      world.network.short_write = ratio;
      world.disk.short_write = ratio;
      break;
    case FaultKind::kCrash:
      world.crashes[index(fault.type)] = ratio;
      break;
  }
}

void print_sum(const internal::SystemTable& system, const ScenarioTable& scenario, const Sum& sum,
               bool ok, bool json) {
  if (json) {
    std::printf("{\"system\": \"%s\", \"scenario\": \"", system.name);
    for (const char* c = scenario.name; *c != '\0'; ++c) {
      std::printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    std::printf("\", \"ok\": %s, \"seeds\": %" PRIu64 ", \"dispatches\": %" PRIu64
                ", \"crashes_injected\": %" PRIu64 ", \"restarts\": %" PRIu64
                ", \"errors_injected\": %" PRIu64 ", \"resets\": %" PRIu64
                ", \"power_losses\": %" PRIu64 ", \"virtual_ns\": %" PRIu64
                ", \"trace_hash\": \"0x%016" PRIx64 "\"}\n",
                ok ? "true" : "false", sum.seeds, sum.dispatches, sum.crashes, sum.restarts,
                sum.io_errors, sum.resets, sum.power_losses, sum.virtual_ns, sum.trace_hash);
    return;
  }
  std::printf("scenario \"%s\" of %s: %" PRIu64 " seeds, each run twice\n", scenario.name,
              system.name, sum.seeds);
  std::printf("  virtual time   %" PRIu64 ".%06" PRIu64 " s, %" PRIu64 " handler calls\n",
              sum.virtual_ns / 1'000'000'000, sum.virtual_ns / 1000 % 1'000'000, sum.dispatches);
  std::printf("  injected       %" PRIu64 " crashes, %" PRIu64 " errors, %" PRIu64
              " resets, %" PRIu64 " losses of power; %" PRIu64 " restarts\n",
              sum.crashes, sum.io_errors, sum.resets, sum.power_losses, sum.restarts);
  for (std::size_t i = 0; i < scenario.properties.size(); ++i) {
    std::printf("  property       %s%s\n", scenario.properties[i].name,
                sum.held[i] ? "" : ": never held");
  }
  std::printf("trace hash of all: 0x%016" PRIx64 "\n", sum.trace_hash);
}

/// Properties that only all seeds together can miss.
bool check_sometimes(const ScenarioTable& scenario, const Sum& sum) {
  bool good = true;
  for (std::size_t i = 0; i < scenario.properties.size(); ++i) {
    if (scenario.properties[i].quantifier != Quantifier::kSometimes || sum.held[i]) continue;
    std::fprintf(stderr, "tina: simulation failed: property %s holds in no pass of any seed\n",
                 scenario.properties[i].name);
    good = false;
  }
  return good;
}

}  // namespace

const ScenarioTable* find_scenario(const internal::SystemTable& system, const char* name) {
  for (const ScenarioTable& scenario : system.scenarios) {
    if (std::strcmp(scenario.name, name) == 0) return &scenario;
  }
  return nullptr;
}

std::string why_not(const internal::SystemTable& system, const ScenarioTable& scenario) {
  if (scenario.nodes.size() == 1) return "";
  std::string names;
  for (const internal::NodeTable& node : scenario.nodes) {
    names += (names.empty() ? "" : ", ") + std::string(node.name) + " : " + node.system;
  }
  return std::string("it has several nodes (") + names + ") and this simulator runs one, " +
         system.name + "; write a scenario with one node";
}

WorldOptions options_of(const internal::SystemTable& system, const ScenarioTable& scenario,
                        const Kinds& kinds) {
  WorldOptions world{.kinds = kinds};
  world.network.reset = 0;
  world.network.accept_error = 0;
  world.network.connect_error = 0;
  world.network.names = {.error = 0, .change = 0};
  world.network.datagram_loss = 0;
  world.network.datagram_twice = 0;
  world.network.datagram_late = 0;
  world.crashes.resize(system.roles.front().types.size());
  for (const FaultTable& fault : scenario.faults) apply(fault, world);
  world.time_ns = static_cast<std::uint64_t>(scenario.time_ns);
  world.time_max_ns += world.time_ns;
  world.quiescent = scenario.quiescent;
  world.no_leak = scenario.no_leak;
  world.properties = scenario.properties;
  if (tina_simulated_peers != nullptr) world.peers = tina_simulated_peers;
  return world;
}

int run_scenario(const internal::SystemTable& system, const void* config,
                 const ScenarioTable& scenario, const SimulateOptions& options,
                 const Kinds& kinds) {
  WorldOptions world = options_of(system, scenario, kinds);
  Sum sum;
  sum.held.assign(scenario.properties.size(), false);
  const std::uint64_t last = options.seed.value_or(scenario.last_seed);
  for (world.seed = options.seed.value_or(scenario.first_seed);; ++world.seed) {
    const Verdict verdict = run_twice(system, config, world);
    sum.add(verdict.outcome);
    if (!verdict.ok()) {
      print_sum(system, scenario, sum, false, options.json);
      std::fflush(stdout);
      print_failures(verdict);
      std::fprintf(stderr, "tina: reproduce with: simulate --scenario \"%s\" --seed %" PRIu64 "\n",
                   scenario.name, world.seed);
      return 1;
    }
    if (world.seed == last) break;
  }
  // One seed alone cannot miss what some seed must show.
  const bool good = options.seed.has_value() || check_sometimes(scenario, sum);
  print_sum(system, scenario, sum, good, options.json);
  return good ? 0 : 1;
}

}  // namespace tina::sim
