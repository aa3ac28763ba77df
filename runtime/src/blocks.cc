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

unsigned Blocks::pool_for(std::uint32_t size) const {
  for (unsigned pool = kReceivePool + 1; pool < count_; ++pool) {
    if (pools_[pool].size >= size) return pool;
  }
  return kReceivePool;
}

std::uint32_t Blocks::free_blobs() const {
  std::uint32_t all = 0;
  for (unsigned pool = kReceivePool + 1; pool < count_; ++pool) all += pools_[pool].free;
  return all;
}

bool keeps(const Keeper& keeper, std::uint32_t block) {
  const auto kept = keeper.kept();
  return std::find(kept.begin(), kept.end(), block) != kept.end();
}

void stop_keeping(const Keeper& keeper, std::uint32_t block) {
  const auto kept = keeper.kept();
  *std::find(kept.begin(), kept.end(), block) = kNoBuffer;
}

}  // namespace tina::internal
