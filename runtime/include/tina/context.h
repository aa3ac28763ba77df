// SPDX-License-Identifier: Apache-2.0
// What a handler can do while it runs: send, spawn, log, ask the time. The generated contexts
// derive from ContextBase and offer only what the spec declares, so a message that the spec does
// not list does not compile. Sends are inline and never touch the receiver's state: a queue entry
// and 8 bytes of slot meta. Used on the shard's thread, inside a handler.
#pragma once

#include <array>
#include <bit>
#include <new>
#include <type_traits>

#include "tina/block.h"
#include "tina/child.h"
#include "tina/scratch.h"
#include "tina/serve.h"
#include "tina/shard_core.h"

namespace tina {

/// What became of a message. `kQueued`: it will be handled, or counted if its isolate ends first.
/// `kFull`: the mailbox is at its declared size. `kDead`: nobody lives under that handle any more.
/// `kRingFull`: the cross-shard ring has no place.
enum class [[nodiscard]] SendResult : std::uint8_t { kQueued, kFull, kDead, kRingFull };

/// What became of a spawn. `kFull`: every slot is taken. `kQuarantined`: its supervisor does not
/// run: it stops, has given up, or is not in this shard's tree.
enum class [[nodiscard]] SpawnStatus : std::uint8_t { kSpawned, kFull, kQuarantined };

template <class Isolate>
struct [[nodiscard]] SpawnResult {
  SpawnStatus status = SpawnStatus::kFull;
  Ref<Isolate> ref;
  bool ok() const { return status == SpawnStatus::kSpawned; }
};

/// What became of `ctx.monitor`. `kFull`: every record of the budget `monitors` is in use, or no
/// place for the news is left in the ring from the isolate's shard.
enum class [[nodiscard]] MonitorResult : std::uint8_t { kWatching, kFull };

/// A named number in a structured log line; the name is a string literal.
struct Field {
  const char* name = nullptr;
  std::int64_t value = 0;
};

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };

