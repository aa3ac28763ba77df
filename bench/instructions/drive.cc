// SPDX-License-Identifier: Apache-2.0
// A benchmark program without threads, clock and kernel: the generated code and the runtime of
// bench_NAME, linked with this `run_main` in place of the production one. All shards take turns on
// the one thread and time goes on by a fixed step per pass, so the number of instructions is the
// same in every run. Why: valgrind 3.19 stands still when a shard sleeps in io_uring_enter, and
// passes that spin count differently each time.
//
// Under `callgrind --toggle-collect=counted_pass` only the passes count. Arguments are the flags of
// bench_NAME, such as --messages. Ends when the program has reported its result.
#include <absl/flags/parse.h>
#include <signal.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "src/os_memory.h"
#include "src/shard.h"
#include "src/trap.h"
#include "tina/main.h"

namespace tina::internal {
namespace {

// About what a full pass takes, so that the wheel turns as often as in production.
constexpr std::uint64_t kPassNs = 50'000;
constexpr std::uint64_t kBootNs = 1'000'000'000;

volatile sig_atomic_t reported = 0;

/// Time that we move, and a backend for programs without I/O.
class StillPlatform {
 public:
  std::uint64_t now = kBootNs;

  static const BackendCalls& calls() {
    static constexpr BackendCalls kCalls = {
        [](void*, const Operation&) { refuse_io(); },
        [](void*, Token) { refuse_io(); },
        [](void*, std::int32_t) { refuse_io(); },
        [](void*, std::int32_t) { refuse_io(); },
        [](void*, const ListenRequest&) { return std::int32_t{-1}; },
        [](void*, std::int32_t) { return net::Address{}; },
        [](void*) { return std::int32_t{-1}; },
    };
    return kCalls;
  }
  std::uint64_t now_ns() const { return now; }
  template <class Completed>
  std::uint32_t collect(std::uint32_t, Completed&&) {
    return 0;
  }
  void submit() {}

 private:
  static void refuse_io() {
    std::fputs("instructions: this program does I/O, which is not counted here\n", stderr);
    std::_Exit(1);
  }
};

}  // namespace

/// What counts: one pass of one shard, and showing others what it has sent.
extern "C" [[gnu::noinline]] std::uint32_t counted_pass(Shard& shard, StillPlatform& platform) {
  const std::uint32_t work = pass(shard.parts, platform);
  publish_outbound(shard.parts, shard.peers, [](void*, unsigned) {}, nullptr);
  return work;
}

namespace {

/// All shards of a system on this thread.
class Shards {
 public:
  Shards(const SystemTable& system, const void* config)
      : placement_(system, Placement::least(system)), stack_(alternate_stack_size()) {
    for (std::uint16_t i = 0; i < placement_.shards(); ++i) {
      shards_.push_back(std::make_unique<Shard>());
      built_ = built_ && shards_[i]->build(system, config, ShardId{i}, placement_, false);
    }
    if (!built_) return;
    connect(shards_);
    for (const auto& shard : shards_) {
      start(*shard, platform_.now, 0, StillPlatform::calls(), &platform_);
    }
  }
  bool built() const { return built_; }

  /// A pass of each shard; false if none had work.
  bool turn() {
    std::uint32_t work = 0;
    for (const auto& shard : shards_) {
      if (!enter_shard_thread(&shard->parts, stack_.data(), stack_.size())) return false;
      work += counted_pass(*shard, platform_);
      while (shard->parts.log.peek() != nullptr) shard->parts.log.pop();
    }
    platform_.now += kPassNs;
    return work > 0 || skip_to_deadline();
  }
  bool any_ended() const {
    for (const auto& shard : shards_) {
      if (shard->parts.tree.ended()) return true;
    }
    return false;
  }

 private:
  /// As a sleep until the next timer would.
  bool skip_to_deadline() {
    std::uint64_t next = 0;
    for (const auto& shard : shards_) {
      const std::uint64_t deadline = next_deadline_ns(shard->parts);
      if (deadline != 0 && (next == 0 || deadline < next)) next = deadline;
      if (!inbound_empty(shard->parts)) return true;
    }
    if (next > platform_.now) platform_.now = next;
    return next != 0;
  }

  Placement placement_;
  StillPlatform platform_;
  std::vector<std::byte> stack_;
  std::vector<std::unique_ptr<Shard>> shards_;
  bool built_ = true;
};

}  // namespace
}  // namespace tina::internal

namespace tina {

int run_main(const internal::SystemTable& system, const void* (*config)(), SimulateCommand,
             int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  // The report ends with a SIGTERM to the process.
  struct sigaction action = {};
  action.sa_handler = [](int) { internal::reported = 1; };
  if (::sigaction(SIGTERM, &action, nullptr) != 0 || !internal::install_trap_handlers()) return 1;
  internal::Shards shards(system, config());
  if (!shards.built()) {
    std::fputs("instructions: no memory for the shards\n", stderr);
    return 1;
  }
  while (internal::reported == 0) {
    if (!shards.turn() || shards.any_ended()) break;
  }
  if (internal::reported == 0) std::fputs("instructions: it rests without a result\n", stderr);
  return internal::reported == 0 ? 1 : 0;
}

}  // namespace tina
