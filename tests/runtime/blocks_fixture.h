// SPDX-License-Identifier: Apache-2.0
// A shard of the blocks system on a platform that the test holds in its hands, with a second shard
// that nobody runs. After each pass every block must be where its record says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "blocks.system.h"
#include "desk.h"
#include "hand_platform.h"
#include "holder.h"
#include "line.h"
#include "listener.h"
#include "src/isolate_blocks.h"
#include "src/mailbox.h"

namespace tina::internal {

using blocks::Act;
using blocks::contract::kDesk;
using blocks::contract::kHolder;
using blocks::contract::kLine;
using Values = std::vector<std::uint64_t>;
using Results = std::vector<SendResult>;

class BlockShard : public ::testing::Test {
 protected:
  void SetUp() override {
    blocks::seen.clear();
    blocks::sent.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
    for (std::uint16_t i = 0; i < 2; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(
          shards_[i]->build(blocks::blocks::kSystem, &config_, ShardId{i}, placement_, false));
    }
    tina::internal::connect(shards_);
    ASSERT_TRUE(enter_shard_thread(&parts(), stack_.data(), stack_.size()));
    start(*shards_[0], platform.now, 0, HandPlatform::calls(), &platform);
    run();
  }
  void TearDown() override {
    add_up();
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& shard : shards_) shard->destroy();
  }

  ShardParts& parts() { return shards_[0]->parts; }
  TypeBlock& type(TypeId id) { return parts().types[index(id)]; }
  const Blocks& pools() { return parts().reactor.blocks(); }
  /// Free receive buffers, free blobs of 64 bytes, free blobs of 256 bytes.
  Values free() { return {pools().free(0), pools().free(1), pools().free(2)}; }
  static Values all() { return {3, 3, 2}; }

  /// Passes until nothing is left to do at this time.
  void run() {
    for (int i = 0; i < 1000; ++i) {
      const std::uint32_t work = pass(parts(), platform);
      add_up();
      if (work == 0) return;
    }
    FAIL() << "the shard does not come to rest";
  }
  void add_up() {
    EXPECT_TRUE(blocks_add_up(parts()));
    for (unsigned i = 0; i < parts().type_count; ++i) {
      EXPECT_TRUE(messages_add_up(parts().types[i])) << parts().types[i].table->name;
    }
  }

  /// Queues an order, as a handler would.
  SendResult tell(TypeId to, Handle handle, std::uint16_t tag, const blocks::Order& order) {
    const SendResult result = send_local(parts(), to, handle, tag, order);
    set_phase(parts(), Phase::kRuntime);
    return result;
  }
  void queue_desk(const blocks::Order& order) {
    const Handle desk = Handle::make(ShardId{0}, 0, type(kDesk).meta[0].generation);
    EXPECT_EQ(tell(kDesk, desk, 0, order), SendResult::kQueued);
  }
  void desk(Act act, std::uint64_t value = 0, bool crash = false) {
    queue_desk({.act = act, .crash = crash, .value = value, .to = blocks::last_holder});
    run();
  }
  void mode(Act act) { desk(Act::MODE, static_cast<std::uint64_t>(act)); }
  void queue_holder(Act act) {
    EXPECT_EQ(tell(kHolder, blocks::last_holder.handle, 0, {.act = act}), SendResult::kQueued);
  }
  void holder(Act act) {
    queue_holder(act);
    run();
  }
  Ref<blocks::Holder> spawn(Act act = Act::LEAVE) {
    desk(Act::SPAWN, static_cast<std::uint64_t>(act));
    return blocks::last_holder;
  }

  /// A connection is there and waits for bytes.
  void connect(std::int32_t descriptor = 7) {
    complete(take(OpCode::kAccept), descriptor);
    EXPECT_EQ(values("listener.spawned").back(), 0u);
  }
  Operation take(OpCode op) {
    const auto found = std::find_if(platform.started.rbegin(), platform.started.rend(),
                                    [op](const Operation& o) { return o.op == op; });
    if (found == platform.started.rend()) {
      ADD_FAILURE() << "no such operation was started";
      return {};
    }
    const Operation operation = *found;
    platform.started.erase(std::next(found).base());
    return operation;
  }
  bool waits_for(OpCode op) {
    return std::any_of(platform.started.begin(), platform.started.end(),
                       [op](const Operation& o) { return o.op == op; });
  }
  void complete(const Operation& operation, std::int32_t value) {
    platform.completions.push_back({operation.token, value});
    run();
  }
  /// Completes a receive with these bytes; the place in memory where they are.
  const std::byte* deliver(const std::string& bytes) {
    if (!waits_for(OpCode::kReceive)) complete(take(OpCode::kAwait), 1);
    const Operation receive = take(OpCode::kReceive);
    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(),
                const_cast<std::byte*>(receive.data));
    complete(receive, static_cast<std::int32_t>(bytes.size()));
    return receive.data;
  }

  /// All values that were seen under one name, in order.
  static Values values(const std::string& what) {
    Values found;
    for (const auto& [name, value] : blocks::seen) {
      if (name == what) found.push_back(value);
    }
    return found;
  }
  std::vector<std::string> crash_reasons() {
    std::vector<std::string> reasons;
    while (const LogRecord* record = parts().log.peek()) {
      if (record->kind == LogKind::kCrash) reasons.emplace_back(record->event);
      parts().log.pop();
    }
    return reasons;
  }

  HandPlatform platform;

 private:
  blocks::Config config_;
  Placement placement_{blocks::blocks::kSystem, 2};
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::byte> stack_;
};

}  // namespace tina::internal
