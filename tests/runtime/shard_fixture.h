// SPDX-License-Identifier: Apache-2.0
// A shard of the probe system on a platform that the test holds in its hands: it sets the time and
// completes the operations. Everything else is the production code.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "hand_platform.h"
#include "keeper.h"
#include "listener.h"
#include "probe.system.h"
#include "stream.h"
#include "waiter.h"
#include "worker.h"

namespace tina::internal {

class ProbeShard : public ::testing::Test {
 protected:
  void SetUp() override {
    probe::seen.clear();
    probe::spawn_results.clear();
    probe::send_results.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack.resize(alternate_stack_size());
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    if (shard != nullptr) shard->destroy();
  }

  /// Builds the shard and runs it until its tree stands.
  void boot() { boot(probe::probe::kSystem, &config); }
  /// The same of another system.
  void boot(const SystemTable& system, const void* with = nullptr) {
    placement = Placement{system, 1};
    shard = std::make_unique<Shard>();
    ASSERT_TRUE(shard->build(system, with, ShardId{0}, placement, false));
    ASSERT_TRUE(enter_shard_thread(&shard->parts, stack.data(), stack.size()));
    start(*shard, platform.now, 0, HandPlatform::calls(), &platform);
    run();
  }
  /// Passes until nothing is left to do at this time.
  void run() {
    for (int i = 0; i < 1000; ++i) {
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

  TypeBlock& type(TypeId id) { return shard->parts.types[index(id)]; }
  SupervisionTree& tree() { return shard->parts.tree; }

  /// Sends as a handler would.
  template <class Message>
  SendResult send(TypeId to, Handle handle, std::uint16_t tag, const Message& message) {
    const SendResult result = send_local(shard->parts, to, handle, tag, message);
    set_phase(shard->parts, Phase::kRuntime);
    return result;
  }
  SendResult order_keeper(probe::Act act, std::uint64_t value = 0) {
    const Handle keeper =
        Handle::make(ShardId{0}, 0, type(probe::contract::kKeeper).meta[0].generation);
    return send(probe::contract::kKeeper, keeper, 0, probe::Order{.act = act, .value = value});
  }
  SendResult order_worker(tina::Ref<probe::Worker> worker, probe::Act act,
                          std::uint64_t value = 0) {
    return send(probe::contract::kWorker, worker.handle, 0,
                probe::Order{.act = act, .value = value});
  }
  static void queued(SendResult result) { EXPECT_EQ(result, SendResult::kQueued); }
  tina::Ref<probe::Worker> spawn_worker(std::uint64_t id = 1) {
    EXPECT_EQ(order_keeper(probe::Act::SPAWN, id), SendResult::kQueued);
    run();
    return probe::last_spawned;
  }
  /// The operation of `op` started last that has not been completed by the test.
  Operation take_started(OpCode op) {
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
  void complete(const Operation& operation, std::int32_t value) {
    platform.completions.push_back({operation.token, value});
    run();
  }
  /// The receive started last, with a buffer: if it waits without one, its bytes are there now.
  Operation take_receive() {
    const auto last = std::find_if(
        platform.started.rbegin(), platform.started.rend(),
        [](const Operation& o) { return o.op == OpCode::kReceive || o.op == OpCode::kAwait; });
    if (last != platform.started.rend() && last->op == OpCode::kAwait) {
      complete(take_started(OpCode::kAwait), 1);
    }
    return take_started(OpCode::kReceive);
  }
  /// Completes a receive with these bytes.
  void deliver(const std::string& bytes) {
    const Operation receive = take_receive();
    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(),
                const_cast<std::byte*>(receive.data));
    complete(receive, static_cast<std::int32_t>(bytes.size()));
  }
  /// Completes the listener's accept with `descriptor`.
  void accept(std::int32_t descriptor) { complete(take_started(OpCode::kAccept), descriptor); }

  int seen(const std::string& what) const {
    return static_cast<int>(std::count_if(probe::seen.begin(), probe::seen.end(),
                                          [&](const auto& entry) { return entry.first == what; }));
  }
  /// Reasons of the crash reports in the log ring, oldest first; empties it.
  std::vector<std::string> crash_reasons() {
    std::vector<std::string> reasons;
    while (const LogRecord* record = shard->parts.log.peek()) {
      if (record->kind == LogKind::kCrash) reasons.emplace_back(record->event);
      shard->parts.log.pop();
    }
    return reasons;
  }

  probe::Config config;
  HandPlatform platform;
  Placement placement{probe::probe::kSystem, 1};
  std::unique_ptr<Shard> shard;
  std::vector<std::byte> stack;
};

}  // namespace tina::internal
