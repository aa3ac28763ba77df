// SPDX-License-Identifier: Apache-2.0
// See boot.h.
#include "src/boot.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "src/boot_check.h"
#include "src/boot_log.h"
#include "src/boot_page.h"
#include "src/boot_resolver.h"
#include "src/isolate_streams.h"
#include "src/os_clock.h"
#include "src/os_epoll.h"
#include "src/os_memory.h"
#include "src/os_nodes.h"
#include "src/os_signals.h"
#include "src/os_stream.h"
#include "src/os_thread.h"
#include "src/os_uring.h"
#include "src/shard.h"
#include "src/watchdog.h"

namespace tina::internal {

std::atomic<std::atomic<std::uint64_t>*> g_allocation_counter{nullptr};

namespace {

constexpr int kLogFinishMs = 2000;
/// How old the counters are at most that others see of a shard that works.
constexpr std::uint64_t kPublishNs = 1'000'000;
constexpr const char* kThreadAdvice =
    "raise what limits threads or memory here (`ulimit -u`, `ulimit -v`)";

/// Looks at the rings between two at the clock, while spinning: the clock takes as long as ten.
constexpr unsigned kLooksPerClock = 16;

struct Program;

/// One shard with its thread.
struct ShardThread {
  Program* program = nullptr;
  std::unique_ptr<Shard> shard;
  UringPlatform uring;  ///< one of the two is open
  EpollPlatform epoll;
  Returns returns;  ///< from threads that are not shards, if the role has anything for them
  ResolverLanes resolvers;
  Watchdog watchdog;
  std::vector<std::byte> alternate_stack;
  pthread_t thread{};
  int processor = 0;
  int wake_descriptor = -1;
  std::atomic<bool> set_up{false};
  std::atomic<bool> ended{false};
  std::string trouble;  ///< why it cannot serve; read after `set_up` or `ended`
  NodePlace place;      ///< likewise
  std::uint64_t presence_ns = 0;

