// SPDX-License-Identifier: Apache-2.0
// The goal: a monitor brings exactly one Down that says who and why, at once if there is nobody
// left to watch, in a place of its own; none after it was ended.
#include "calls_fixture.h"

namespace tina::internal {
namespace {

class Monitors : public CallShards {
 protected:
  void watch(tina::Ref<calls::Client> watcher, tina::Ref<calls::Server> who) {
    order(watcher, {.act = Act::WATCH, .server = who});
    run(index(watcher.handle.shard()));
  }
};

TEST_F(Monitors, SayWhoEndedAndWhy) {
  boot();
  const auto watcher = client();
  const std::pair<Act, sys::Why> ends[] = {{Act::END, sys::Why::kNormal},
                                           {Act::CRASH, sys::Why::kCrashed},
                                           {Act::FAULT, sys::Why::kCrashed}};
  for (const auto& [act, why] : ends) {
    calls::seen.clear();
    const auto who = server();
    watch(watcher, who);
    EXPECT_EQ(values("down"), Values{});
    poke(who, act);
    run();
    EXPECT_EQ(values("down"), one(why));
    EXPECT_EQ(values("down.who"), Values{who.handle.bits});
  }
  EXPECT_EQ(count(kClient).downs, 3u);
}

TEST_F(Monitors, OfTheDeadSaySoAtOnce) {
  boot();
  const auto watcher = client();
  const auto who = server();
  poke(who, Act::END);
  run();
  watch(watcher, who);
  EXPECT_EQ(values("down"), one(sys::Why::kDead));
  watch(watcher, {});
  EXPECT_EQ(values("down").size(), 2u) << "also of nobody at all";
}

TEST_F(Monitors, AreAsManyAsTheBudgetAndEachBringsOneDown) {
  boot();
  const auto watcher = client();
  const auto who = server();
  for (int i = 0; i < 3; ++i) watch(watcher, who);
  EXPECT_EQ(values("watch"), (Values{0, 0, 1})) << "watching, watching, full";
  poke(who, Act::CRASH);
  run();
  EXPECT_EQ(values("down").size(), 2u);
  watch(watcher, who);
  EXPECT_EQ(values("watch").back(), 0u) << "the records are free again";
}

TEST_F(Monitors, ThatWereEndedBringNothing) {
  boot();
  const auto watcher = client();
  const auto who = server();
  watch(watcher, who);
  watch(watcher, who);
  order(watcher, {.act = Act::UNWATCH, .server = who});
  order(watcher, {.act = Act::UNWATCH, .server = who});
  run();
  EXPECT_EQ(values("unwatch"), (Values{1, 0}));
  poke(who, Act::CRASH);
  run();
  EXPECT_EQ(values("down"), Values{});
}

TEST_F(Monitors, EndWithTheirWatcher) {
  boot();
  const auto who = server();
  for (const Act act : {Act::END, Act::CRASH}) {
    const auto watcher = client();
    watch(watcher, who);
    order(watcher, {.act = act});
    run();
  }
  const auto next = client();
  poke(who, Act::CRASH);
  run();
  EXPECT_EQ(values("down"), Values{});
  EXPECT_EQ(type(kClient).watches[next.handle.slot()].first_down, kNoPlace);
}

TEST_F(Monitors, AStateThatDefersHoldsTheNews) {
  boot();
  const auto watcher = client();
  const auto who = server();
  watch(watcher, who);
  order(watcher, {.act = Act::DEAF});
  run();
  poke(who, Act::END);
  run();
  EXPECT_EQ(values("down"), Values{});
  order(watcher, {.act = Act::LEAVE});
  run();
  EXPECT_EQ(values("down"), one(sys::Why::kNormal));
}

TEST_F(Monitors, ManyWatchersOfOneAreAllTold) {
  boot();
  const auto who = client();
  const tina::Ref<calls::Client> watchers[] = {client(), client()};
  for (const auto& watcher : watchers) order(watcher, {.act = Act::WATCH, .client = who});
  order(who, {.act = Act::WATCH, .client = who});
  run();
  order(who, {.act = Act::CRASH});
  run();
  EXPECT_EQ(values("down").size(), 2u) << "and who watches itself is gone";
}

TEST_F(Monitors, OfAnotherShardSayItToo) {
  boot(2);
  const auto watcher = client(0);
  const auto who = server(1);
  watch(watcher, who);
  run_both();
  poke(who, Act::CRASH);
  run_both();
  EXPECT_EQ(values("down"), one(sys::Why::kCrashed));
  EXPECT_EQ(values("down.who"), Values{who.handle.bits});
  watch(watcher, who);
  run_both();
  EXPECT_EQ(values("down").back(), static_cast<std::uint64_t>(sys::Why::kDead));
  EXPECT_EQ(at(0).links[1].promised, 0u);
  EXPECT_EQ(at(0).links[1].watched, 0u);
}

TEST_F(Monitors, OfAnotherShardEndThere) {
  boot(2);
  const auto watcher = client(0);
  const auto who = server(1);
  watch(watcher, who);
  run_both();
  EXPECT_EQ(at(0).links[1].promised, 1u);
  order(watcher, {.act = Act::UNWATCH, .server = who});
  run_both();
  EXPECT_EQ(at(0).links[1].promised, 0u) << "the place of its Down is given back";
  watch(watcher, who);
  run_both();
  order(watcher, {.act = Act::END});
  run_both();
  EXPECT_EQ(at(0).links[1].promised, 0u);
  poke(who, Act::CRASH);
  run_both();
  EXPECT_EQ(values("down"), Values{});
}

TEST_F(Monitors, OfAShardThatGaveUpSayQuarantined) {
  boot(2);
  const auto watcher = client(0);
  const auto who = server(1);
  watch(watcher, who);
  run_both();
  say(at(1), Standing::kQuarantined);
  run(0);
  EXPECT_EQ(values("down"), one(sys::Why::kQuarantined));
}

}  // namespace
}  // namespace tina::internal
