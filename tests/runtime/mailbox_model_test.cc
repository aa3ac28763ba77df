// SPDX-License-Identifier: Apache-2.0
// The goal: queue, deferred lists, ready ring and slots of a type do what a simple model says, over
// random histories: any number of calls at a time, sends, deferrals, ends, crashes and new isolates
// in used slots. Each isolate handles what it gets in the order that the language promises, a
// mailbox has exactly its places, and slots are used again first in, first out.
#include <deque>
#include <map>

#include "shard_fixture.h"
#include "src/mailbox.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kWaiter;
using probe::contract::kWorker;

constexpr std::uint64_t kValues = 1'000'000;  ///< messages of one isolate

struct Arrival {
  enum Kind : std::uint8_t { kOrder, kNote, kPoke } kind;
  Act act;
  std::uint64_t value;
};

/// What a Waiter makes of its messages, one after the other: the reference.
struct ModelWaiter {
  enum State : std::uint8_t { kClosed, kOpen, kShut, kHalf, kGone } state = kClosed;
  std::deque<Arrival> deferred;
  std::vector<std::uint64_t> handled;  ///< what its handlers see
  std::uint32_t done = 0;              ///< messages that are no more in its mailbox

  void take(const Arrival& arrival) {
    if (state == kGone) return;
    if (defers(arrival)) {
      deferred.push_back(arrival);
      return;
    }
    handle(arrival);
    for (bool more = true; more && state != kGone;) {  // each change lets some of them back in
      more = false;
      for (auto at = deferred.begin(); at != deferred.end(); ++at) {
        if (defers(*at)) continue;
        const Arrival next = *at;
        deferred.erase(at);
        handle(next);
        more = true;
        break;
      }
    }
  }

  /// What it does not defer, and goes on with.
  Arrival::Kind wants() const {
    if (state == kClosed) return Arrival::kNote;
    return state == kOpen ? Arrival::kOrder : Arrival::kPoke;
  }

 private:
  bool defers(const Arrival& arrival) const {
    switch (state) {
      case kClosed:
        return arrival.kind == Arrival::kOrder;
      case kOpen:
        return arrival.kind == Arrival::kNote;
      case kShut:
        return arrival.kind != Arrival::kPoke;
      default:
        return state == kHalf && arrival.kind == Arrival::kOrder;
    }
  }
  void handle(const Arrival& arrival) {
    ++done;
    const bool seen =
        arrival.kind == Arrival::kOrder || (arrival.kind == Arrival::kNote && state == kClosed);
    if (seen) handled.push_back(arrival.value);
    if (arrival.kind == Arrival::kNote && state == kClosed) {
      state = kOpen;
    } else if (arrival.kind == Arrival::kPoke && state != kClosed) {
      state = state == kOpen ? kShut : (state == kShut ? kHalf : kOpen);
    } else if (arrival.kind == Arrival::kOrder && arrival.act != Act::NOTHING) {
      state = arrival.act == Act::WAIT ? kClosed : kGone;
    }
  }
};

class MailboxModel : public ProbeShard {
 protected:
  struct Isolate {
    tina::Ref<probe::Waiter> ref;
    ModelWaiter model;
    std::uint64_t number = 0;
    std::uint64_t sent = 0;
  };