  bool failed() const { return !trouble.empty(); }
};

struct Program {
  const SystemTable* system = nullptr;
  BootPlan plan;
  bool prefault = true;
  std::vector<std::unique_ptr<ShardThread>> threads;
  std::vector<ShardParts*> parts;
  Resolver resolver;  ///< runs if some isolate has one
  LogReader log;
  CounterPage* page = nullptr;
  int main_wake = -1;      ///< eventfd: a shard is set up or has ended
  std::atomic<int> go{0};  ///< 0 wait, 1 serve, -1 give up
};

void wake_peer(void* program, unsigned peer) {
  wake_thread(static_cast<Program*>(program)->threads[peer]->wake_descriptor);
}

/// Has the shard's memory on the node of its processor, all of it now or page by page later.
bool make_own_memory(ShardThread& self) {
  Shard& shard = *self.shard;
  const std::uint64_t begin_ns = monotonic_ns();
  self.place = place_near(shard.arena, shard.arena_bytes, node_calls());
  if (self.program->prefault && !make_present(shard.arena, shard.arena_bytes)) return false;
  self.presence_ns = monotonic_ns() - begin_ns;
  shard.lay_out();
  return true;
}

Backend backend_of(const ShardThread& self) { return self.program->plan.backend.backend; }

/// Connects a shard with the threads that work for it.
void connect_threads(ShardThread& self) {
  ShardParts& parts = self.shard->parts;
  const std::uint32_t names = resolver_lanes(*parts.role);
  if (names + waiting_lanes(*parts.role) == 0) return;
  self.returns.open(lanes_of(*parts.role), parts.sleep_flag, self.wake_descriptor);
  self.uring.listen_to(self.returns);
  self.epoll.listen_to(self.returns);
  if (names == 0) return;
  self.resolvers.open(*parts.role, self.returns, self.program->resolver);
  self.uring.resolve_by(self.resolvers);
  self.epoll.resolve_by(self.resolvers);
}

[[gnu::cold]] std::int32_t open_backend(ShardThread& self) {
  const RoleTable& role = *self.shard->parts.role;
  connect_threads(self);
  if (backend_of(self) == Backend::kIoUring) {
    const ReadAheads ahead = read_aheads(role);
    const std::int32_t opened =
        self.uring.open(lanes_of(role), self.wake_descriptor, waiting_lanes(role), ahead);
    if (opened == 0) print_read_ahead(self.shard->parts.shard, self.uring.groups(), ahead);
    return opened;
  }
  return self.epoll.open(lane_groups(role), self.wake_descriptor, waiting_lanes(role));
}

/// What only the shard's own thread can do: processor, memory, stack for faults, backend, clock.
/// Returns what went wrong; nothing if all is well.
[[gnu::cold]] std::string set_up(ShardThread& self) {
  ShardParts& parts = self.shard->parts;
  const std::string who = "shard " + std::to_string(index(parts.shard));
  name_thread("tina-" + std::to_string(index(parts.shard)) + " " + parts.role->name);
  if (!pin_to(self.processor)) {
    return who + " cannot be held to processor " + std::to_string(self.processor) + ": " +
           std::strerror(errno);
  }
  if (!make_own_memory(self)) {
    return who + " cannot have its " + std::to_string(self.shard->arena_bytes) +
           " bytes present: " + std::strerror(errno) +
           "; start fewer shards, lower the spec's budgets, or run with --prefault=false";
  }
  if (!enter_shard_thread(&parts, self.alternate_stack.data(), self.alternate_stack.size())) {
    return who + " has no alternate stack: " + std::strerror(errno);
  }
  if (const std::int32_t opened = open_backend(self); opened != 0) {
    return who + " has no " + name(backend_of(self)) + ": " + std::strerror(-opened);
  }
  const HandlerLimits limits{static_cast<std::uint64_t>(parts.role->handler_slow_ns),
                             static_cast<std::uint64_t>(parts.role->handler_limit_ns)};
  const auto notify = [](void* log) { static_cast<LogReader*>(log)->notify(); };
  if (const int error = self.watchdog.start(parts, limits, notify, &self.program->log);
      error != 0) {
    return who + " cannot have a timer to watch its handlers: " + std::strerror(error) +
           "; raise the limit of pending signals here (`ulimit -i`)";
  }
  const std::uint64_t now = monotonic_ns();
  const bool rings = backend_of(self) == Backend::kIoUring;
  start(*self.shard, now, wall_clock_ns() - now,
        rings ? UringPlatform::calls() : EpollPlatform::calls(),
        rings ? static_cast<void*>(&self.uring) : &self.epoll);
  return {};
}

/// Waits for what may come. A tick of the watchdog ends a wait, too; that is nothing to run for.
template <class P>
void sleep(ShardThread& self, P& platform) {
  const ShardParts& shard = self.shard->parts;
  self.watchdog.rest();
  // The order to stop comes with a write to our eventfd, so it needs no look here.
  while (may_sleep(shard)) {
    platform.sleep(next_deadline_ns(shard));
    if (!self.watchdog.interrupted()) break;
  }
  self.watchdog.resume();
}

/// Polls until there is something to run for, a timer is due or `until_ns` has come. Far quicker
/// than to run a pass for each look, so what comes in waits less.
template <class P>
void spin(const ShardParts& shard, P& platform, std::uint64_t until_ns) {
  const std::uint64_t deadline_ns = next_deadline_ns(shard);
  if (deadline_ns != 0) until_ns = std::min(until_ns, deadline_ns);
  do {
    for (unsigned look = 0; look < kLooksPerClock; ++look) {
      if (platform.has_news() || !may_sleep(shard)) return;
    }
  } while (platform.now_ns() < until_ns);
}

/// Runs passes until the tree has ended. Spins for the declared time, then sleeps. Apart from the
/// start of the thread, which is compiled for size.
template <Platform P>
[[gnu::hot, gnu::noinline]] void serve(ShardThread& self, P& platform) {
  Program& program = *self.program;
  ShardParts& shard = self.shard->parts;
  const std::uint64_t spin_ns =
      program.plan.spin ? static_cast<std::uint64_t>(shard.role->spin_ns) : 0;
  std::uint64_t worked_ns = shard.now.ns;
  std::uint64_t published_ns = 0;
  const auto publish = [&self, &shard, &platform] {
    shard.counters.resolves = self.resolvers.started();
    shard.counters.system_calls = platform.system_calls();
    publish_counters(shard);
  };
  self.watchdog.watch();
  while (!shard.tree.ended()) {
    const std::uint32_t work = pass(shard, platform);
    publish_outbound(shard, program.parts, wake_peer, &program);
    if (shard.log.has_news()) program.log.notify();
    if (work > 0) {
      worked_ns = shard.now.ns;
      // All types are counted there, also those of which nothing is ever counted: not in each pass.
      if (shard.now.ns - published_ns >= kPublishNs) {
        publish();
        published_ns = shard.now.ns;
      }
      continue;
    }
    if (shard.now.ns - worked_ns < spin_ns) {
      spin(shard, platform, worked_ns + spin_ns);
      continue;
    }
    ++shard.counters.sleeps;
    publish();
    shard.sleep_flag.announce_sleep();
    sleep(self, platform);
    shard.sleep_flag.clear();
  }
  give_up_streams(shard);
  publish();
}

void* run_shard(void* argument) {
  ShardThread& self = *static_cast<ShardThread*>(argument);
  Program& program = *self.program;
  self.trouble = set_up(self);
  self.set_up.store(true);
  wake_thread(program.main_wake);
  program.go.wait(0);
  if (!self.failed() && program.go.load() > 0) {
    backend_of(self) == Backend::kIoUring ? serve(self, self.uring) : serve(self, self.epoll);
  }
  if (self.shard->parts.reactor.in_flight() == 0) {
    self.uring.stop();
    self.epoll.stop();
  }
  self.watchdog.stop();
  enter_shard_thread(nullptr, nullptr, 0);
  self.ended.store(true);
  wake_thread(program.main_wake);
  return nullptr;
}

bool build(Program& program, const void* config, const RunOptions& options) {
  program.main_wake = ::eventfd(0, EFD_CLOEXEC);
  program.page = make_page(*program.system, options, program.plan.placement);
  if (program.main_wake < 0 || program.page == nullptr) return false;
  std::vector<std::unique_ptr<Shard>> shards;
  const Placement& placement = program.plan.placement;
  for (std::uint16_t i = 0; i < placement.shards(); ++i) {
    shards.push_back(std::make_unique<Shard>());
    if (!shards[i]->map(*program.system, config, ShardId{i}, placement)) {
      refuse(
          "shard %u cannot have its %zu bytes of memory: %s; start fewer shards, lower the spec's "
          "budgets, or raise what limits memory here (`ulimit -v`, `ulimit -d`)",
          unsigned{i}, shards[i]->arena_bytes, std::strerror(errno));
      return false;
    }
    shards[i]->parts.page = program.page;
    program.parts.push_back(&shards[i]->parts);
  }
  for (std::uint16_t i = 0; i < placement.shards(); ++i) {
    auto thread = std::make_unique<ShardThread>();
    thread->program = &program;
    thread->shard = std::move(shards[i]);
    thread->alternate_stack.resize(alternate_stack_size());
    thread->processor = program.plan.processors[i];
    thread->wake_descriptor = ::eventfd(0, EFD_CLOEXEC);
    if (thread->wake_descriptor < 0) {
      refuse("no eventfd for shard %u: %s", unsigned{i}, std::strerror(errno));
      return false;
    }
    program.threads.push_back(std::move(thread));
  }
  return start_resolver(program.resolver, program.parts, options.dns);
}

void wait_for(Program& program, std::atomic<bool> ShardThread::* flag) {
  for (const auto& thread : program.threads) {
    while (!((*thread).*flag).load()) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = ::read(program.main_wake, &count, sizeof count);
    }
  }
}

void order_stop(Program& program) {
  for (const auto& thread : program.threads) {
    // release: pairs with the acquire in pass.
    thread->shard->parts.stop_order.store(true, std::memory_order_release);
    wake_thread(thread->wake_descriptor);
  }
}

bool all_ended(const Program& program) {
  for (const auto& thread : program.threads) {
    if (!thread->ended.load()) return false;
  }
  return true;
}

/// Waits for signals and ended shards.
void supervise(Program& program) {
  bool told = false;
  while (!all_ended(program)) {
    const bool news = wait_readable(program.main_wake);
    if (stop_asked()) {
      told = true;
      order_stop(program);
    }
    const unsigned came = signals_came();
    for (unsigned which = 0; which < kSignals; ++which) {
      if ((came >> which & 1) != 0) deliver_signal(which);
    }
    if (!news) continue;
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(program.main_wake, &count, sizeof count);
    for (const auto& thread : program.threads) {
      if (!thread->ended.load() || told) continue;
      const bool failing = thread->shard->parts.boot_failed || thread->shard->parts.abort_order;
      if (failing) order_stop(program);
    }
  }
}

int exit_status(const Program& program) {
  bool any_served = false;
  for (const auto& thread : program.threads) {
    const ShardParts& parts = thread->shard->parts;
    if (thread->failed() || parts.boot_failed || parts.abort_order) return kExitFailed;
    any_served = any_served || parts.tree.phase() == TreePhase::kStopped;
  }
  return any_served ? kExitOk : kExitFailed;
}

void print_end(const Program& program, int status) {
  std::uint64_t delivered = 0;
  std::uint64_t crashes = 0;
  std::uint64_t restarts = 0;
  for (const ShardParts* shard : program.parts) {
    for (unsigned i = 0; i < shard->type_count; ++i) {
      delivered += shard->types[i].count.delivered + shard->types[i].count.results;
    }
    crashes += shard->counters.crashes;
    restarts += shard->counters.restarts;
  }
  if (const SignalCounts signals = signal_counts(); signals.dropped > 0) {
    std::fprintf(stderr, "level=warning event=signals_dropped told=%llu dropped=%llu\n",
                 static_cast<unsigned long long>(signals.told),
                 static_cast<unsigned long long>(signals.dropped));
  }
  std::fprintf(stderr,
               "level=info event=ended status=%d delivered=%llu crashes=%llu restarts=%llu\n",
               status, static_cast<unsigned long long>(delivered),
               static_cast<unsigned long long>(crashes), static_cast<unsigned long long>(restarts));
}

/// Whether the kernel, or a thread that waits for it, may still write into the memory of a shard:
/// it stays until the process is gone.
bool has_left_operations(const Program& program) {
  for (const ShardParts* shard : program.parts) {
    if (shard->reactor.in_flight() != 0) return true;
  }
  return false;
}

/// Counts what was on its way to a shard that had ended, and what its isolates had left in their
/// mailboxes: whatever was sent is found in some counter. After all threads have ended.
void close_books(const Program& program) {
  for (const auto& thread : program.threads) {
    ShardParts& shard = thread->shard->parts;
    while (drain_inbound(shard) > 0) {
    }
    while (dispatch_ready(shard) > 0) {
    }
  }
  // All have told by now what they shed of the others'.
  for (const auto& thread : program.threads) publish_counters(thread->shard->parts);
}

/// Says why the shards that cannot serve cannot: the first of them speaks for all. True if all can.
bool all_set_up(const Program& program) {
  for (const auto& thread : program.threads) {
    if (!thread->failed()) continue;
    refuse("%s", thread->trouble.c_str());
    return false;
  }
  return true;
}

/// One line on the memory that the shards have.
void print_memory(const Program& program) {
  std::size_t bytes = 0;
  std::size_t huge = 0;
  std::uint64_t longest_ns = 0;
  int error = 0;
  for (const auto& thread : program.threads) {
    bytes += thread->shard->arena_bytes;
    huge += huge_bytes(thread->shard->arena, thread->shard->arena_bytes);
    longest_ns = std::max(longest_ns, thread->presence_ns);
    if (thread->place.error != 0) error = thread->place.error;
  }
  std::fprintf(stderr,
               "level=info event=memory shards=%zu bytes=%zu presence=%s huge_bytes=%zu nodes=%u "
               "us=%llu\n",
               program.threads.size(), bytes, program.prefault ? "prefaulted" : "lazy", huge,
               program.threads.front()->place.nodes,
               static_cast<unsigned long long>(longest_ns / 1000));
  if (error == 0) return;
  std::fprintf(stderr, "level=warning event=node_memory_refused errno=%d\n", error);
}

/// Points the shards at each other once all are laid out, on whichever threads.
void connect_shards(Program& program) {
  std::vector<Shard*> shards;
  for (const auto& thread : program.threads) shards.push_back(thread->shard.get());
  connect(shards);
}

/// Starts the threads, serves, and stops them. Returns the exit status.
int run_threads(Program& program) {
  for (const auto& thread : program.threads) {
    if (const int error = start_thread(thread->thread, run_shard, thread.get()); error != 0) {
      refuse("the thread of shard %u cannot be started: %s; %s", index(thread->shard->parts.shard),
             std::strerror(error), kThreadAdvice);
      std::_Exit(kExitFailed);  // some run already and wait: nothing has been served
    }
  }
  wait_for(program, &ShardThread::set_up);
  const bool failed = !all_set_up(program);
  if (!failed) connect_shards(program);
  if (!failed) print_memory(program);
  if (!failed) print_backend(program.plan.backend);
  if (!failed) g_allocation_counter.store(&program.page->allocations_after_boot);
  program.go.store(failed ? -1 : 1);
  program.go.notify_all();
  if (!failed) supervise(program);
  g_allocation_counter.store(nullptr);
  for (const auto& thread : program.threads) ::pthread_join(thread->thread, nullptr);
  program.resolver.stop();
  if (!failed) close_books(program);
  return exit_status(program);
}

}  // namespace

