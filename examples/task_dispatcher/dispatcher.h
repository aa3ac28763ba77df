// SPDX-License-Identifier: Apache-2.0
// Hands jobs to workers. Invariants: whenever a handler has returned, no job waits while a worker
// is free; taken = done + crashed + timed out + waiting + running. Knows workers by their places,
// and never how or when a new one gets there: that is its supervisor's affair. Front shard's
// thread.
#pragma once

#include <array>

#include "tasks.tina.h"
#include "tina/ring_buffer.h"

namespace tasks {

struct Dispatcher : DispatcherBase {
  InitResult on_init(DispatcherInit&&, Context&);
  Effect on_jobs_count(const Jobs::Count&, tina::Token<Jobs::Count>&&, Context&);
  Answer<Jobs::Status> on_jobs_status(const Jobs::Status&, Context&);
  Effect on_ready(const Ready&, Context&);
  Effect on_work_run_reply(const tina::Reply<Work::Run>&, Context&);
  Effect on_work_run_failed(const tina::Failed<Work::Run>&, Context&);
  Effect on_sys_shutdown(const sys::Shutdown&, Context&);

  /// A job that is under way.
  struct Job {
    tina::Token<Jobs::Count> token;
    std::uint64_t number = 0;
    std::uint32_t below = 0;
    tina::Instant begun;
  };
  /// A place for a worker. `kAway`: nobody is there, as far as is known.
  enum class Seat : std::uint8_t { kAway, kFree, kBusy };
  struct Post {
    tina::Ref<Worker> who;
    tina::Ref<Worker> asked;  ///< who has the job, if it is busy
    std::uint16_t job = 0;
    Seat seat = Seat::kAway;
  };
  static constexpr std::size_t kPosts = std::size_t{WORKERS} * SHARDS;
  using Places = tina::RingBuffer<std::uint16_t, SESSIONS>;

  std::uint64_t taken = 0;
  std::uint64_t done_jobs = 0;
  std::uint64_t crashed = 0;
  std::uint64_t timed_out = 0;
  std::array<Post, kPosts> posts{};
  std::size_t last = 0;  ///< the post that has got the last job
  std::array<Job, SESSIONS> jobs{};
  Places unused;   ///< places in `jobs` without a job
  Places waiting;  ///< those whose job waits for a worker, the oldest first

  /// How many posts are in this state.
  std::uint32_t count(Seat seat) const;

 private:
  Post* next_free();
  Effect hand_out(Context& ctx);
  void end(Post& post, std::uint32_t primes, Outcome outcome, Context& ctx);
  static Place place_of(std::size_t post);
};

}  // namespace tasks