namespace internal {

struct Reserved {
  SpawnStatus status;
  std::uint32_t slot;
  Handle handle;
};

/// Takes a slot of `type` in the dynamic group at `place`. The slot's init runs ahead of anything
/// that is sent to it. O(1).
Reserved reserve_slot(ShardCore& core, TypeId type, std::uint16_t place) noexcept;
/// Makes `slot` runnable: its init arguments are in place.
void enqueue_init(ShardCore& core, TypeId type, std::uint32_t slot) noexcept;
/// Gives an I/O object of a reserved slot its descriptor, which leaves transit.
void adopt_descriptor(ShardCore& core, TypeId type, std::uint32_t slot, unsigned io,
                      std::int32_t descriptor) noexcept;
/// Writes one log record; full ring: counted as lost. Never blocks.
void log_event(ShardCore& core, Level level, const char* event, const Field* fields,
               unsigned count) noexcept;

/// Arms or re-arms named timer `timer` of a slot to fire once, `delay` from now: O(1).
void arm_timer(ShardCore& core, TypeId type, std::uint32_t slot, unsigned timer,
               Duration delay) noexcept;
/// Disarms it, also if it has fired and waits to be handled. True if there was anything to disarm.
bool cancel_timer(ShardCore& core, TypeId type, std::uint32_t slot, unsigned timer) noexcept;

/// Begins to monitor `target` for the running isolate, or ends that.
MonitorResult start_monitor(ShardCore& core, TypeId type, Handle target) noexcept;
bool end_monitor(ShardCore& core, TypeId type, Handle target) noexcept;

/// Counts a refusal. Out of line: the way of a message that is taken stays short.
SendResult refuse_message(TypeBlock& block, SendResult why) noexcept;

class Ring;

/// Where a message to another shard is written; null: what `result` says.
struct RemotePlace {
  std::byte* at;
  Ring* ring;
  SendResult result;
};
/// A place in the ring to another shard for a message with that header, or none because the ring is
/// full, or nobody of this shard lives under `to` or its mailbox is full. It counts once it is
/// committed.
RemotePlace reserve_elsewhere(ShardCore& core, unsigned shard, const RemoteHeader& header) noexcept;
void commit_elsewhere(ShardCore& core, Ring& ring) noexcept;

/// The end of send_aside for what finds no place, as far as the ring's writer knows, or takes more
/// than one slot.
template <class Message>
[[gnu::noinline]] SendResult send_slowly(ShardCore& core, unsigned shard, RemoteHeader header,
                                         Message message) noexcept {
  const RemotePlace place = reserve_elsewhere(core, shard, header);
  if (place.at == nullptr) return place.result;
  ::new (place.at) Message(message);  // a fault here is still the handler's
  commit_elsewhere(core, *place.ring);
  return SendResult::kQueued;
}

/// Sends what the mailbox of an isolate of this shard does not take. With a copy of its own, so
/// that the message of the usual way needs no address and can stay in registers. Cost to another
/// shard: one slot of the ring written.
template <class Message>
[[gnu::noinline]] SendResult send_aside(ShardCore& core, unsigned shard, RemoteHeader header,
                                        Message message) noexcept {
  if constexpr (ring_slots(sizeof message) == 1) {
    RingWriter* const writer = shard < core.writer_count ? core.writers[shard] : nullptr;
    if (writer != nullptr && writer->written < writer->room_until) [[likely]] {
      auto* const place = ::new (writer->at(writer->written)) RemoteHeader(header);
      ::new (place + 1) Message(message);  // a fault here is still the handler's
      // One store commits it, so no fault can find it half sent.
      __atomic_signal_fence(__ATOMIC_SEQ_CST);
      ++writer->written;
      return SendResult::kQueued;
    }
  }
  return send_slowly(core, shard, header, message);
}

/// The header of a message of `size` bytes to an isolate or a child of the type.
constexpr RemoteHeader header_to(Handle to, TypeId type, std::uint16_t tag, std::size_t size) {
  return {to.bits, static_cast<std::uint8_t>(index(type)), RemoteKind::kMessage, tag,
          static_cast<std::uint32_t>(size)};
}
constexpr RemoteHeader header_to(ChildAddress to, TypeId type, std::uint16_t tag,
                                 std::size_t size) {
  return {std::bit_cast<std::uint64_t>(to), static_cast<std::uint8_t>(index(type)),
          RemoteKind::kMessageByPath, tag, static_cast<std::uint32_t>(size)};
}

/// Queues `message` for `to`. Cost: one entry written, 8 bytes of slot meta read and written.
template <class Message>
[[gnu::always_inline]] inline SendResult send_local(ShardCore& core, TypeId type, Handle to,
                                                    std::uint16_t tag,
                                                    const Message& message) noexcept {
  static_assert(std::is_trivially_copyable_v<Message>);
  TypeBlock& block = core.types[index(type)];
  const std::uint64_t local = to.bits ^ core.home;
  // The bits of another shard stand above every slot, so one comparison finds strangers and bad
  // handles.
  const auto slot = static_cast<std::uint32_t>(local >> 32);
  if (slot >= block.slots) [[unlikely]]
    return send_aside(core, index(to.shard()), header_to(to, type, tag, sizeof message), message);
  SlotMeta& meta = block.meta[slot];
  const bool takes = meta.generation == to.generation() && (meta.flags & kLive) != 0 &&
                     meta.pending < block.mailbox;
  if (!takes) [[unlikely]]
    return send_aside(core, index(to.shard()), header_to(to, type, tag, sizeof message), message);
  const std::uint32_t tail = block.tail;
  EntryHeader* const entry = block.entry(tail);
  *entry = EntryHeader::of(local, tag);
  // A fault here is still the handler's. An assignment, because it goes field by field: one wide
  // load of fields that were stored just before would wait for them to reach the cache.
  ::new (entry + 1) Message(message);
  set_phase(core, Phase::kRuntime);
  append_entry(core, block, index(type), tail, meta);
  set_phase(core, Phase::kHandler);
  return SendResult::kQueued;
}

/// False for whatever types: an assertion on it fails where a template is used, not where it
/// stands.
template <class...>
inline constexpr bool kDeclared = false;

template <class Message>
concept MovesOnly = !std::is_copy_constructible_v<Message>;

/// The same for a receiver whose type is known at run time only; `tags` has the message's tag in
/// the mailbox of each isolate type, kNoTag where it is not taken.
template <class Message, std::size_t kTypes>
SendResult send_any(ShardCore& core, TypeId type, Handle to, const TagTable<kTypes>& tags,
                    const Message& message) noexcept {
  const std::uint8_t tag = tags.of(index(type));
  if (tag == kNoTag) return SendResult::kDead;
  return send_local(core, type, to, tag, message);
}

}  // namespace internal

namespace internal {

/// Queues `message` for the current incarnation of a child, `kDead` while there is none. Cost: that
/// of send_local and two look-ups.
template <class Message>
SendResult send_child(ShardCore& core, TypeId type, ChildAddress to, std::uint16_t tag,
                      const Message& message) noexcept {
  if (to.shard != core.shard) {
    return send_aside(core, index(to.shard), header_to(to, type, tag, sizeof message), message);
  }
  const Handle handle = resolve_child(core, to);
  if (handle == Handle{}) return refuse_message(core.types[index(type)], SendResult::kDead);
  return send_local(core, type, handle, tag, message);
}

}  // namespace internal

/// What a named timer's handler gets. `missed`: ticks of a periodic timer that fell into this one
/// because the isolate had not handled the one before.
struct Fired {
  std::uint64_t missed = 0;
};

/// The base of every generated context. Lives on the stack for one handler call.
class ContextBase {
 public:
  ContextBase(ShardCore& core, std::uint32_t slot) : core_(&core), slot_(slot) {}
  ContextBase(const ContextBase&) = delete;
  ContextBase& operator=(const ContextBase&) = delete;

