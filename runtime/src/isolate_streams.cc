// SPDX-License-Identifier: Apache-2.0
// See isolate_streams.h.
#include "src/isolate_streams.h"

#include <cstring>

#include "src/peer.h"
#include "src/ring.h"
#include "src/trap.h"

namespace tina::internal {
namespace {

/// Closes the connection in a message, and takes it out. False: there is none.
bool close_in(ShardParts& shard, const TypeTable& table, std::uint16_t tag, std::byte* message) {
  std::int32_t* const stream = stream_of(table, tag, message);
  if (stream == nullptr || *stream < 0) return false;
  shard.reactor.drop_stream(std::exchange(*stream, -1));
  ++shard.counters.streams_dropped;
  return true;
}

/// Of the two ends of a ring, the one that is left over: closes what is in it.
void close_rest(ShardParts& shard, Ring& ring) {
  if (!ring.claim_rest()) return;
  ring.visit_rest([&shard](RingSlot& first) {
    const RemoteHeader header = first.header();
    if (!header.hands_over()) return;
    const TypeTable& table = *shard.types[header.type].table;
    if (close_in(shard, table, header.tag, first.data())) ++shard.counters.streams_taken;
  });
}

bool has_ended(const ShardParts& shard, unsigned peer) {
  return shard.peers[peer]->state.read_for_sleeper().over();
}

template <class Visit>
void for_each_waiting(ShardParts& shard, Visit visit) {
  for (unsigned i = 0; i < shard.type_count; ++i) {
    TypeBlock& type = shard.types[i];
    if (type.table->streams.empty()) continue;
    for (std::uint32_t at = type.head; at != type.tail; at = type.after(at)) {
      EntryHeader* const entry = type.entry(at);
      visit(*type.table, entry->tag(), reinterpret_cast<std::byte*>(entry + 1));
    }
  }
}

}  // namespace

void stale_stream(ShardCore& core) noexcept { crash_running(core, "stale_stream"); }

void check_stream_of(ShardCore& core, const TypeTable& table, const OwnedMessage& message) {
  const std::int32_t* const stream = stream_of(table, message.tag, message.bytes);
  if (stream != nullptr && *stream >= 0 && *stream != core.transit_descriptor) stale_stream(core);
}

void let_go_stream(ShardCore& core, const TypeTable& table, const OwnedMessage& message) {
  std::int32_t* const stream = stream_of(table, message.tag, message.bytes);
  if (stream == nullptr || std::exchange(*stream, -1) < 0) return;
  core.transit_descriptor = -1;
}

void hold_stream(ShardCore& core, const TypeTable& table, std::uint16_t tag, std::byte* message) {
  const std::int32_t* const stream = stream_of(table, tag, message);
  if (stream == nullptr || *stream < 0) return;
  TINA_ASSERT(core.transit_descriptor < 0);
  core.transit_descriptor = *stream;
}

void drop_stream(ShardParts& shard, const TypeTable& table, std::uint16_t tag, std::byte* message) {
  close_in(shard, table, tag, message);
}

SendResult hand_over(ShardCore& core, unsigned to, const RemoteHeader& header,
                     const OwnedMessage& message) noexcept {
  ShardParts& shard = parts(core);
  TypeBlock& type = shard.types[header.type];
  // The channel of one that has ended is read by nobody: what is in it would stay open.
  if (to >= shard.peers.size() || shard.peers[to]->state.read().over()) {
    return refuse_message(type, SendResult::kDead);
  }
  check_stream_of(core, *type.table, message);
  const RemotePlace place = reserve_elsewhere(core, to, header);
  if (place.at == nullptr) return place.result;
  std::memcpy(place.at, message.bytes, message.size);  // a fault here is still the handler's
  set_phase(core, Phase::kRuntime);
  const std::int32_t* const stream = stream_of(*type.table, message.tag, message.bytes);
  if (*stream >= 0) ++shard.counters.streams_sent;
  let_go_stream(core, *type.table, message);
  place.ring->commit();
  set_phase(core, Phase::kHandler);
  return SendResult::kQueued;
}

void give_up_streams_to(ShardParts& shard, unsigned peer) {
  Ring* const ring = shard.outbound[peer];
  if (ring != nullptr) close_rest(shard, *ring);
}

void give_up_streams(ShardParts& shard) {
  for_each_waiting(shard, [&shard](const TypeTable& table, std::uint16_t tag, std::byte* message) {
    close_in(shard, table, tag, message);
  });
  // Whose channels are read or emptied by nobody else: of two that end at once, at least one finds
  // the other's word, and the first one to claim a ring empties it.
  for (const auto& [ring, peer] : shard.inbound) {
    if (has_ended(shard, peer)) close_rest(shard, *ring);
  }
  for (const auto& [ring, peer] : shard.published) {
    if (has_ended(shard, peer)) close_rest(shard, *ring);
  }
}

std::uint64_t streams_waiting(ShardParts& shard) {
  std::uint64_t count = 0;
  for_each_waiting(shard, [&count](const TypeTable& table, std::uint16_t tag, std::byte* message) {
    const std::int32_t* const stream = stream_of(table, tag, message);
    if (stream != nullptr && *stream >= 0) ++count;
  });
  return count;
}

}  // namespace tina::internal
