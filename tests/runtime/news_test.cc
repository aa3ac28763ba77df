// SPDX-License-Identifier: Apache-2.0
// The goal: an isolate that lists what happens to other shards hears of each change after its own
// start, ahead of its mailbox, in a place of its own, and in a state that does not defer it.
#include "calls_fixture.h"

namespace tina::internal {
namespace {

class News : public CallShards {
 protected:
  void SetUp() override {
    CallShards::SetUp();
    calls::crash_on_news = false;
  }
  void quarantine(unsigned shard) { say(at(shard), Standing::kQuarantined); }
  void restarted(unsigned shard, std::uint32_t times) {
    at(shard).state.write({times, Standing::kServing});
  }
};

TEST_F(News, OfAQuarantineReachesEachThatListsIt) {
  boot(2);
  client(0);
  client(0);
  EXPECT_EQ(values("quarantined"), Values{});
  quarantine(1);
  run(0);
  EXPECT_EQ(values("quarantined"), (Values{1, 1}));
  run(0);
  EXPECT_EQ(values("quarantined").size(), 2u) << "once";
}

TEST_F(News, OfARestartSaysHowManyAndSumsUpWhatWasNotHeard) {
  boot(2);
  client(0);
  restarted(1, 1);
  run(0);
  restarted(1, 2);
  restarted(1, 3);
  run(0);
  EXPECT_EQ(values("restarted"), (Values{1, 1}));
  EXPECT_EQ(values("restarts"), (Values{1, 3}));
}

TEST_F(News, GoesAheadOfAFullMailbox) {
  boot(2);
  const auto who = client(0);
  for (std::uint64_t i = 0; i < 4; ++i) order(who, {.value = i});
  EXPECT_EQ(send(kClient, who.handle, 0, calls::Order{}, 0), SendResult::kFull);
  quarantine(1);
  calls::seen.clear();
  run(0);
  ASSERT_EQ(calls::seen.size(), 5u);
  EXPECT_EQ(calls::seen[0].first, "quarantined");
}

TEST_F(News, WaitsForAStateThatDoesNotDeferIt) {
  boot(2);
  const auto who = client(0);
  order(who, {.act = Act::DEAF});
  run(0);
  quarantine(1);
  run(0);
  EXPECT_EQ(values("quarantined"), Values{});
  restarted(1, 1);
  run(0);
  EXPECT_EQ(values("restarted"), Values{1}) << "this one is not deferred";
  order(who, {.act = Act::LEAVE});
  run(0);
  EXPECT_EQ(values("quarantined"), Values{1});
}

TEST_F(News, OfBeforeItsStartIsNotTold) {
  boot(2);
  quarantine(1);
  run(0);
  client(0);
  run(0);
  EXPECT_EQ(values("quarantined"), Values{});
}

TEST_F(News, IsNoneWhenAShardHasStopped) {
  boot(2);
  client(0);
  at(1).stop_order.store(true);
  run(1);
  EXPECT_EQ(at(1).state.read().standing, Standing::kStopped);
  run(0);
  EXPECT_EQ(values("quarantined"), Values{});
}

TEST_F(News, MayCrashWhoHearsIt) {
  boot(2);
  client(0);
  calls::crash_on_news = true;
  quarantine(1);
  run(0);
  EXPECT_EQ(count(kClient).crashed, 1u);
  EXPECT_EQ(values("quarantined"), Values{1});
  const LogRecord* record = at(0).log.peek();
  for (; record != nullptr && record->kind != LogKind::kCrash; record = at(0).log.peek()) {
    at(0).log.pop();
  }
  ASSERT_NE(record, nullptr);
  EXPECT_STREQ(record->message, "sys.ShardQuarantined");
}

TEST_F(News, WakesAShardThatSleeps) {
  boot(2);
  run(0);
  at(0).sleep_flag.announce_sleep();
  EXPECT_TRUE(may_sleep(at(0)));
  quarantine(1);
  EXPECT_FALSE(may_sleep(at(0))) << "the recheck sees it";
  unsigned woken = 0;
  const std::vector<ShardParts*> peers{&at(0), &at(1)};
  publish_outbound(
      at(1), peers, [](void* count, unsigned) { ++*static_cast<unsigned*>(count); }, &woken);
  EXPECT_EQ(woken, 1u);
}

}  // namespace
}  // namespace tina::internal
