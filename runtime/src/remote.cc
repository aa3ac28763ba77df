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

/// What precedes the results in an answer.
struct AnswerHeader {
  std::uint32_t correlation;
  std::uint32_t reserved;
};
static_assert(sizeof(AnswerHeader) == kAnswerHeaderSize);

Ring* ring_to(const ShardParts& shard, unsigned to) {
  return to < shard.outbound.size() ? shard.outbound[to] : nullptr;
}
void commit(ShardParts& shard, Ring& ring) {
  ring.commit();
  ++shard.counters.remote_sent;
}
Ring* ring_to(const ShardParts& shard, Handle to) { return ring_to(shard, index(to.shard())); }

template <class T>
T read(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

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
  const auto size = static_cast<std::uint32_t>(sizeof header) + header.size;
  std::byte* const place = allowed == Place::kPromised ? ring.try_reserve_promised(size)  //
                                                       : ring.try_reserve(size);
  if (place == nullptr) return nullptr;
  std::byte* at = place + sizeof header;
  std::memcpy(place, &header, sizeof header);
  std::memcpy(at, payload.first, payload.first_size);
  at += payload.first_size;
  if (payload.second_size > 0) std::memcpy(at, payload.second, payload.second_size);
  return place;
}

/// Who is the child of whose address a header speaks, now.
Handle child_of(ShardParts& shard, const RemoteHeader& header) {
  return resolve_child(shard, std::bit_cast<ChildAddress>(header.to));
}

/// Puts a message into its mailbox, or counts why not.
Taken deliver_message(ShardParts& shard, const RemoteHeader& header, Handle to,
                      const std::byte* payload) {
  EntryHeader* const entry = take_place(shard, header.type, to, header.tag);
  if (entry == nullptr) return Taken::kShed;
  copy_words(entry + 1, payload, header.size);
  return Taken::kAccepted;
}

Taken deliver_call(ShardParts& shard, const RemoteHeader& header, Handle to,
                   const std::byte* payload) {
  const auto call = read<CallHeader>(payload);
  const Failure refused =
      queue_call(shard, header.type, to, header.tag, call, payload + sizeof call,
                 header.size - static_cast<std::uint32_t>(sizeof call));
  if (refused == kNoFailure) return Taken::kAccepted;
  fail_call(shard, call, refused);
  return Taken::kRejected;
}

void deliver_answer(ShardParts& shard, const RemoteHeader& header, const std::byte* payload) {
  const auto answer = read<AnswerHeader>(payload);
  const CallHeader call{{header.to}, 0, answer.correlation, static_cast<std::uint8_t>(header.tag),
                        header.type, 0};
  std::byte* const place = reply_place(shard, call);
  const std::size_t size = header.size - sizeof answer;
  if (place != nullptr && size > 0) {
    TINA_ASSERT(size <= shard.types[header.type].table->result_size);
    std::memcpy(place, payload + sizeof answer, size);
  }
  finish_call(shard, call, static_cast<Failure>(header.tag >> 8));
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

void kept_promise(ShardParts& shard, unsigned from, RemoteKind kind) {
  PeerLink& link = shard.links[from];
  TINA_ASSERT(link.promised > 0);
  --link.promised;
  if (kind == RemoteKind::kDown) --link.watched;
}

/// A place for a message in the ring to `peer`, its header written. The caller counts as sent what
/// it commits.
RemotePlace reserve_message(ShardParts& shard, unsigned peer, const RemoteHeader& header) {
  Ring* const ring = ring_to(shard, peer);
  if (ring == nullptr) {  // no such shard, or no channel to it
    ++shard.types[header.type].count.refused_dead;
    return {nullptr, nullptr, SendResult::kDead};
  }
  const auto size = static_cast<std::uint32_t>(sizeof header) + header.size;
  std::byte* const at = ring->try_reserve(size);
  if (at == nullptr) {
    ++shard.counters.ring_refused;
    return {nullptr, nullptr, SendResult::kRingFull};
  }
  ::new (at) RemoteHeader(header);
  return {at + sizeof header, ring, SendResult::kQueued};
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
  commit(shard, *ring);
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

RemotePlace reserve_elsewhere(ShardCore& core, TypeId id, Handle to, std::uint16_t tag,
                              std::uint32_t size) noexcept {
  const auto number = static_cast<std::uint8_t>(index(id));
  if (to.shard() == core.shard) {
    TypeBlock& type = core.types[number];
    return {nullptr, nullptr,
            refuse_message(type, type.lives(to) ? SendResult::kFull : SendResult::kDead)};
  }
  return reserve_message(parts(core), index(to.shard()),
                         {to.bits, number, RemoteKind::kMessage, tag, size});
}

RemotePlace reserve_elsewhere(ShardCore& core, TypeId id, ChildAddress to, std::uint16_t tag,
                              std::uint32_t size) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(to);
  const auto number = static_cast<std::uint8_t>(index(id));
  return reserve_message(parts(core), index(to.shard),
                         {bits, number, RemoteKind::kMessageByPath, tag, size});
}

void commit_elsewhere(ShardCore& core, Ring& ring) noexcept {
  set_phase(core, Phase::kRuntime);
  commit(parts(core), ring);
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
  commit(shard, *ring);
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
  commit(shard, *ring_to(shard, call.caller));
}

void send_down(ShardParts& shard, Handle watcher, unsigned watcher_type, std::uint16_t number,
               const DownMessage& message) {
  const auto id = static_cast<std::uint8_t>(watcher_type);
  write_promised(shard, watcher, {watcher.bits, id, RemoteKind::kDown, number, 0},
                 payload_of(message));
  commit(shard, *ring_to(shard, watcher));
}

Taken deliver_remote(ShardParts& shard, unsigned from, const std::byte* data, std::uint32_t size) {
  TINA_ASSERT(size >= sizeof(RemoteHeader));
  const auto header = read<RemoteHeader>(data);
  const std::byte* const payload = data + sizeof header;
  TINA_ASSERT(header.type < shard.type_count);
  const Handle to{header.to};
  switch (header.kind) {
    case RemoteKind::kMessage:
      return deliver_message(shard, header, to, payload);
    case RemoteKind::kMessageByPath:
      return deliver_message(shard, header, child_of(shard, header), payload);
    case RemoteKind::kCall:
      return deliver_call(shard, header, to, payload);
    case RemoteKind::kCallByPath:
      return deliver_call(shard, header, child_of(shard, header), payload);
    case RemoteKind::kAnswer:
      kept_promise(shard, from, header.kind);
      deliver_answer(shard, header, payload);
      break;
    case RemoteKind::kMonitor:
      watch_for(shard, header.type, to, read<MonitorMessage>(payload));
      break;
    case RemoteKind::kDemonitor:
      unwatch_for(shard, header.type, to, read<MonitorMessage>(payload));
      break;
    case RemoteKind::kDown:
      kept_promise(shard, from, header.kind);
      down_from(shard, header.type, to, header.tag, read<DownMessage>(payload));
      break;
  }
  return Taken::kNote;
}

}  // namespace tina::internal