  /// The time of this pass; the same for every handler in it. Monotonic; virtual in simulation.
  Instant now() const { return core_->now; }
  ShardId shard() const { return core_->shard; }

  /// A child of this shard's tree by its path, `child<Root::store>()`; `index` is which one of a
  /// child `* N`. Names whoever runs there when it is used, also after a restart.
  template <class Tag>
  Child<Tag> child(std::uint32_t index = 0) const {
    return {{core_->shard, Tag::kPlace, index}};
  }
  /// The same on another shard.
  template <class Tag>
  Child<Tag> child(ShardId shard, std::uint32_t index = 0) const {
    return {{shard, Tag::kPlace, index}};
  }

  /// What the spec does not list: the generated context has an overload for all that it does.
  template <class To, class Message>
  SendResult send(Ref<To>, const Message&) {
    static_assert(internal::kDeclared<To, Message>,
                  "[E0407] the isolate does not list `sends` for this message to this isolate");
    return SendResult::kDead;
  }
  template <class Tag, class Message>
  SendResult send(Child<Tag>, const Message&) {
    static_assert(internal::kDeclared<Tag, Message>,
                  "[E0407] the isolate does not list `sends` for this message to this child");
    return SendResult::kDead;
  }
  /// A message with a buffer, a blob or a connection, not moved.
  template <class To, internal::MovesOnly Message>
  SendResult send(const To&, Message&) {
    static_assert(internal::kDeclared<To, Message>,
                  "[E0415] what the message holds moves with it: send(to, std::move(message))");
    return SendResult::kDead;
  }
  template <std::size_t kBytes>
  Blob<kBytes> blob() {
    static_assert(internal::kDeclared<Blob<kBytes>>,
                  "[E0416] no message and no init of the isolate has a blob of this size");
    return {};
  }
  template <class Isolate = void>
  Scratch& scratch() {
    static_assert(internal::kDeclared<Isolate>, "[E0417] the isolate's budget has no `scratch`");
    __builtin_unreachable();
  }
  template <class Init>
  SpawnStatus spawn(const Init&) {
    static_assert(internal::kDeclared<Init>,
                  "[E0408] the isolate does not list `spawns` for this isolate");
    return SpawnStatus::kFull;
  }

  /// Answers a call that was taken `later`. kExpired: its limit has passed, or its caller has
  /// gone on or ended. Cost: a copy of the results.
  template <class Call>
  AnswerResult answer(Token<Call>&& token, const typename Call::Result& results) {
    const Token<Call> taken = std::move(token);
    return internal::answer_open(*core_, {taken.serial(), taken.place()}, &results, sizeof results);
  }

  /// Writes one structured line: an event name and up to four numbers. Never blocks; a full log
  /// ring counts the line as lost.
  template <std::size_t kSize, class... Fields>
  void log(Level level, const char (&event)[kSize], const Fields&... fields) {
    static_assert(sizeof...(Fields) <= 4, "a log line carries at most four fields");
    const Field all[] = {fields..., Field{}};
    internal::log_event(*core_, level, event, all, sizeof...(Fields));
  }

  /// Gives a block back before the handler ends, or one that is kept. Cost: O(kept).
  void give_back(internal::Block&& block) { internal::give_back_block(*core_, block.handle()); }

 protected:
  /// Moves a block into the isolate's own state, where it outlives the handler: until it is moved
  /// on, given back, or the isolate ends. What `to` had goes back. kFull: `from` still has it.
  KeepResult keep(Buffer&& from, Buffer& to) {
    return internal::keep_block(*core_, from.handle(), to.handle());
  }
  template <std::size_t kBytes>
  KeepResult keep(Blob<kBytes>&& from, Blob<kBytes>& to) {
    return internal::keep_block(*core_, from.handle(), to.handle());
  }

  ShardCore& core() { return *core_; }
  std::uint32_t slot() const { return slot_; }
  Handle self_handle(TypeId type) const {
    const internal::TypeBlock& block = core_->types[index(type)];
    return Handle::at(core_->home, slot_, block.meta[slot_].generation);
  }

 private:
  friend class TimerControl;
  template <class Kind, bool kGathers>
  friend class IoControl;

  ShardCore* core_;
  std::uint32_t slot_;
};

/// `ctx.NAME` of a named timer. A member of the generated context, valid as long as it.
class TimerControl {
 public:
  constexpr TimerControl(const ContextBase& context, TypeId type, unsigned timer)
      : context_(context), type_(type), timer_(timer) {}

  /// Fires once, `delay` from now, never early; arming again moves it. Cost: O(1), about 10 ns.
  void arm(Duration delay) {
    internal::arm_timer(*context_.core_, type_, context_.slot_, timer_, delay);
  }
  /// Does not fire any more, also if it is due already. True if it was armed or due.
  bool cancel() { return internal::cancel_timer(*context_.core_, type_, context_.slot_, timer_); }

 private:
  const ContextBase& context_;
  TypeId type_;
  unsigned timer_;
};

}  // namespace tina
