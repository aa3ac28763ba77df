// SPDX-License-Identifier: Apache-2.0
// The blocks that isolates have: in their messages, their init arguments and their states (see
// tina/owned.h). Invariant: every way on which a message or an isolate ends gives back what it has.
// Owned by the shard's thread.
#pragma once

#include "src/isolate.h"

namespace tina::internal {

/// Gives back what an isolate that ends keeps and what its init has not taken. O(kept).
void end_blocks(ShardParts& shard, TypeBlock& type, std::uint32_t slot);

/// Whether every block of the shard is where its record says: free ones in the list of their pool,
/// those of messages in one message that waits, kept ones in one place. For tests and simulation:
/// O(blocks + slots + messages).
[[gnu::cold]] bool blocks_add_up(const ShardParts& shard);

}  // namespace tina::internal
