// SPDX-License-Identifier: Apache-2.0
// What arrives over the rings: see remote.h. A stream of messages is what matters here, so their
// way is one loop without a call; everything else leaves it.
#include <bit>
#include <cstring>

#include "src/isolate_streams.h"
#include "src/mailbox.h"
#include "src/monitor.h"
#include "src/remote.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

static_assert(sizeof(AnswerHeader) == kAnswerHeaderSize);

template <class T>
T read(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

/// What was taken off a ring, and what became of it: each thing is in one of the others.
struct Became {
  std::uint32_t taken = 0;
  std::uint32_t accepted = 0;  ///< it is in a mailbox
  std::uint32_t shed = 0;      ///< a message that found no room, or nobody; its sender sees that
  std::uint32_t rejected = 0;  ///< a call that did; its answer says so
  std::uint32_t notes = 0;     ///< an answer, a Down, a monitor: it has its place
};

/// Who is the child of whose address a header speaks, now.
Handle child_of(ShardParts& shard, const RemoteHeader& header) {
  return resolve_child(shard, std::bit_cast<ChildAddress>(header.to));
}

bool deliver_call(ShardParts& shard, const RemoteHeader& header, Handle to,
                  const std::byte* payload) {
  const auto call = read<CallHeader>(payload);
  const Failure refused =
      queue_call(shard, header.type, to, header.tag, call, payload + sizeof call,
                 header.size - static_cast<std::uint32_t>(sizeof call));
  if (refused == kNoFailure) return true;
  fail_call(shard, call, refused);
  return false;
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

void kept_promise(ShardParts& shard, unsigned from, RemoteKind kind) {
  PeerLink& link = shard.links[from];
  TINA_ASSERT(link.promised > 0);
  --link.promised;
  if (kind == RemoteKind::kDown) --link.watched;
}

/// Takes one thing that is not a message for a mailbox: answers, monitors, Downs.
void deliver_note(ShardParts& shard, unsigned from, const RemoteHeader& header,
                  const std::byte* payload) {
  const Handle to{header.to};
  switch (header.kind) {
    case RemoteKind::kAnswer:
      kept_promise(shard, from, header.kind);
      return deliver_answer(shard, header, payload);
    case RemoteKind::kMonitor:
      return watch_for(shard, header.type, to, read<MonitorMessage>(payload));
    case RemoteKind::kDemonitor:
      return unwatch_for(shard, header.type, to, read<MonitorMessage>(payload));
    case RemoteKind::kDown:
      kept_promise(shard, from, header.kind);
      return down_from(shard, header.type, to, header.tag, read<DownMessage>(payload));
    case RemoteKind::kMessage:
    case RemoteKind::kMessageByPath:
    case RemoteKind::kCall:
    case RemoteKind::kCallByPath:
    case RemoteKind::kHandOver:
    case RemoteKind::kHandOverByPath:
      break;
  }
  TINA_ASSERT(false);
}

void count_shed(const PeerRing& from, std::uint32_t messages, Became& became) {
  from.ring->count_shed(messages);
  became.shed += messages;
}

/// Takes a connection over with the message that it is in.
void take_stream(ShardParts& shard, const PeerRing& from, const RemoteHeader& header, Handle to,
                 std::byte* message, Became& became) {
  const TypeTable& table = *shard.types[header.type].table;
  const std::int32_t* const stream = stream_of(table, header.tag, message);
  TINA_ASSERT(stream != nullptr);
  if (*stream >= 0) {
    shard.reactor.take_stream(*stream);
    ++shard.counters.streams_taken;
  }
  MailboxRun run(shard, header.type);
  if (!run.put(to, header.tag, message, header.size)) {
    drop_stream(shard, table, header.tag, message);
    count_shed(from, 1, became);
  }
  became.accepted += run.close();
}

/// How far ahead of what is taken a ring's slots are fetched, and the mailboxes they are for.
constexpr std::ptrdiff_t kSlotsAhead = 16;
constexpr std::ptrdiff_t kMailboxesAhead = 8;

/// What makes a message one of a run: its type and its kind, as they stand in its header.
std::uint16_t kin_of(RingSlot* slot) {
  static_assert(offsetof(RemoteHeader, kind) == offsetof(RemoteHeader, type) + 1);
  return read<std::uint16_t>(slot->bytes + offsetof(RemoteHeader, type));
}

/// Takes messages for isolates of one type, as many as stand one behind the other. Returns where
/// the first stands that is none of them.
RingSlot* take_messages(ShardParts& shard, const PeerRing& from, RingSlot* at, RingSlot* stop,
                        Became& became) {
  const std::uint16_t kin = kin_of(at);
  MailboxRun run(shard, at->header().type);
  const bool wide = run.wide();
  std::uint32_t taken = 0;
  std::uint32_t shed = 0;
  do {
    const auto header = at->header();
    if (stop - at > kSlotsAhead) {
      __builtin_prefetch(at + kSlotsAhead);
      if (wide) run.expect(Handle{at[kMailboxesAhead].header().to});
    }
    if (!run.put(Handle{header.to}, header.tag, at->data(), header.size)) [[unlikely]]
      ++shed;
    ++taken;
    at += ring_slots(header.size);
  } while (at < stop && !at->skips() && kin_of(at) == kin);
  became.taken += taken;
  became.accepted += run.close();
  if (shed > 0) count_shed(from, shed, became);
  return at;
}

/// Takes one thing that is not a message to a handle.
RingSlot* take_other(ShardParts& shard, const PeerRing& from, RingSlot* at, Became& became) {
  const auto header = at->header();
  std::byte* const payload = at->data();
  ++became.taken;
  const Handle to = header.by_path() ? child_of(shard, header) : Handle{header.to};
  if (header.hands_over()) {
    take_stream(shard, from, header, to, payload, became);
  } else if (header.kind == RemoteKind::kMessageByPath) {
    MailboxRun run(shard, header.type);
    if (!run.put(to, header.tag, payload, header.size)) count_shed(from, 1, became);
    became.accepted += run.close();
  } else if (header.kind == RemoteKind::kCall || header.kind == RemoteKind::kCallByPath) {
    ++(deliver_call(shard, header, to, payload) ? became.accepted : became.rejected);
  } else {
    deliver_note(shard, from.peer, header, payload);
    ++became.notes;
  }
  return at + ring_slots(header.size);
}

void drain_ring(ShardParts& shard, const PeerRing& from, Became& became) {
  from.ring->drain(kRemotePerRing, [&](RingSlot* at, RingSlot* stop) {
    const auto header = at->header();
    TINA_ASSERT(header.type < shard.type_count);
    return header.kind == RemoteKind::kMessage ? take_messages(shard, from, at, stop, became)
                                               : take_other(shard, from, at, became);
  });
  from.ring->release();
}

}  // namespace

std::uint32_t drain_inbound(ShardParts& shard) {
  Became became;
  const auto rings = static_cast<std::uint32_t>(shard.inbound.size());
  for (std::uint32_t i = 0; i < rings; ++i) {
    const std::uint32_t number = shard.first_ring + i;
    drain_ring(shard, shard.inbound[number < rings ? number : number - rings], became);
  }
  if (became.taken == 0) return 0;
  shard.counters.remote_taken += became.taken;
  shard.counters.remote_accepted += became.accepted;
  shard.counters.remote_shed += became.shed;
  shard.counters.remote_rejected += became.rejected;
  shard.counters.remote_notes += became.notes;
  // Whoever comes first finds the mailboxes empty: next time it is somebody else, also on this
  // shard.
  shard.first_ring = shard.first_ring + 1 == rings ? 0 : shard.first_ring + 1;
  shard.backwards = !shard.backwards;
  return became.taken;
}

}  // namespace tina::internal
