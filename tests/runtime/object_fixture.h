// SPDX-License-Identifier: Apache-2.0
// A shard of a system of the test's own, whose one isolate does with its I/O objects what it is
// ordered. In the end nothing is under way that the platform does not know of, and every block is
// where its record says.
#pragma once

#include <vector>

#include "shard_fixture.h"
#include "src/isolate_blocks.h"

namespace tina::internal {

class ObjectShard : public ProbeShard {
 protected:
  void TearDown() override {
    if (shard != nullptr) {
      EXPECT_EQ(reactor().in_flight(), platform.started.size());
      EXPECT_TRUE(blocks_add_up(shard->parts));
    }
    ProbeShard::TearDown();
  }

  Reactor& reactor() { return shard->parts.reactor; }
  std::uint32_t free_blobs() { return reactor().blocks().free_blobs(); }
  /// Gives the isolate in the first slot of a type an order, and lets it carry that out.
  template <class Order>
  void tell(TypeId whom, const Order& order) {
    const Handle handle = Handle::make(ShardId{0}, 0, type(whom).meta[0].generation);
    queued(send(whom, handle, 0, order));
    run();
  }
  /// How large the parts of a gathered operation are.
  static std::vector<std::size_t> sizes(const Operation& operation) {
    std::vector<std::size_t> found;
    for (const GatherPart& part : operation.parts()) found.push_back(part.size);
    return found;
  }
};

}  // namespace tina::internal
