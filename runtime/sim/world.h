// SPDX-License-Identifier: Apache-2.0
// One simulated run: the shards of a system, the network, the peers and the faults, driven event by
// event in one thread. The shards are the real ones (src/shard.h) with their real rings,
// supervision and trap boundary; only time and what is behind the backend are simulated. Invariant:
// nothing but the seed and the options decides what happens. Main thread; signals of faults are
// taken while it runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/backend.h"
#include "sim/chooser.h"
#include "sim/clock.h"
#include "sim/files.h"
#include "sim/network.h"
#include "sim/peers.h"
#include "sim/trace.h"
#include "src/shard.h"

namespace tina::sim {

struct WorldOptions {
  Kinds kinds = all_kinds();  ///< those of all objects of the system
  std::uint64_t seed = 0;
  unsigned shards = 0;  ///< 0: what the spec says, and 2 for `auto`
  std::uint32_t crash_dynamic =
      2000;                          ///< one in so many handler calls of a dynamic child; 0: never
  std::uint32_t crash_static = 400;  ///< the same for static children, under the restart limit
  std::uint64_t dispatch_ns = 100;   ///< virtual cost of a handler call
  std::uint64_t pass_ns = 300;       ///< and of a pass
  std::uint64_t alone_ns = 100'000'000;  ///< how long a system without peers runs
  std::uint64_t time_max_ns = 3'600'000'000'000;
  std::uint64_t events_max = 20'000'000;
  NetworkFaults network = {};
  DiskFaults disk = {};
  std::vector<Ratio> crashes =
      {};                     ///< by isolate type; replaces `crash_dynamic` and `crash_static`
  std::uint64_t time_ns = 0;  ///< when the system is stopped, unless its peers are done; 0: then
  bool quiescent = true;      ///< a message under way at the end fails the run
  bool no_leak = true;        ///< so does what is still taken then
  std::span<const internal::PropertyTable> properties = {};
  std::function<void(Peers&)> peers = {};
};

/// What a run came to. `failures` is empty if every property held.
struct Outcome {
  std::vector<std::string> failures;
  std::vector<std::string> log;  ///< its last lines
  NetworkCounts network{};
  DiskCounts disk{};
  std::uint64_t virtual_ns = 0;
  std::uint64_t events = 0, dispatches = 0, delivered = 0, passes = 0, verified = 0, peers = 0;
  std::uint64_t crashes_injected = 0, crashes_own = 0, restarts = 0, shards = 0;
  std::uint64_t trace_size = 0, trace_hash = 0;
  std::vector<bool> held;     ///< by property: held in some pass
  bool clock_closed = false;  ///< a read of the real clock would have faulted
};

class World final : private NetworkUser {
 public:
  World(const internal::SystemTable& system, const void* config, const WorldOptions& options,
        Trace& trace);
  ~World() override;

  /// Runs to the end: the peers are done, the system has drained, the checks are made.
  Outcome run();

 private:
  static constexpr const char* kInjected = "injected crash";
  static constexpr std::uint64_t kWakeNs = 1'000;

  /// What is drawn at each handler call.
  struct CrashDraw {
    Chooser::Entity* drawn;
    Ratio declared;
    bool always;  ///< no chance is declared for the types: who may crash decides
  };

  struct Node {
    World* world = nullptr;
    internal::Shard* shard = nullptr;
    std::unique_ptr<SimPlatform> platform;
    std::vector<CrashDraw> crashes;   ///< by type
    std::uint64_t spread_shard = 0;   ///< of the shard's number, for the trace
    std::uint64_t pass_serial = 0;    ///< of the scheduled pass
    std::uint64_t pass_at_ns = 0;     ///< when it is; 0: none is
    std::uint64_t busy_until_ns = 0;  ///< virtual time that its last pass took
    std::uint64_t restarts_seen = 0;
    bool left = false;  ///< its loop has ended
  };

  void completed(unsigned shard, internal::Token token, std::int32_t value) override;
  std::int32_t read_file(unsigned shard, std::int32_t file, std::uint64_t offset,
                         std::span<std::byte> to) override {
    return files_->read_for_send(shard, file, offset, to);
  }
  std::uint64_t resolver_patience_ns(unsigned shard, internal::Token resolve) override;
  void peer_connected(std::uint32_t peer) override { peers_.connected(peer); }
  void peer_accepted(std::uint32_t peer, std::uint32_t connection) override {
    peers_.accepted(peer, connection);
  }
  void peer_finished(std::uint32_t peer) override { peers_.finished(peer); }
  void peer_bytes(std::uint32_t peer, std::span<const std::byte> bytes) override {
    peers_.bytes(peer, bytes);
  }
  void peer_closed(std::uint32_t peer, Closed how) override { peers_.closed(peer, how); }
  void peer_pipe(std::uint32_t peer, const fs::Path& path,
                 std::span<const std::byte> bytes) override {
    peers_.pipe(peer, path, bytes);
  }
  void peer_unix_datagram(std::uint32_t peer, const net::UnixAddress& from,
                          std::span<const std::byte> bytes) override {
    peers_.datagram(peer, from, bytes);
  }
  void peer_datagram(std::uint32_t peer, std::uint16_t from,
                     std::span<const std::byte> bytes) override {
    peers_.datagram(peer, from, bytes);
  }
  void power_is_back() override;
  [[gnu::cold]] void failed(const std::string& why) override;
  void wrote(bool error, std::span<const std::byte> bytes) override { peers_.wrote(error, bytes); }

  std::unique_ptr<Files> make_files(const WorldOptions& options);
  bool build(const void* config);
  void drive();
  void happen(const Event& event);
  bool within_limits();
  void schedule(Node& node, std::uint64_t at_ns);
  void run_pass(Node& node);
  std::uint32_t pass_once(Node& node);
  void sleep(Node& node);
  void enter(Node& node);
  void read_log(Node& node);
  void keep_log(Node& node, const internal::LogRecord& record);
  void take_crash(Node& node, const internal::LogRecord& record);
  void note_restarts(Node& node);
  void stop();
  void fail_power();
  bool all_left() const;
  void settle();
  void check_end();
  void check_properties();
  void check_leaks();
  void check_rings();
  void check_type(unsigned shard, const internal::TypeBlock& type);
  void sum_up();

  static void on_dispatch(ShardCore& core, void* data);
  bool may_crash(const Node& node, internal::Running running);
  bool static_crash_fits(const Node& node, std::uint32_t child) const;

  const internal::SystemTable& system_;
  WorldOptions options_;
  Trace& trace_;
  Clock clock_;
  ClosedClock real_clock_;
  Chooser chooser_;
  Network network_;
  std::unique_ptr<Files> files_;  ///< null: the system has none
  PeerDriver peers_;
  internal::Placement placement_;
  std::vector<std::unique_ptr<internal::Shard>> shards_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<internal::ShardParts*> parts_;
  std::vector<const ShardCore*> cores_;
  std::vector<std::byte> alternate_stack_;
  const Node* entered_ = nullptr;
  Outcome outcome_;
  bool fatal_ = false;
  bool stopping_ = false;
};

}  // namespace tina::sim
