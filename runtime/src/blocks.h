// SPDX-License-Identifier: Apache-2.0
// The blocks of a shard: receive buffers and the pools of `blobs`. Invariants: a block is in its
// pool's free list, or has one holder that is not kFree; those of the running handler form the list
// that `held` begins, so that they are found whatever became of the handles; a handle fits as long
// as its block has not been given back. Owned by the shard's thread; O(1) unless said otherwise.
#pragma once

#include <array>

#include "src/poison.h"
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

inline std::byte* Blocks::memory(std::uint32_t block, const ShardCore& core) const {
  const Pool& pool = pools_[core.blocks[block].pool];
  return pool.memory + (block - pool.first) * pool.stride;
}

inline std::uint32_t Blocks::take(ShardCore& core, unsigned pool) {
  Pool& from = pools_[pool];
  const std::uint32_t block = from.first_free;
  if (block == kNoBuffer) return kNoBuffer;
  from.first_free = core.blocks[block].next;
  --from.free;
  ++taken;
  core.blocks[block].holder = Holder::kOperation;
  allow(memory(block, core), from.size);
  return block;
}

inline void Blocks::give_back(ShardCore& core, std::uint32_t block) {
  TINA_ASSERT(block < core.block_count && core.blocks[block].holder != Holder::kFree);
  BlockRecord& record = core.blocks[block];
  Pool& pool = pools_[record.pool];
  ++record.serial;
  record.holder = Holder::kFree;
  record.next = pool.first_free;
  pool.first_free = block;
  ++pool.free;
  ++returned;
  spoil(memory(block, core), pool.size);
}

/// Whether the keeper's state keeps a block, and that it does so no longer. O(kept).
bool keeps(const Keeper& keeper, std::uint32_t block);
void stop_keeping(const Keeper& keeper, std::uint32_t block);

/// Whether a handle is worth something in the hands of `keeper`, whose handler runs. O(kept).
inline bool has_block(const ShardCore& core, const Keeper& keeper, const BlockHandle& handle) {
  if (handle.index >= core.block_count) return false;
  const BlockRecord& record = core.blocks[handle.index];
  if (record.serial != handle.serial) return false;
  return record.holder == Holder::kHandler ||
         (record.holder == Holder::kKept && keeps(keeper, handle.index));
}

/// Takes a block that has_block has said yes to away from its keeper. O(kept).
inline void let_go(ShardCore& core, const Keeper& keeper, std::uint32_t block, Holder next) {
  BlockRecord& record = core.blocks[block];
  if (record.holder == Holder::kHandler) {
    (record.previous == kNoBuffer ? core.held : core.blocks[record.previous].next) = record.next;
    if (record.next != kNoBuffer) core.blocks[record.next].previous = record.previous;
  } else {
    TINA_ASSERT(record.holder == Holder::kKept);
    stop_keeping(keeper, block);
  }
  record.holder = next;
}

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
