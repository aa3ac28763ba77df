// SPDX-License-Identifier: Apache-2.0
// See remote.h.
#include "src/remote.h"

#include <bit>
#include <cstring>

#include "src/mailbox.h"
#include "src/monitor.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

static_assert(sizeof(RemoteHeader) == kRemoteHeaderSize);

Ring* ring_to(const ShardParts& shard, unsigned to) {
  return to < shard.outbound.size() ? shard.outbound[to] : nullptr;
}
Ring* ring_to(const ShardParts& shard, Handle to) { return ring_to(shard, index(to.shard())); }

/// A payload, in two parts because of what precedes the arguments of a call.
struct Payload {
  const void* first;
  std::uint32_t first_size;
  const void* second = nullptr;
  std::uint32_t second_size = 0;

  std::uint32_t size() const { return first_size + second_size; }
};
template <class T>
Payload payload_of(const T& message) {
  return {&message, sizeof message};
}

/// Which places of a ring a message may take.
enum class Place : std::uint8_t { kFree, kPromised };

/// Writes a message into a ring, where it exists once it is committed. Null: the ring is full.
std::byte* write(Ring& ring, Place allowed, RemoteHeader header, const Payload& payload) {
  header.size = payload.size();
  std::byte* const place = allowed == Place::kPromised ? ring.try_reserve_promised(header)  //
                                                       : ring.try_reserve(header);
  if (place == nullptr) return nullptr;
  std::memcpy(place, payload.first, payload.first_size);
  if (payload.second_size > 0) {
    std::memcpy(place + payload.first_size, payload.second, payload.second_size);
  }
  return place;
}

/// Whether one more answer from `peer` may be waited for.
bool may_promise(const ShardParts& shard, unsigned peer, RemoteKind kind) {
  if (peer >= shard.links.size()) return false;
  const PeerLink& link = shard.links[peer];
  if (kind == RemoteKind::kMonitor && link.watched >= link.watches) return false;
  return link.promised < link.promises;
}

void promise(ShardParts& shard, unsigned peer, RemoteKind kind) {
  ++shard.links[peer].promised;
  if (kind == RemoteKind::kMonitor) ++shard.links[peer].watched;
}

/// Sends what will be answered once. kNoFailure: it was sent.
Failure send_promised(ShardParts& shard, unsigned peer, const RemoteHeader& header,
                      const Payload& payload) {
  Ring* const ring = ring_to(shard, peer);
  if (ring == nullptr || header.type >= shard.type_count) return Failure::kDead;
  if (shard.peers[peer]->state.read().over()) return Failure::kQuarantined;
  if (!may_promise(shard, peer, header.kind) ||
      write(*ring, Place::kFree, header, payload) == nullptr) {
    ++shard.counters.ring_refused;
    return Failure::kRingFull;
  }
  ring->commit();
  promise(shard, peer, header.kind);
  return kNoFailure;
}

/// Writes what another shard waits for into the place that was promised for it.
std::byte* write_promised(ShardParts& shard, Handle to, const RemoteHeader& header,
                          const Payload& payload) {
  Ring* const ring = ring_to(shard, to);
  TINA_ASSERT(ring != nullptr);
  std::byte* const place = write(*ring, Place::kPromised, header, payload);
  TINA_ASSERT(place != nullptr);
  return place;
}

}  // namespace

RemotePlace reserve_elsewhere(ShardCore& core, unsigned to, const RemoteHeader& header) noexcept {
  ShardParts& shard = parts(core);
  TypeBlock& type = shard.types[header.type];
  if (to == index(shard.shard)) {
    const bool lives = type.lives(Handle{header.to});
    return {nullptr, nullptr, refuse_message(type, lives ? SendResult::kFull : SendResult::kDead)};
  }
  Ring* const ring = ring_to(shard, to);
  if (ring == nullptr) {  // no such shard, or no channel to it
    return {nullptr, nullptr, refuse_message(type, SendResult::kDead)};
  }
  std::byte* const at = ring->try_reserve(header);
  if (at == nullptr) {
    ++shard.counters.ring_refused;
    return {nullptr, nullptr, SendResult::kRingFull};
  }
  return {at, ring, SendResult::kQueued};
}

void commit_elsewhere(ShardCore& core, Ring& ring) noexcept {
  set_phase(core, Phase::kRuntime);
  ring.commit();
  set_phase(core, Phase::kHandler);
}

Failure send_call(ShardParts& shard, const CallStart& start, const CallHeader& call,
                  const std::byte* request) {
  const unsigned peer = start.by_path ? index(std::bit_cast<ChildAddress>(start.to.bits).shard)
                                      : index(start.to.shard());
  const RemoteKind kind = start.by_path ? RemoteKind::kCallByPath : RemoteKind::kCall;
  return send_promised(shard, peer, {start.to.bits, start.type, kind, start.message, 0},
                       {&call, sizeof call, request, start.size});
}

Failure send_monitor(ShardParts& shard, unsigned type, Handle target,
                     const MonitorMessage& message) {
  const auto id = static_cast<std::uint8_t>(type);
  return send_promised(shard, index(target.shard()), {target.bits, id, RemoteKind::kMonitor, 0, 0},
                       payload_of(message));
}

bool send_demonitor(ShardParts& shard, unsigned type, Handle target,
                    const MonitorMessage& message) {
  Ring* const ring = ring_to(shard, target);
  const auto id = static_cast<std::uint8_t>(type);
  const RemoteHeader header{target.bits, id, RemoteKind::kDemonitor, 0, 0};
  if (write(*ring, Place::kFree, header, payload_of(message)) == nullptr) return false;
  ring->commit();
  return true;
}

std::byte* reserve_answer(ShardParts& shard, const CallHeader& call, Failure why,
                          const void* results, std::uint32_t size) {
  const AnswerHeader answer{call.correlation, 0};
  const auto tag = static_cast<std::uint16_t>(call.record | static_cast<unsigned>(why) << 8);
  return write_promised(shard, call.caller,
                        {call.caller.bits, call.caller_type, RemoteKind::kAnswer, tag, 0},
                        {&answer, sizeof answer, results, size});
}

void commit_answer(ShardParts& shard, const CallHeader& call) {
  ring_to(shard, call.caller)->commit();
}

void send_down(ShardParts& shard, Handle watcher, unsigned watcher_type, std::uint16_t number,
               const DownMessage& message) {
  const auto id = static_cast<std::uint8_t>(watcher_type);
  write_promised(shard, watcher, {watcher.bits, id, RemoteKind::kDown, number, 0},
                 payload_of(message));
  ring_to(shard, watcher)->commit();
}

}  // namespace tina::internal
