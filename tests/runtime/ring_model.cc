// SPDX-License-Identifier: Apache-2.0
// The memory, the program and the search of ring_model.h. One thread; a search is a plain
// depth-first walk whose depth is bounded by the few messages that are sent.
#include "ring_model.h"

#include <cstddef>
#include <cstring>
#include <utility>

namespace tina::internal::model {
namespace {

bool acquires(Order order) {
  return order == Order::kAcquire || order == Order::kAcqRel || order == Order::kSeqCst;
}
bool releases(Order order) {
  return order == Order::kRelease || order == Order::kAcqRel || order == Order::kSeqCst;
}

constexpr const char* kNames[] = {"reserve", "fill",  "publish", "ask",     "take",
                                  "wake",    "peek",  "read",    "release", "announce",
                                  "recheck", "block", "clear",   "done"};

}  // namespace

// Memory.

/// Tries every write that the load may return: `then` gets a copy of the world and the value.
template <typename Then>
void Explorer::load(const State& state, unsigned thread, unsigned location, Order order,
                    Then then) {
  unsigned oldest = state.threads[thread].view[location];
  if (order == Order::kSeqCst) {
    oldest = std::max<unsigned>(oldest, state.last_seq_cst[location]);
  }
  for (unsigned at = oldest; at < state.writes[location]; ++at) {
    State next = state;
    View& view = next.threads[thread].view;
    view[location] = static_cast<std::uint8_t>(at);
    if (acquires(order)) join(view, next.history[location][at].view);
    then(next, next.history[location][at].value);
  }
}

void Explorer::append(State& state, unsigned thread, unsigned location, std::uint8_t value,
                      Order order) {
  const std::uint8_t at = state.writes[location];
  if (at == kWritesMax) return fail("the model's bound on writes is too small");
  ++state.writes[location];
  View& view = state.threads[thread].view;
  view[location] = at;
  Write& write = state.history[location][at];
  write.value = value;
  write.view = {};
  write.view[location] = at;
  if (releases(order)) write.view = view;
  if (order == Order::kSeqCst) state.last_seq_cst[location] = at;
}

void Explorer::store(State& state, unsigned thread, unsigned location, std::uint8_t value,
                     Order order) {
  append(state, thread, location, value, order);
}

/// A read-modify-write reads the newest write and continues its release sequence.
std::uint8_t Explorer::exchange(State& state, unsigned thread, unsigned location,
                                std::uint8_t value, Order order) {
  const Write before = state.history[location][state.writes[location] - 1];
  if (acquires(order)) join(state.threads[thread].view, before.view);
  append(state, thread, location, value, order);
  join(state.history[location][state.writes[location] - 1].view, before.view);
  return before.value;
}

// The program: each case is one access of src/ring.h or src/sleep_flag.h.

void Explorer::after_asking(State& state, unsigned thread) {
  const bool unpublished = state.locals[thread].written != state.locals[thread].published;
  At next = state.locals[thread].written == bounds_.messages ? At::kDone : At::kReserve;
  if (has(Bug::kAskBeforePublish) && unpublished) next = At::kPublish;
  state.threads[thread].at = next;
  state.threads[thread].batch_left = static_cast<std::uint8_t>(bounds_.batch);
  visit(state);
}

void Explorer::step_sender(const State& state, unsigned thread) {
  State next = state;
  Thread& self = next.threads[thread];
  Local& local = next.locals[thread];
  const At to_show = has(Bug::kAskBeforePublish) ? At::kAsk : At::kPublish;
  switch (self.at) {
    case At::kReserve: {
      if (local.written - local.cached_head < static_cast<int>(kCapacity)) {
        self.at = has(Bug::kPublishBeforeFill) ? At::kPublish : At::kFill;
        return visit(next);
      }
      const Order order = has(Bug::kReserveRelaxed) ? Order::kRelaxed : Order::kAcquire;
      return load(state, thread, head_of(thread), order, [&](State& got, std::uint8_t head) {
        Local& mine = got.locals[thread];
        mine.cached_head = head;
        const bool full = mine.written - head == static_cast<int>(kCapacity);
        if (full && mine.written != mine.published) got.threads[thread].at = to_show;
        const bool same = std::memcmp(&got, &state, sizeof(State)) == 0;
        if (!same) visit(got);  // trying again in vain is no progress
      });
    }
    case At::kFill: {
      const unsigned slot = slot_of(thread, local.written);
      const unsigned mark = read_mark_of(thread, local.written);
      if (self.view[mark] != next.last_access[mark]) return fail("a slot is reused while read");
      self.view[slot] = ++next.last_access[slot];
      ++local.written;
      next.slot_values[(slot - kAtomics) / 2] = local.written;
      const bool more = --self.batch_left > 0 && local.written < bounds_.messages;
      self.at = has(Bug::kPublishBeforeFill) ? At::kAsk : more ? At::kReserve : to_show;
      return visit(next);
    }
    case At::kPublish: {
      const bool early = has(Bug::kPublishBeforeFill);
      local.published = static_cast<std::uint8_t>(local.written + (early ? 1 : 0));
      if (has(Bug::kPublishReleaseStore)) {
        store(next, thread, tail_of(thread), local.published, Order::kRelease);
      } else {
        const Order order = has(Bug::kPublishRelaxed)  ? Order::kRelaxed
                            : has(Bug::kPublishAcqRel) ? Order::kAcqRel
                                                       : Order::kSeqCst;
        exchange(next, thread, tail_of(thread), local.published, order);
      }
      self.at = early ? At::kFill : At::kAsk;
      return has(Bug::kAskBeforePublish) ? after_asking(next, thread) : visit(next);
    }
    case At::kAsk: {
      const Order order = has(Bug::kAskRelaxed) ? Order::kRelaxed : Order::kSeqCst;
      return load(state, thread, kSleeping, order, [&](State& got, std::uint8_t sleeping) {
        if (sleeping == 0) return after_asking(got, thread);
        got.threads[thread].at = has(Bug::kWakeWithoutExchange) ? At::kWake : At::kTake;
        visit(got);
      });
    }
    case At::kTake:
      if (exchange(next, thread, kSleeping, 0, Order::kAcqRel) == 0) {
        return after_asking(next, thread);
      }
      self.at = At::kWake;
      return visit(next);
    case At::kWake:
      ++next.wakes;
      join(next.wake_view, self.view);
      if (++next.wakes_sent > next.sleeps_announced) return fail("two wakes for one sleep");
      return after_asking(next, thread);
    default:
      return;  // done
  }
}

/// The receiver found nothing more in its last ring: it ends, or goes to sleep.
void Explorer::go_to_sleep(State& state) {
  bool all_read = true;
  for (unsigned ring = 0; ring < bounds_.rings; ++ring) {
    all_read = all_read && state.locals[ring].read == bounds_.messages;
  }
  Thread& self = state.threads[kReceiver];
  self.ring = 0;
  self.at = has(Bug::kRecheckBeforeAnnounce) ? At::kRecheck : At::kAnnounce;
  if (all_read) self.at = At::kDone;
  visit(state);
}

void Explorer::step_receiver(const State& state) {
  State next = state;
  Thread& self = next.threads[kReceiver];
  const unsigned ring = self.ring;
  Local& local = next.locals[ring];
  switch (self.at) {
    case At::kPeek: {
      const Order order = has(Bug::kPeekRelaxed) ? Order::kRelaxed : Order::kAcquire;
      return load(state, kReceiver, tail_of(ring), order, [&](State& got, std::uint8_t tail) {
        Thread& me = got.threads[kReceiver];
        got.locals[ring].cached_tail = tail;
        if (tail != got.locals[ring].read) {
          me.at = has(Bug::kReleaseBeforeRead) ? At::kRelease : At::kRead;
          return visit(got);
        }
        if (ring + 1 == bounds_.rings) return go_to_sleep(got);
        ++me.ring;
        visit(got);
      });
    }
    case At::kRead: {
      const unsigned slot = slot_of(ring, local.read);
      const unsigned mark = read_mark_of(ring, local.read);
      if (self.view[slot] != next.last_access[slot]) return fail("a slot is read while filled");
      self.view[mark] = ++next.last_access[mark];
      ++local.read;
      if (next.slot_values[(slot - kAtomics) / 2] != local.read) return fail("wrong message");
      if (local.read != local.cached_tail) return visit(next);
      if (!has(Bug::kReleaseBeforeRead)) {
        self.at = At::kRelease;
        return visit(next);
      }
      break;
    }
    case At::kRelease: {
      const Order order = has(Bug::kReleaseRelaxed) ? Order::kRelaxed : Order::kRelease;
      store(next, kReceiver, head_of(ring), local.cached_tail, order);
      if (has(Bug::kReleaseBeforeRead)) {
        self.at = At::kRead;
        return visit(next);
      }
      break;
    }
    default:
      return step_sleeper(state);
  }
  if (ring + 1 == bounds_.rings) return go_to_sleep(next);  // this ring is drained
  self.at = At::kPeek;
  ++self.ring;
  visit(next);
}

/// The receiver on its way into sleep and out of it.
void Explorer::step_sleeper(const State& state) {
  State next = state;
  Thread& self = next.threads[kReceiver];
  const unsigned ring = self.ring;
  switch (self.at) {
    case At::kAnnounce: {
      const Order order = has(Bug::kAnnounceRelaxed) ? Order::kRelaxed : Order::kSeqCst;
      exchange(next, kReceiver, kSleeping, 1, order);
      ++next.sleeps_announced;
      const bool block = has(Bug::kRecheckOmitted) || has(Bug::kRecheckBeforeAnnounce);
      self.at = block ? At::kBlock : At::kRecheck;
      return visit(next);
    }
    case At::kRecheck: {
      const Order order = has(Bug::kRecheckAcquire) ? Order::kAcquire : Order::kSeqCst;
      return load(state, kReceiver, tail_of(ring), order, [&](State& got, std::uint8_t tail) {
        Thread& me = got.threads[kReceiver];
        const bool last = ring + 1 == bounds_.rings || has(Bug::kRecheckOfOneRingOnly);
        me.ring = static_cast<std::uint8_t>(last ? 0 : ring + 1);
        if (last) me.at = has(Bug::kRecheckBeforeAnnounce) ? At::kAnnounce : At::kBlock;
        if (tail != got.locals[ring].read) {
          me.ring = 0;
          me.at = has(Bug::kRecheckBeforeAnnounce) ? At::kPeek : At::kClear;
        }
        visit(got);
      });
    }
    case At::kBlock:
      if (next.wakes == 0) return;  // asleep
      next.wakes = 0;
      join(self.view, next.wake_view);
      self.at = At::kClear;
      return visit(next);
    case At::kClear:
      exchange(next, kReceiver, kSleeping, 0, Order::kAcqRel);
      self.at = At::kPeek;
      return visit(next);
    default:
      return;  // done
  }
}

// The search.

std::string Explorer::key_of(const State& state) const {
  constexpr auto kFixed = offsetof(State, history);
  std::string key(reinterpret_cast<const char*>(&state), kFixed);
  for (unsigned location = 0; location < kAtomics; ++location) {
    key.append(reinterpret_cast<const char*>(state.history[location].data()),
               state.writes[location] * sizeof(Write));
  }
  return key;
}

void Explorer::fail(std::string violation) {
  moved_ = true;
  if (!verdict_.violation.empty()) return;
  verdict_.violation = std::move(violation);
  for (const std::string& step : path_) verdict_.trace += step + "\n";
}

void Explorer::step(const State& state, unsigned thread) {
  const Thread& self = state.threads[thread];
  const std::string who = thread == kReceiver ? "receiver" : "sender " + std::to_string(thread);
  path_.push_back(who + ": " + kNames[static_cast<unsigned>(self.at)]);
  thread == kReceiver ? step_receiver(state) : step_sender(state, thread);
  path_.pop_back();
}

void Explorer::visit(const State& state) {
  moved_ = true;
  if (!verdict_.violation.empty() || !seen_.insert(key_of(state)).second) return;
  bool any_moved = false;
  bool all_done = true;
  for (unsigned thread = 0; thread < kThreads; ++thread) {
    if (state.threads[thread].at == At::kDone) continue;
    all_done = false;
    moved_ = false;
    step(state, thread);
    any_moved = any_moved || moved_;
  }
  if (!all_done && !any_moved) fail("asleep for ever: a wake-up is lost");
  moved_ = true;
}

Verdict Explorer::run() {
  State state{};
  state.writes.fill(1);  // each atomic starts with a write of 0 that all know
  for (unsigned ring = 0; ring < kRings; ++ring) {
    const bool used = ring < bounds_.rings;
    state.threads[ring].at = used ? At::kReserve : At::kDone;
    state.threads[ring].batch_left = static_cast<std::uint8_t>(bounds_.batch);
  }
  state.threads[kReceiver].at = At::kPeek;
  visit(state);
  verdict_.states = seen_.size();
  return verdict_;
}

}  // namespace tina::internal::model