int run_system(const SystemTable& system, const void* config, const RunOptions& options) {
  auto program = std::make_unique<Program>();
  program->system = &system;
  program->prefault = options.prefault;
  reserve_standard();
  // First of all, so that an early SIGTERM is a drain of what has begun, not a death.
  if (!take_signals(signals_of(system))) {
    refuse("signals cannot be taken here: %s", std::strerror(errno));
    return kExitFailed;
  }
  if (!check_machine(system, config, options, program->plan)) return kExitFailed;
  if (!install_trap_handlers()) {
    refuse("the fault handlers cannot be installed: %s", std::strerror(errno));
    return kExitFailed;
  }
  if (program->plan.shared) {
    std::fprintf(stderr, "level=warning event=processors_shared shards=%u processors=%u\n",
                 program->plan.placement.shards(), program->plan.usable);
  }
  const BootPlan& plan = program->plan;
  if (plan.backlog_given < plan.backlog_wanted) {
    std::fprintf(stderr, "level=warning event=backlog_cut wanted=%u given=%u\n",
                 plan.backlog_wanted, plan.backlog_given);
  }
  if (!build(*program, config, options)) return kExitFailed;
  if (const int error = program->log.start(program->parts); error != 0) {
    refuse("the log thread cannot be started: %s; %s", std::strerror(error), kThreadAdvice);
    return kExitFailed;
  }
  const int status = run_threads(*program);
  if (!program->log.finish(kLogFinishMs))
    std::_Exit(status);  // stderr is blocked: do not wait for it
  print_end(*program, status);
  if (has_left_operations(*program)) std::_Exit(status);
  for (const auto& thread : program->threads) {
    ::close(thread->wake_descriptor);
    thread->shard->destroy();
  }
  forget_signals();
  ::close(program->main_wake);
  return status;
}

}  // namespace tina::internal
