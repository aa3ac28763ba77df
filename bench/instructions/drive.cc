// SPDX-License-Identifier: Apache-2.0
// A benchmark program without threads, clock and kernel: the generated code and the runtime of
// bench_NAME, linked with this `run_main` in place of the production one. All shards take turns on
// the one thread and time goes on by a fixed step per pass, so the number of instructions is the
// same in every run. Why: valgrind 3.19 stands still when a shard sleeps in io_uring_enter, and
// passes that spin count differently each time.
//
// A program with the setting `processor_time` may ask for that instead: time goes on while this
// thread has a processor, and stands still while another one does, so a busy machine changes
// nothing.
//
// Under `callgrind --toggle-collect=counted_pass` only the passes count. Arguments are the flags of
// bench_NAME, such as --messages. Ends when the program has reported its result, and prints what
// all passes took on the processor. With --pass_times it also writes what each of them took: runs
// are the same pass for pass, so the least of several is what a pass costs, whatever else the
// machine did meanwhile.
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/reflection.h>
#include <signal.h>
#include <time.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "src/os_memory.h"
#include "src/shard.h"
#include "src/trap.h"
#include "tina/main.h"

ABSL_FLAG(std::string, pass_times, "",
          "a file for two u64 of each pass: its time since the start, and what it took on the "
          "processor, ns");

ABSL_FLAG(std::uint64_t, echoes, 0,
          "connections send a request, and the next one when they have its answer; ends after so "
          "many answers");
ABSL_FLAG(std::uint64_t, clients, 0, "with --echoes: connections that come");

namespace tina::internal {
namespace {

// About what a full pass takes, so that the wheel turns as often as in production.
constexpr std::uint64_t kPassNs = 50'000;
constexpr std::uint64_t kBootNs = 1'000'000'000;

volatile sig_atomic_t reported = 0;

std::uint64_t processor_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

/// Time that we move, and a backend without a kernel: everybody who accepts gets a connection in
/// the next pass, nobody ever sends anything unless there are `echoes`, and what is cancelled ends.
class StillPlatform {
 public:
  std::uint64_t now = kBootNs;
  std::uint64_t echoes = 0, clients = 0;  ///< still to come

  StillPlatform() { completions_.reserve(kCompletionsPerPass); }

  static const BackendCalls& calls() {
    static constexpr BackendCalls kCalls = {
        [](void* self, const Operation& started) { of(self).start(started); },
        [](void* self, Token token) { of(self).complete(token, -ECANCELED); },
        [](void*, std::int32_t) {},
        [](void* self, std::int32_t) { --of(self).open_; },
        [](void* self, const OpenRequest& request) {
          const bool listens = request.io.kind == IoKind::kTcpListener;
          return listens ? of(self).open() : std::int32_t{-EMFILE};
        },
    };
    return kCalls;
  }
  bool processor_time = false;
  std::uint64_t now_ns() const { return processor_time ? kBootNs + processor_ns() : now; }
  template <class Completed>
  std::uint32_t collect(std::uint32_t, Completed&& completed) {
    const auto arrived = static_cast<std::uint32_t>(completions_.size());
    if (arrived == 0) return 0;
    for (std::uint32_t i = 0; i < arrived; ++i) {
      completed(completions_[i].token, completions_[i].value);
    }
    completions_.erase(completions_.begin(), completions_.begin() + arrived);
    return arrived;
  }
  void submit() {}
  std::int32_t open_descriptors() const { return open_; }

 private:
  struct Completion {
    Token token;
    std::int32_t value;
  };

