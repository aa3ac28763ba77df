// SPDX-License-Identifier: Apache-2.0
// The thread that resolves names for all shards of a process: resolving reads files and keeps
// timers and sockets of its own, so no shard does it. Started only if some isolate has a resolver.
// Invariants: the queue of requests has room for all that its lanes can ask, so nobody waits;
// names beyond kSeats wait in the order in which they came; every query comes back exactly once;
// no user code runs here. It is the one thread that allocates after boot, through c-ares.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>
#include <string>

#include "src/many_to_one.h"
#include "src/os_ares.h"
#include "src/sleep_flag.h"

namespace tina::internal {

class Resolver {
 public:
  /// Names that are asked at the same time.
  static constexpr std::uint32_t kSeats = 128;

  struct Request {
    Query* query = nullptr;
    bool give_up = false;
  };

  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver() { stop(); }

  /// Starts the thread, for so many lanes. `servers`: whom to ask instead of those that the machine
  /// is configured with; empty: those. Returns what is wrong; nothing if all is well. Main thread.
  std::string start(std::uint32_t lanes, const std::string& servers);
  /// Ends it, with whatever it still has to do. After the last `ask`. Main thread.
  void stop();

  /// Hands over a query, or gives one up. A shard's thread; wait-free but for the wake.
  void ask(const Request& request);
  /// Names that nobody could be asked about yet, since all seats were taken. Any thread.
  std::uint64_t waited() const { return waited_.load(std::memory_order_relaxed); }

 private:
  static void* run(void* self);
  void loop();
  void take(const Request& request);
  void begin_waiting();
  void finish(AresSeat& seat);
  void end(Query& query, std::int32_t value);
  void append(Query& query);
  void unlink(Query& query);
  void wait();
  void look_at_clocks();

  ManyToOne<Request> requests_;
  SleepFlag sleeper_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> waited_{0};
  std::string servers_;
  std::unique_ptr<AresSeat[]> seats_;
  std::uint32_t busy_ = 0;
  Query* first_ = nullptr;  ///< that wait for a seat
  Query* last_ = nullptr;
  int epoll_ = -1;
  int wake_ = -1;
  pthread_t thread_{};
  bool running_ = false;
};

}  // namespace tina::internal