  std::uint64_t draw(std::uint64_t below) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return (random_ >> 33) % below;
  }
  /// Makes an isolate in a free slot, if there is one; drains the shard on the way.
  void spawn() {
    const tina::Ref<probe::Waiter> before = probe::last_waiter;
    queued(order_keeper(Act::WAIT, 1));
    run();
    if (probe::last_waiter == before) return;
    isolates_.push_back({probe::last_waiter, {}, ++numbers_, 0});
  }
  void send_one(Isolate& isolate) {
    const std::uint64_t pick = draw(40);
    const Act act = pick == 0   ? Act::END
                    : pick == 1 ? Act::CRASH
                    : pick < 12 ? Act::WAIT
                                : Act::NOTHING;
    const std::uint64_t kind = draw(8);
    Arrival arrival{kind < 4 ? Arrival::kOrder : (kind < 7 ? Arrival::kNote : Arrival::kPoke), act,
                    isolate.number * kValues + isolate.sent};
    const Handle to = isolate.ref.handle;
    // The last place is for what moves it on: a mailbox full of deferred messages takes nothing.
    if (type(kWaiter).meta[to.slot()].pending + 1u >= type(kWaiter).mailbox) {
      arrival.kind = isolate.model.wants();
    }
    const bool lives = type(kWaiter).lives(to);
    const std::uint32_t pending = type(kWaiter).meta[to.slot()].pending;
    SendResult result = SendResult::kDead;
    if (arrival.kind == Arrival::kOrder) {
      result = send(kWaiter, to, 0, probe::Order{.act = arrival.act, .value = arrival.value});
    } else if (arrival.kind == Arrival::kNote) {
      result = send(kWaiter, to, 1, probe::Note{.value = arrival.value});
    } else {
      result = send(kWaiter, to, 2, probe::Poke{});
    }
    const bool room = pending < type(kWaiter).mailbox;
    ASSERT_EQ(result,
              !lives ? SendResult::kDead : (room ? SendResult::kQueued : SendResult::kFull));
    if (result != SendResult::kQueued) return;
    ++isolate.sent;
    isolate.model.take(arrival);
  }
  /// Some calls of the type, as many as the test wants.
  void dispatch(std::uint32_t calls) {
    type(kWaiter).table->dispatch(shard->parts, calls);
    shard->parts.tree.step(shard->parts);
    ASSERT_TRUE(messages_add_up(type(kWaiter)));
  }
  /// What each isolate has handled so far is how its reference begins, or all of it.
  void compare(bool all) {
    std::map<std::uint64_t, std::vector<std::uint64_t>> handled;
    for (const auto& [what, value] : probe::seen) {
      if (what == "waiter.order" || what == "waiter.opened")
        handled[value / kValues].push_back(value);
    }
    for (const Isolate& isolate : isolates_) {
      std::vector<std::uint64_t> wanted = isolate.model.handled;
      const std::vector<std::uint64_t>& found = handled[isolate.number];
      ASSERT_LE(found.size(), wanted.size());
      if (!all) wanted.resize(found.size());
      ASSERT_EQ(found, wanted) << "isolate " << isolate.number;
    }
  }

  std::uint64_t random_ = 3;
  std::uint64_t numbers_ = 0;
  std::vector<Isolate> isolates_;
};

TEST_F(MailboxModel, EveryIsolateHandlesItsMessagesAsItsReferenceDoes) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    random_ = seed;
    boot();
    for (int step = 0; step < 3'000; ++step) {
      const std::uint64_t pick = draw(16);
      if (type(kWaiter).live < 2 && pick < 3) {
        spawn();
      } else if (pick < 12) {
        if (isolates_.empty()) continue;
        // Mostly the newest, sometimes one that has ended long ago.
        const std::size_t back =
            pick < 11 ? draw(std::min<std::size_t>(isolates_.size(), 2)) : draw(isolates_.size());
        send_one(isolates_[isolates_.size() - 1 - back]);
      } else {
        dispatch(static_cast<std::uint32_t>(1 + draw(5)));
      }
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
    compare(false);
    EXPECT_GT(probe::seen.size(), 400u);
    EXPECT_GT(type(kWaiter).turns, 64u) << "messages and ready slots wait at the same time";
    run();
    compare(true);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
    for (const Isolate& isolate : isolates_) {
      if (!type(kWaiter).lives(isolate.ref.handle)) continue;
      EXPECT_EQ(type(kWaiter).meta[isolate.ref.handle.slot()].pending,
                isolate.model.deferred.size());
    }
    TearDown();
    shard.reset();
    SetUp();
    isolates_.clear();
  }
}

TEST_F(MailboxModel, SlotsAreUsedAgainFirstInFirstOut) {
  boot();
  std::deque<std::uint32_t> free;  // the model
  std::vector<std::uint32_t> generations(type(kWorker).slots, 1);
  for (std::uint32_t slot = 0; slot < type(kWorker).slots; ++slot) free.push_back(slot);
  std::vector<tina::Ref<probe::Worker>> live;
  for (int step = 0; step < 20'000; ++step) {
    if (draw(2) == 0) {
      const std::size_t results = probe::spawn_results.size();
      const auto worker = spawn_worker();
      ASSERT_EQ(probe::spawn_results.size(), results + 1);
      if (live.size() == 3) {
        ASSERT_EQ(probe::spawn_results.back(), tina::SpawnStatus::kFull) << "the group's maximum";
        continue;
      }
      ASSERT_EQ(worker.handle, Handle::make(ShardId{0}, free.front(), generations[free.front()]));
      free.pop_front();
      live.push_back(worker);
    } else if (!live.empty()) {
      const std::size_t who = draw(live.size());
      const Handle handle = live[who].handle;
      queued(order_worker(live[who], draw(2) == 0 ? Act::END : Act::CRASH));
      run();
      ASSERT_FALSE(type(kWorker).lives(handle));
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(who));
      free.push_back(handle.slot());
      ++generations[handle.slot()];
      crash_reasons();
    }
  }
}

}  // namespace
}  // namespace tina::internal
