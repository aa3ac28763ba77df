// SPDX-License-Identifier: Apache-2.0
// See blocks.h.
#include "src/blocks.h"

#include <algorithm>

#include "src/poison.h"
#include "tina/layout.h"

namespace tina::internal {

void Blocks::start(ShardCore& core, std::span<const BlobPoolTable> pools) {
  TINA_ASSERT(pools.size() <= kBlobPoolsMax);
  core.held = kNoBuffer;
  start_pool(core, kReceivePool,
             {core.buffers, core.buffer_size, core.buffer_size, 0, core.buffer_count, 0, 0});
  std::byte* memory = core.blobs;
  std::uint32_t first = core.buffer_count;
  count_ = 1;
  for (const BlobPoolTable& pool : pools) {
    const std::size_t stride = blob_stride(pool);
    start_pool(core, static_cast<std::uint8_t>(count_++),
               {memory, stride, pool.size, first, pool.count, 0, 0});
    memory += pool.count * stride;
    first += pool.count;
  }
  TINA_ASSERT(first == core.block_count);
}

void Blocks::start_pool(ShardCore& core, std::uint8_t number, const Pool& pool) {
  const std::uint32_t end = pool.first + pool.count;
  for (std::uint32_t i = pool.first; i < end; ++i) {
    core.blocks[i] = {1, i + 1 == end ? kNoBuffer : i + 1, kNoBuffer, Holder::kFree, number, 0};
  }
  pools_[number] = pool;
  pools_[number].first_free = pool.count == 0 ? kNoBuffer : pool.first;
  pools_[number].free = pool.count;
  // What a shard that was restarted left in them is nobody's.
  for (std::uint32_t i = pool.first; i < end; ++i) spoil(memory(i, core), pool.size);
}

std::uint32_t Blocks::take(ShardCore& core, unsigned pool) {
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

void Blocks::give_back(ShardCore& core, std::uint32_t block) {
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

unsigned Blocks::pool_for(std::uint32_t size) const {
  for (unsigned pool = kReceivePool + 1; pool < count_; ++pool) {
    if (pools_[pool].size >= size) return pool;
  }
  return kReceivePool;
}

std::byte* Blocks::memory(std::uint32_t block, const ShardCore& core) const {
  const Pool& pool = pools_[core.blocks[block].pool];
  return pool.memory + (block - pool.first) * pool.stride;
}

std::uint32_t Blocks::free_blobs() const {
  std::uint32_t all = 0;
  for (unsigned pool = kReceivePool + 1; pool < count_; ++pool) all += pools_[pool].free;
  return all;
}

bool has_block(const ShardCore& core, const Keeper& keeper, const BlockHandle& handle) {
  if (handle.index >= core.block_count) return false;
  const BlockRecord& record = core.blocks[handle.index];
  if (record.serial != handle.serial) return false;
  if (record.holder == Holder::kHandler) return true;
  if (record.holder != Holder::kKept) return false;
  const auto kept = keeper.kept();
  return std::find(kept.begin(), kept.end(), handle.index) != kept.end();
}

void let_go(ShardCore& core, const Keeper& keeper, std::uint32_t block, Holder next) {
  BlockRecord& record = core.blocks[block];
  if (record.holder == Holder::kHandler) {
    (record.previous == kNoBuffer ? core.held : core.blocks[record.previous].next) = record.next;
    if (record.next != kNoBuffer) core.blocks[record.next].previous = record.previous;
  } else {
    TINA_ASSERT(record.holder == Holder::kKept);
    const auto kept = keeper.kept();
    *std::find(kept.begin(), kept.end(), block) = kNoBuffer;
  }
  record.holder = next;
}

}  // namespace tina::internal
