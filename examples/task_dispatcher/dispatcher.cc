// SPDX-License-Identifier: Apache-2.0
// Handlers of tasks.tina's Dispatcher. That a worker has died it hears as the end of a call, like
// any other answer; that a new one is there, from the new one.
#include "dispatcher.h"

#include <algorithm>
#include <utility>

namespace tasks {

Dispatcher::InitResult Dispatcher::on_init(DispatcherInit&&, Context&) {
  for (std::uint16_t place = 0; place < SESSIONS; ++place) unused.push_back(place);
  return ok();
}

Dispatcher::Effect Dispatcher::on_jobs_count(const Jobs::Count& request,
                                             tina::Token<Jobs::Count>&& token, Context& ctx) {
  const std::uint16_t place = unused.pop_front();  // there are as many as tokens
  jobs[place] = {std::move(token), ++taken, request.below, {}};
  waiting.push_back(place);
  return hand_out(ctx);
}

Dispatcher::Answer<Jobs::Status> Dispatcher::on_jobs_status(const Jobs::Status&, Context&) {
  return reply(Jobs::Status::Result{.taken = taken,
                                    .done = done_jobs,
                                    .crashed = crashed,
                                    .timed_out = timed_out,
                                    .free = count(Seat::kFree),
                                    .busy = count(Seat::kBusy)});
}

Dispatcher::Effect Dispatcher::on_ready(const Ready& ready, Context& ctx) {
  const std::size_t first = ready.place.shard - std::size_t{1};  // shard 0 is this one
  Post& post = posts.at(first * WORKERS + ready.place.index);
  post.who = ready.who;
  // A busy one is free when the end of its call has come, which may be still on its way.
  if (post.seat != Seat::kAway) return receive();
  post.seat = Seat::kFree;
  return hand_out(ctx);
}

Dispatcher::Effect Dispatcher::on_work_run_reply(const tina::Reply<Work::Run>& answer,
                                                 Context& ctx) {
  end(posts[answer.tag], answer.result.primes, Outcome::Done, ctx);
  return hand_out(ctx);
}

Dispatcher::Effect Dispatcher::on_work_run_failed(const tina::Failed<Work::Run>& failure,
                                                  Context& ctx) {
  Post& post = posts[failure.tag];
  switch (failure.reason) {
    case tina::Failure::kCrashed:
    case tina::Failure::kEnded:
      end(post, 0, Outcome::Crashed, ctx);
      break;
    case tina::Failure::kTimeout:
      end(post, 0, Outcome::TimedOut, ctx);
      break;
    default: {  // it has never begun: it waits again
      waiting.push_back(post.job);
      post.seat = Seat::kAway;
      break;
    }
  }
  return hand_out(ctx);
}

/// Every session has ended by now: the workers may go.
Dispatcher::Effect Dispatcher::on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
  for (std::uint16_t shard = 1; shard <= SHARDS; ++shard) {
    // To a shard that does not run it is dead, which is as good.
    static_cast<void>(ctx.send(ctx.child<back::Back::gate>(tina::ShardId{shard}), Closed{}));
  }
  return done();
}

std::uint32_t Dispatcher::count(Seat seat) const {
  return static_cast<std::uint32_t>(std::ranges::count(posts, seat, &Post::seat));
}

/// The first free post behind the last one that had a job; null if there is none.
Dispatcher::Post* Dispatcher::next_free() {
  for (std::size_t tried = 0; tried < kPosts; ++tried) {
    last = (last + 1) % kPosts;
    if (posts[last].seat == Seat::kFree) return &posts[last];
  }
  return nullptr;
}

/// Gives the job that has waited longest to a worker, if there are both.
Dispatcher::Effect Dispatcher::hand_out(Context& ctx) {
  if (waiting.empty()) return receive();
  Post* const free = next_free();
  if (free == nullptr) return receive();
  free->seat = Seat::kBusy;
  free->asked = free->who;
  free->job = waiting.pop_front();
  Job& job = jobs[free->job];
  job.begun = ctx.now();
  return call(work.run(free->who, job.number, job.below).tag(last));
}

/// Answers the job of a post, whose worker is free again if it lives, or if a new one has come.
void Dispatcher::end(Post& post, std::uint32_t primes, Outcome outcome, Context& ctx) {
  Job& job = jobs[post.job];
  Jobs::Count::Result result{.number = job.number,
                             .primes = primes,
                             .took = ctx.now() - job.begun,
                             .worker = place_of(static_cast<std::size_t>(&post - posts.data())),
                             .outcome = outcome};
  static_cast<void>(ctx.answer(std::move(job.token), result));  // unless its client has gone
  done_jobs += outcome == Outcome::Done;
  crashed += outcome == Outcome::Crashed;
  timed_out += outcome == Outcome::TimedOut;
  unused.push_back(post.job);
  const bool there = outcome == Outcome::Done || post.who != post.asked;
  post.seat = there ? Seat::kFree : Seat::kAway;
}

Place Dispatcher::place_of(std::size_t post) {
  return {.shard = static_cast<std::uint16_t>(1 + post / WORKERS),
          .index = static_cast<std::uint16_t>(post % WORKERS)};
}

}  // namespace tasks