  static StillPlatform& of(void* self) { return *static_cast<StillPlatform*>(self); }
  /// Numbers are not used again: nothing here is as large as the greatest of them.
  std::int32_t open() {
    ++open_;
    return ++last_descriptor_;
  }
  void start(const Operation& started) {
    if (echoes > 0) return echo(started);
    if (started.op == OpCode::kAccept) return complete(started.token, open());
    if (started.op == OpCode::kReceive || started.op == OpCode::kAwait) return;
    std::fputs("instructions: this program does I/O that is not counted here\n", stderr);
    std::_Exit(1);
  }
  /// Each client's request is there as soon as somebody asks for it.
  void echo(const Operation& started) {
    constexpr std::int32_t kRequest = 64;
    if (started.op == OpCode::kAccept) {
      if (clients == 0) return;
      --clients;
      return complete(started.token, open());
    }
    const bool sends = started.op == OpCode::kSend;
    if (sends && --echoes == 0) reported = 1;
    complete(started.token, sends ? static_cast<std::int32_t>(started.size) : kRequest);
  }
  void complete(Token token, std::int32_t value) { completions_.push_back({token, value}); }

  std::vector<Completion> completions_;
  std::int32_t last_descriptor_ = 2;
  std::int32_t open_ = 0;
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
  Shards(const SystemTable& system, const void* config, bool processor_time)
      : placement_(system, Placement::least(system)), stack_(alternate_stack_size()) {
    platform_.processor_time = processor_time;
    platform_.echoes = absl::GetFlag(FLAGS_echoes);
    platform_.clients = absl::GetFlag(FLAGS_clients);
    for (std::uint16_t i = 0; i < placement_.shards(); ++i) {
      shards_.push_back(std::make_unique<Shard>());
      built_ = built_ && shards_[i]->build(system, config, ShardId{i}, placement_, false);
    }
    if (!built_) return;
    connect(shards_);
    for (const auto& shard : shards_) {
      start(*shard, platform_.now_ns(), 0, StillPlatform::calls(), &platform_);
    }
  }
  bool built() const { return built_; }

  /// A pass of each shard; false if none had work.
  bool turn() {
    std::uint32_t work = 0;
    for (const auto& shard : shards_) {
      if (!enter_shard_thread(&shard->parts, stack_.data(), stack_.size())) return false;
      const std::uint64_t begin_ns = timed_ ? processor_ns() : 0;
      work += counted_pass(*shard, platform_);
      if (timed_) times_.push_back({platform_.now - kBootNs, processor_ns() - begin_ns});
      while (shard->parts.log.peek() != nullptr) shard->parts.log.pop();
    }
    platform_.now += kPassNs;
    return work > 0 || platform_.processor_time || skip_to_deadline();
  }
  void time_passes() {
    timed_ = true;
    times_.reserve(std::size_t{1} << 20);
  }
  /// False: the file is not whole.
  bool write_times(const std::string& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return false;
    const bool whole =
        std::fwrite(times_.data(), sizeof(PassTime), times_.size(), file) == times_.size();
    return std::fclose(file) == 0 && whole;
  }
  std::int32_t open_descriptors() const { return platform_.open_descriptors(); }
  bool any_ended() const {
    for (const auto& shard : shards_) {
      if (shard->parts.tree.ended()) return true;
    }
    return false;
  }

 private:
  struct PassTime {
    std::uint64_t at_ns;
    std::uint64_t took_ns;
  };

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
  std::vector<PassTime> times_;
  bool timed_ = false;
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
  const absl::CommandLineFlag* const time = absl::FindCommandLineFlag("processor_time");
  const bool processor_time = time != nullptr && time->CurrentValue() == "true";
  internal::Shards shards(system, config(), processor_time);
  if (!shards.built()) {
    std::fputs("instructions: no memory for the shards\n", stderr);
    return 1;
  }
  const std::string times = absl::GetFlag(FLAGS_pass_times);
  if (!times.empty()) shards.time_passes();
  const std::uint64_t begin_ns = internal::processor_ns();
  while (internal::reported == 0) {
    if (!shards.turn() || shards.any_ended()) break;
  }
  std::fprintf(stderr, "{\"processor_ns\": %llu, \"open_descriptors\": %d}\n",
               static_cast<unsigned long long>(internal::processor_ns() - begin_ns),
               shards.open_descriptors());
  if (!times.empty() && !shards.write_times(times)) {
    std::perror("instructions: the passes' times cannot be written");
    return 1;
  }
  if (internal::reported == 0) std::fputs("instructions: it rests without a result\n", stderr);
  return internal::reported == 0 ? 1 : 0;
}

}  // namespace tina
