// SPDX-License-Identifier: Apache-2.0
// The blocks of a shard: receive buffers and the pools of `blobs`. Invariants: a block is in its
// pool's free list, or has one holder that is not kFree; those of the running handler form the list
// that `held` begins, so that they are found whatever became of the handles; a handle fits as long
// as its block has not been given back. Owned by the shard's thread; O(1) unless said otherwise.
#pragma once

#include <array>

#include "tina/shard_core.h"

namespace tina::internal {

/// The pool of the receive buffers; the others follow, the smallest blocks first.
inline constexpr std::uint8_t kReceivePool = 0;

/// The isolate that runs, as far as its blocks go.
struct Keeper {
  const TypeBlock* type;
  std::uint32_t slot;

  /// The places of what its state keeps.
  std::span<std::uint32_t> kept() const {
    return {type->kept + std::size_t{slot} * type->table->kept, type->table->kept};
  }
};

class Blocks {
 public:
  /// All blocks are free. `pools` outlives this. O(blocks).
  void start(ShardCore& core, std::span<const BlobPoolTable> pools);

  /// A free block of a pool for an operation; kNoBuffer: there is none.
  std::uint32_t take(ShardCore& core, unsigned pool);
  /// Back to its pool. Whoever had it must have let go of it.
  void give_back(ShardCore& core, std::uint32_t block);

  /// The pool with the smallest blocks that `size` bytes fit into; kReceivePool: none. O(pools).
  unsigned pool_for(std::uint32_t size) const;
  std::byte* memory(std::uint32_t block, const ShardCore& core) const;
  std::uint32_t size(std::uint32_t block, const ShardCore& core) const {
    return pools_[core.blocks[block].pool].size;
  }
  std::uint32_t free(unsigned pool) const { return pools_[pool].free; }
  std::uint32_t count(unsigned pool) const { return pools_[pool].count; }
  std::uint32_t free_blobs() const;

  std::uint64_t taken = 0;
  std::uint64_t returned = 0;
  std::uint64_t exhausted = 0;  ///< blobs asked for and not there

 private:
  struct Pool {
    std::byte* memory;
    std::size_t stride;
    std::uint32_t size;
    std::uint32_t first;  ///< the block with which it begins
    std::uint32_t count;
    std::uint32_t first_free;
    std::uint32_t free;
  };
  void start_pool(ShardCore& core, std::uint8_t number, const Pool& pool);

  std::array<Pool, kBlobPoolsMax + 1> pools_{};
  unsigned count_ = 0;
};

/// Whether a handle is worth something in the hands of `keeper`, whose handler runs. O(kept).
bool has_block(const ShardCore& core, const Keeper& keeper, const BlockHandle& handle);
/// Takes a block that has_block has said yes to away from its keeper. O(kept).
void let_go(ShardCore& core, const Keeper& keeper, std::uint32_t block, Holder next);

/// Calls `visit(BlockHandle*)` for each block in a message, or in init arguments.
template <class Visit>
void for_each_block(const TypeTable& table, std::uint16_t tag, std::byte* message, Visit visit) {
  for (const BlockField& field : table.blocks) {
    if (field.tag != tag) continue;
    auto* const handle = reinterpret_cast<BlockHandle*>(message + field.offset);
    if (handle->index != kNoBuffer) visit(handle);
  }
}

}  // namespace tina::internal
