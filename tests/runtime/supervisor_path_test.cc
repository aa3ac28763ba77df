// SPDX-License-Identifier: Apache-2.0
// The goal: a child path names whoever runs there at the moment of its use, on one's own shard and
// on another, and nobody at all while nobody runs there.
#include "tree_fixture.h"

namespace tina::internal {
namespace {

using tree::Act;
using tree::contract::kNode;

const SystemTable& kRest = tree::rest_system::kSystem;
const SystemTable& kSlow = tree::slow_system::kSystem;

using Sent = std::vector<SendResult>;

static_assert(std::is_same_v<tree::main::Rest::pool, tree::Rest::pool>);
static_assert(std::is_same_v<tree::Rest::pool::Isolate, tree::Node>);
static_assert(tree::Rest::pool::kCount == 3);
static_assert(sizeof(Child<tree::Rest::pool>) == 8);

class Path : public TreeShard {
 protected:
  Sent sent() { return std::move(tree::sent); }
};

TEST_F(Path, ReachesTheChild) {
  boot(kRest);
  told();
  order("Rest.first", Act::THIRD);
  run();
  EXPECT_EQ(sent(), Sent{SendResult::kQueued});
  EXPECT_EQ(told(), (Story{"poke 3"}));
}

TEST_F(Path, ReachesTheIncarnationAfterARestart) {
  boot(kRest);
  crash("Rest.third");
  told();
  order("Rest.first", Act::THIRD);
  run();
  EXPECT_EQ(told(), (Story{"poke 3"}));
}

TEST_F(Path, ReachesOneOfSeveralByItsIndex) {
  boot(kRest);
  told();
  order("Rest.first", Act::POOL, 0, kNode, 2);
  run();
  EXPECT_EQ(told(), (Story{"poke 10.2"}));
}

TEST_F(Path, AnIndexThatIsNoneReachesNobody) {
  boot(kRest);
  told();
  order("Rest.first", Act::POOL, 0, kNode, 3);
  run();
  EXPECT_EQ(sent(), Sent{SendResult::kDead});
  EXPECT_EQ(told(), Story{});
  EXPECT_EQ(type(kNode).count.refused_dead, 1u);
}

TEST_F(Path, AChildThatHasEndedReachesNobody) {
  boot(kRest);
  end("Rest.third");
  told();
  order("Rest.first", Act::THIRD);
  run();
  EXPECT_EQ(sent(), Sent{SendResult::kDead});
}

TEST_F(Path, AChildThatStartsTakesMessagesBehindItsInit) {
  boot(kRest);
  told();
  order("Rest.third", Act::CRASH);
  while (lives("Rest.third")) pass(shard->parts, platform);
  while (!lives("Rest.third")) tree().step(shard->parts);
  order("Rest.third", Act::POKE);
  run();
  EXPECT_EQ(told(), (Story{"init 3", "poke 3"}));
}

TEST_F(Path, ATreeWithoutThatChildReachesNobody) {
  boot(kSlow);
  told();
  order("Slow.first", Act::THIRD);
  run();
  EXPECT_EQ(sent(), Sent{SendResult::kDead});
}

/// Two shards of one system in one thread.
class FarPath : public Path {
 protected:
  void SetUp() override {
    Path::SetUp();
    placement = Placement(kRest, 2);
    for (std::uint16_t i = 0; i < 2; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(shards_[i]->build(kRest, &config, ShardId{i}, placement, false));
    }
    connect(shards_);
    for (std::uint16_t i = 0; i < 2; ++i) {
      start(*shards_[i], platforms_[i].now, 0, HandPlatform::calls(), &platforms_[i]);
      run_shard(i);
    }
    told();
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& one : shards_) one->destroy();
  }
  void run_shard(unsigned i) {
    ASSERT_TRUE(enter_shard_thread(&shards_[i]->parts, stack.data(), stack.size()));
    ShardParts* const peers[] = {&shards_[0]->parts, &shards_[1]->parts};
    while (pass(shards_[i]->parts, platforms_[i]) > 0) {
    }
    publish_outbound(shards_[i]->parts, peers, [](void*, unsigned) {}, nullptr);
  }
  /// An order to a child of shard 0 or 1.
  void order_at(unsigned i, const char* name, Act act, std::uint32_t value = 0) {
    ShardParts& parts = shards_[i]->parts;
    const Handle to = parts.tree.resolve(parts, place(*parts.role->root, name), 0);
    EXPECT_EQ(send_local(parts, kNode, to, 0, tree::Order{.act = act, .value = value}),
              SendResult::kQueued);
    set_phase(parts, Phase::kRuntime);
    run_shard(i);
  }

  HandPlatform platforms_[2];
  std::vector<std::unique_ptr<Shard>> shards_;
};

TEST_F(FarPath, IsResolvedOnTheShardThatHasTheTree) {
  order_at(0, "first", Act::POOL, 1 << 16 | 1);
  EXPECT_EQ(sent(), Sent{SendResult::kQueued});
  EXPECT_EQ(told(), Story{});
  run_shard(1);
  EXPECT_EQ(told(), (Story{"poke 10.1"}));
}

TEST_F(FarPath, FindsTheIncarnationAtItsArrival) {
  order_at(0, "first", Act::POOL, 1 << 16);  // on its way
  run_shard(1);
  EXPECT_EQ(told(), (Story{"poke 10.0"}));
  order_at(1, "pool", Act::CRASH);
  told();
  order_at(0, "first", Act::POOL, 1 << 16);
  run_shard(1);
  EXPECT_EQ(told(), (Story{"poke 10.0"})) << "the restarted child, by the same path";
}

TEST_F(FarPath, CountsWhatReachesNobody) {
  order_at(0, "first", Act::POOL, 1 << 16 | 9);
  EXPECT_EQ(sent(), Sent{SendResult::kQueued}) << "only the other shard knows";
  run_shard(1);
  EXPECT_EQ(told(), Story{});
  EXPECT_EQ(shards_[1]->parts.types[index(kNode)].count.refused_dead, 1u);
}

}  // namespace
}  // namespace tina::internal
