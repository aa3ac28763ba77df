// SPDX-License-Identifier: Apache-2.0
// What a person, or a program with --json, reads of a simulated run. Main thread.
#include <cinttypes>
#include <cstdio>

#include "sim/simulator.h"

namespace tina::sim {
namespace {

void print_text(const internal::SystemTable& system, const WorldOptions& options,
                const Verdict& verdict) {
  const Outcome& run = verdict.outcome;
  const NetworkCounts& net = run.network;
  std::printf("simulated %s with seed %" PRIu64 ": %" PRIu64 " shards, %" PRIu64 " peers%s\n",
              system.name, options.seed, run.shards, run.peers,
              run.peers == 0 ? " (the program defines no tina_simulated_peers)" : "");
  std::printf("  virtual time   %" PRIu64 ".%06" PRIu64 " s in %" PRIu64 " events\n",
              run.virtual_ns / 1'000'000'000, run.virtual_ns / 1000 % 1'000'000, run.events);
  std::printf("  handlers       %" PRIu64 " calls in %" PRIu64 " passes\n", run.dispatches,
              run.passes);
  std::printf("  connections    %" PRIu64 ", accepted %" PRIu64 ", refused %" PRIu64
              ", broken by the network %" PRIu64 "\n",
              net.connections, net.accepted, net.refused, net.resets);
  std::printf("  bytes          %" PRIu64 " to the system, %" PRIu64 " back, %" PRIu64
              " verified\n",
              net.bytes_to_system, net.bytes_to_peers, run.verified);
  std::printf("  short          %" PRIu64 " reads, %" PRIu64 " writes; %" PRIu64
              " cancels, %" PRIu64 " of them too late; %" PRIu64 " failed accepts, %" PRIu64
              " other injected errors\n",
              net.short_reads, net.short_writes, net.cancels, net.late_cancels, net.accept_errors,
              net.io_errors);
  const DiskCounts& disk = run.disk;
  if (disk.operations > 0) {
    std::printf(
        "  files          %" PRIu64 " opened, %" PRIu64 " bytes read, %" PRIu64 " written, %" PRIu64
        " syncs; %" PRIu64 " injected errors, %" PRIu64 " writes without room\n",
        disk.opens, disk.bytes_read, disk.bytes_written, disk.syncs, disk.io_errors, disk.no_room);
  }
  std::printf("  crashes        %" PRIu64 " injected, %" PRIu64 " of the system's own; %" PRIu64
              " restarts\n",
              run.crashes_injected, run.crashes_own, run.restarts);
  std::printf("  real clock     %s\n",
              run.clock_closed
                  ? "closed: a handler that reads it fails the run"
                  : "cannot be closed on this machine; only a divergence would show it");
  if (verdict.ok())
    std::printf("  runs           2, equal in all %" PRIu64 " trace events\n", run.trace_size);
  std::printf("trace hash: 0x%016" PRIx64 "\n", run.trace_hash);
}

void print_json(const internal::SystemTable& system, const WorldOptions& options,
                const Verdict& verdict) {
  const Outcome& run = verdict.outcome;
  const NetworkCounts& net = run.network;
  const struct {
    const char* name;
    std::uint64_t value;
  } numbers[] = {
      {"seed", options.seed},
      {"shards", run.shards},
      {"peers", run.peers},
      {"virtual_ns", run.virtual_ns},
      {"events", run.events},
      {"dispatches", run.dispatches},
      {"passes", run.passes},
      {"messages_delivered", run.delivered},
      {"connections", net.connections},
      {"accepted", net.accepted},
      {"refused", net.refused},
      {"resets", net.resets},
      {"bytes_to_system", net.bytes_to_system},
      {"bytes_to_peers", net.bytes_to_peers},
      {"bytes_verified", run.verified},
      {"short_reads", net.short_reads},
      {"short_writes", net.short_writes},
      {"cancels", net.cancels},
      {"late_cancels", net.late_cancels},
      {"accept_errors", net.accept_errors},
      {"connects", net.connects},
      {"connect_errors", net.connect_errors},
      {"resolves", net.resolves},
      {"resolve_errors", net.resolve_errors},
      {"datagrams", net.datagrams},
      {"datagrams_lost", net.datagrams_lost},
      {"datagrams_twice", net.datagrams_twice},
      {"io_errors", net.io_errors},
      {"file_operations", run.disk.operations},
      {"file_bytes_read", run.disk.bytes_read},
      {"file_bytes_written", run.disk.bytes_written},
      {"file_errors", run.disk.io_errors + run.disk.no_room},
      {"crashes_injected", run.crashes_injected},
      {"crashes_own", run.crashes_own},
      {"restarts", run.restarts},
      {"trace_events", run.trace_size},
  };
  std::printf("{\"system\": \"%s\", \"ok\": %s, \"runs\": %d, \"clock_closed\": %s", system.name,
              verdict.ok() ? "true" : "false", verdict.repeated ? 2 : 1,
              run.clock_closed ? "true" : "false");
  for (const auto& number : numbers) {
    std::printf(", \"%s\": %" PRIu64, number.name, number.value);
  }
  // A string, because JSON's numbers do not hold 64 bits everywhere.
  std::printf(", \"trace_hash\": \"0x%016" PRIx64 "\"}\n", run.trace_hash);
}

}  // namespace

void print_failures(const Verdict& verdict) {
  for (const std::string& line : verdict.outcome.log) std::fprintf(stderr, "%s\n", line.c_str());
  for (const std::string& failure : verdict.outcome.failures) {
    std::fprintf(stderr, "tina: simulation failed: %s\n", failure.c_str());
  }
  if (!verdict.divergence.empty()) {
    std::fprintf(stderr, "tina: simulation failed: not deterministic: %s\n",
                 verdict.divergence.c_str());
  }
}

void print_report(const internal::SystemTable& system, const WorldOptions& options,
                  const Verdict& verdict, bool json) {
  (json ? print_json : print_text)(system, options, verdict);
  std::fflush(stdout);
  if (verdict.ok()) return;
  print_failures(verdict);
  std::fprintf(stderr, "tina: reproduce with: simulate --seed %" PRIu64 "\n", options.seed);
}

}  // namespace tina::sim
