// SPDX-License-Identifier: Apache-2.0
// One or two shards of the calls system in one thread, on platforms that the test holds in its
// hands. Everything else is the production code.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "calls.system.h"
#include "client.h"
#include "hand_platform.h"
#include "holder.h"
#include "keeper.h"
#include "plain.h"
#include "server.h"
#include "src/mailbox.h"

namespace tina::internal {

using calls::Act;
using calls::contract::kClient;
using calls::contract::kKeeper;
using calls::contract::kPlain;
using calls::contract::kServer;
using Values = std::vector<std::uint64_t>;

class CallShards : public ::testing::Test {
 protected:
  struct Side {
    HandPlatform platform;
    calls::Config config;
    std::unique_ptr<Placement> placement;
    ShardParts* parts = nullptr;
  };

  void SetUp() override {
    calls::seen.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
  }
  void TearDown() override {
    for (unsigned i = 0; i < shards_.size(); ++i) add_up(i);
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& shard : shards_) shard->destroy();
  }

  void boot(std::uint16_t shards = 1) {
    placement_ = std::make_unique<Placement>(*system_, shards);
    for (std::uint16_t i = 0; i < shards; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(shards_[i]->build(*system_, &sides_[i].config, ShardId{i}, *placement_, false));
      sides_[i].parts = &shards_[i]->parts;
    }
    connect(shards_);
    for (std::uint16_t i = 0; i < shards; ++i) {
      start(*shards_[i], sides_[i].platform.now, 0, HandPlatform::calls(), &sides_[i].platform);
      run(i);
    }
  }
  ShardParts& at(unsigned shard) { return *sides_[shard].parts; }
  TypeBlock& type(TypeId id, unsigned shard = 0) { return at(shard).types[index(id)]; }
  const TypeCounters& count(TypeId id, unsigned shard = 0) { return type(id, shard).count; }

  /// One pass of a shard; shows what it sent.
  std::uint32_t pass_of(unsigned shard) {
    EXPECT_TRUE(enter_shard_thread(&at(shard), stack_.data(), stack_.size()));
    const std::uint32_t work = pass(at(shard), sides_[shard].platform);
    std::vector<ShardParts*> peers;
    for (unsigned i = 0; i < shards_.size(); ++i) peers.push_back(&at(i));
    publish_outbound(at(shard), peers, [](void*, unsigned) {}, nullptr);
    add_up(shard);
    return work;
  }
  /// Passes of a shard until it rests.
  void run(unsigned shard = 0) {
    for (int i = 0; i < 1000; ++i) {
      if (pass_of(shard) == 0) return;
    }
    FAIL() << "the shard does not come to rest";
  }
  /// Passes of both shards in turn until both rest.
  void run_both() {
    for (int i = 0; i < 1000; ++i) {
      if (pass_of(0) + pass_of(1) == 0) return;
    }
    FAIL() << "the shards do not come to rest";
  }
  void run_for(std::uint64_t ms) {
    for (std::uint64_t i = 0; i < ms; ++i) {
      for (unsigned shard = 0; shard < shards_.size(); ++shard) {
        sides_[shard].platform.now += 1'000'000;
        run(shard);
      }
    }
  }
  /// What must hold at every moment.
  void add_up(unsigned shard) {
    for (unsigned i = 0; i < at(shard).type_count; ++i) {
      const TypeBlock& block = at(shard).types[i];
      EXPECT_TRUE(messages_add_up(block)) << block.table->name;
      EXPECT_TRUE(calls_add_up(block.count)) << block.table->name;
    }
  }

  /// Sends as a handler of `shard` would.
  template <class Message>
  SendResult send(TypeId to, Handle handle, std::uint16_t tag, const Message& message,
                  unsigned shard = 0) {
    const SendResult result = send_local(at(shard), to, handle, tag, message);
    set_phase(at(shard), Phase::kRuntime);
    return result;
  }
  void keeper(Act act, std::uint64_t value = 1, unsigned shard = 0) {
    const Handle keeper = Handle::make(ShardId{static_cast<std::uint16_t>(shard)}, 0,
                                       type(kKeeper, shard).meta[0].generation);
    EXPECT_EQ(send(kKeeper, keeper, 0, calls::Poke{.act = act, .value = value}, shard),
              SendResult::kQueued);
    run(shard);
  }
  tina::Ref<calls::Server> server(unsigned shard = 0) {
    keeper(Act::SERVER, 1, shard);
    return calls::last_server;
  }
  tina::Ref<calls::Client> client(unsigned shard = 0) {
    keeper(Act::CLIENT, 1, shard);
    return calls::last_client;
  }
  tina::Ref<calls::Plain> plain() {
    keeper(Act::PLAIN);
    return calls::last_plain;
  }
  void order(tina::Ref<calls::Client> client, const calls::Order& order) {
    EXPECT_EQ(send(kClient, client.handle, 0, order, index(client.handle.shard())),
              SendResult::kQueued);
  }
  void poke(tina::Ref<calls::Server> server, Act act, std::uint64_t value = 0,
            tina::Ref<calls::Client> client = {}) {
    const calls::Poke poke{.act = act, .value = value, .client = client};
    EXPECT_EQ(send(kServer, server.handle, 0, poke, index(server.handle.shard())),
              SendResult::kQueued);
  }

  /// All values that were seen under one name, in order.
  static Values values(const std::string& what) {
    Values found;
    for (const auto& [name, value] : calls::seen) {
      if (name == what) found.push_back(value);
    }
    return found;
  }
  static Values one(Failure why) { return {static_cast<std::uint64_t>(why)}; }
  static Values one(sys::Why why) { return {static_cast<std::uint64_t>(why)}; }

  const SystemTable* system_ = &calls::calls::kSystem;
  std::vector<std::unique_ptr<Shard>> shards_;
  Side sides_[2];
  std::unique_ptr<Placement> placement_;
  std::vector<std::byte> stack_;
};

}  // namespace tina::internal
