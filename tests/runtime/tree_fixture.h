// SPDX-License-Identifier: Apache-2.0
// A shard of one of tree.tina's systems, and what the tests of supervision ask it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "again_system.system.h"
#include "all_system.system.h"
#include "ant.h"
#include "crowd_system.system.h"
#include "deep_system.system.h"
#include "door.h"
#include "door_system.system.h"
#include "finite_system.system.h"
#include "guest.h"
#include "hand_platform.h"
#include "node.h"
#include "rest_system.system.h"
#include "slow_system.system.h"
#include "ticker.h"

namespace tina::internal {

class TreeShard : public ::testing::Test {
 protected:
  using Story = std::vector<std::string>;

  void SetUp() override {
    forget();
    tree::at_init.clear();
    tree::at_stop.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack.resize(alternate_stack_size());
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    if (shard != nullptr) shard->destroy();
  }

  /// Builds a shard of `system` and runs it until nothing is left to do.
  void boot(const SystemTable& system) {
    build(system);
    run();
  }
  void build(const SystemTable& system) {
    placement = Placement(system, 1);
    shard = std::make_unique<Shard>();
    ASSERT_TRUE(shard->build(system, &config, ShardId{0}, placement, false));
    ASSERT_TRUE(enter_shard_thread(&shard->parts, stack.data(), stack.size()));
    start(*shard, platform.now, 0, HandPlatform::calls(), &platform);
  }
  void run() {
    for (int i = 0; i < 10'000; ++i) {
      if (pass(shard->parts, platform) == 0) return;
    }
    FAIL() << "the shard does not come to rest";
  }
  void run_for(std::uint64_t ms) {
    for (std::uint64_t i = 0; i < ms; ++i) {
      platform.now += 1'000'000;
      run();
    }
  }

  SupervisionTree& tree() { return shard->parts.tree; }
  TypeBlock& type(TypeId id) { return shard->parts.types[index(id)]; }
  /// The record of the `which`th Node with this number that is in the tree, by its table's name.
  static std::uint16_t place(const SupervisorTable& supervisor, const std::string& name) {
    for (std::size_t i = 0; i < supervisor.children.size(); ++i) {
      if (name == supervisor.children[i].name) {
        return static_cast<std::uint16_t>(supervisor.first_place + i);
      }
    }
    ADD_FAILURE() << "no child " << name;
    return 0;
  }
  const SupervisorTable& supervisor(const std::string& name) const {
    for (const SupervisorTable& table : shard->parts.role->supervisors) {
      if (name == table.name) return table;
    }
    ADD_FAILURE() << "no supervisor " << name;
    return *shard->parts.role->root;
  }
  const SupervisorRecord& record(const std::string& name) const {
    const auto at = &supervisor(name) - shard->parts.role->supervisors.data();
    return shard->parts.tree.supervisor(static_cast<std::size_t>(at));
  }
  /// The current incarnation of a child, by `Supervisor.child`; the zero handle if there is none.
  Handle child(const std::string& path, std::uint32_t which = 0) const {
    const std::size_t dot = path.find('.');
    return shard->parts.tree.resolve(
        shard->parts, place(supervisor(path.substr(0, dot)), path.substr(dot + 1)), which);
  }
  bool lives(const std::string& path, std::uint32_t which = 0) const {
    return child(path, which) != Handle{};
  }
  /// Gives an order as another isolate would, without running it.
  void order(const std::string& path, tree::Act act, std::uint32_t which = 0,
             TypeId to = tree::contract::kNode, std::uint32_t value = 0) {
    const SendResult result = send_local(shard->parts, to, child(path, which), 0,
                                         tree::Order{.act = act, .value = value});
    set_phase(shard->parts, Phase::kRuntime);
    EXPECT_EQ(result, SendResult::kQueued) << path;
  }
  void crash(const std::string& path, std::uint32_t which = 0) {
    order(path, tree::Act::CRASH, which);
    run();
  }
  void end(const std::string& path, std::uint32_t which = 0) {
    order(path, tree::Act::END, which);
    run();
  }
  /// What the isolates have told since the last call.
  Story told() {
    Story story = std::move(tree::story);
    forget();
    return story;
  }
  static void forget() {
    tree::story.clear();
    tree::spawned.clear();
    tree::sent.clear();
    tree::ants_started = 0;
  }
  /// Events in the log ring, oldest first, crash reports by their reason; empties it.
  Story log() {
    Story events;
    while (const LogRecord* line = shard->parts.log.peek()) {
      events.emplace_back(line->event);
      shard->parts.log.pop();
    }
    return events;
  }

  tree::Config config;
  Placement placement;
  HandPlatform platform;
  std::unique_ptr<Shard> shard;
  std::vector<std::byte> stack;
};

}  // namespace tina::internal
