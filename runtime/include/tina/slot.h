// SPDX-License-Identifier: Apache-2.0
// What the runtime keeps beside an isolate's own state: identity, mailbox level, results of its own
// actions, I/O objects. The split is by heat: SlotMeta is what a sender touches, the rest only its
// owner. Invariants: every record is plain data in the shard's arena; a slot with an operation in
// flight keeps its records until the last completion. Owned by the shard's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tina/base.h"
#include "tina/handle.h"

namespace tina::internal {

inline constexpr std::uint8_t kNoRecord = 0xff;
inline constexpr std::uint32_t kNoBuffer = 0xffff'ffff;
inline constexpr std::uint32_t kNoPlace = 0xffff'ffff;
inline constexpr std::uint8_t kNoTag = 0xff;
inline constexpr std::int32_t kNoDescriptor = -1;
/// Of an object that is open without one.
inline constexpr std::int32_t kNeedsNoDescriptor = -2;

/// A message's tag in the mailbox of each isolate type, kNoTag where it is not taken. Built from
/// the few that take it: `TagTable<9>().with(4, 0).with(7, 2)`.
template <std::size_t kTypes>
struct TagTable {
  std::array<std::uint8_t, kTypes> tags = [] {
    std::array<std::uint8_t, kTypes> none{};
    none.fill(kNoTag);
    return none;
  }();

  /// The same table with one entry more.
  constexpr TagTable with(std::size_t type, std::uint8_t tag) const {
    TagTable more = *this;
    more.tags[type] = tag;
    return more;
  }
  /// kNoTag also for types beyond the table.
  constexpr std::uint8_t of(std::size_t type) const { return type < kTypes ? tags[type] : kNoTag; }
};

/// Copies one word, whatever types both ends have.
inline void copy_word(void* to, const std::byte* from, std::size_t at) {
  __builtin_memcpy(static_cast<std::byte*>(to) + at, from + at, 8);
}

/// Copies `size` bytes, most often a word or two, and what is left of the last word: both ends are
/// made of whole words. Word by word, for fields that were stored just before would hold up a wider
/// load until they have reached the cache.
inline void copy_words(void* to, const std::byte* from, std::uint32_t size) {
  for (std::uint32_t done = 0; done < size; done += 8) {
    copy_word(to, from, done);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);  // or a compiler makes it wide again
  }
}

/// Bits of SlotMeta::flags.
enum SlotFlag : std::uint8_t {
  kLive = 1,       ///< has an isolate, started or about to start
  kReady = 2,      ///< stands in its type's ready ring
  kHeld = 4,       ///< has results or a shutdown that its current state does not list
  kStarting = 8,   ///< its init has not run
  kShutdown = 16,  ///< has been asked to end
  kDraining = 32,  ///< ended; waits for its last completion
  kTelling = 64,   ///< ended; those who watched it are still being told
};

/// The 8 bytes that a send reads and writes. `pending` belongs to the slot, not to the incarnation:
/// it falls when an entry leaves the queue, whoever it was for.
struct SlotMeta {
  std::uint32_t generation;
  std::uint16_t pending;
  std::uint8_t state;
  std::uint8_t flags;
};
static_assert(sizeof(SlotMeta) == 8);

/// Why an isolate ended.
enum class Exit : std::uint8_t { kNormal, kCrashed, kShutdown, kKilled };

/// The rarely touched part of a slot: its place in the supervision tree and its results.
struct SlotRecord {
  std::uint8_t first_result;  ///< FIFO of completed records, by index; kNoRecord ends it
  std::uint8_t last_result;
  std::uint8_t in_flight;  ///< operations that the backend has not completed
  Exit exit;
  std::uint32_t child;          ///< its record in the supervision tree
  std::uint32_t last_deferred;  ///< ring of deferred messages, by place: the first follows the last
  // A byte between those two: written together, they would be put together in a register first.
  std::uint8_t calls;      ///< outstanding: sent, or ended and not yet handled
  std::uint8_t free_open;  ///< first place of an open call that is free; kNoRecord: none
  std::uint8_t free_call;  ///< first result record that no call uses; kNoRecord: none
  bool owns_init;          ///< blocks in its init arguments wait for `on_init`
};
static_assert(sizeof(SlotRecord) == 16);

/// kParked: a receive waits for a buffer, a connect or a close for what its object still has in the
/// backend. kAwaiting: a receive waits for what its object reads ahead. kAbandoned: in the backend,
/// and its completion is dropped.
enum class RecordStatus : std::uint8_t { kIdle, kInFlight, kParked, kAwaiting, kReady, kAbandoned };

/// The operations that a lane can have outstanding.
/// kYield and kCall are no operations of a backend, but end through a result record as those do.
/// kAwait stands before a read that has no buffer yet: it ends when the read would not wait.
enum class OpCode : std::uint8_t {
  kNone,
  kAccept,
  kReceive,
  kSend,
  kFinish,
  kYield,
  kCall,
  kConnect,
  kClose,
  kAwait,
  kSignal,
  kInput,
  kOutput,
  kAwaitRoom,  ///< stands before an output that would have waited
  kOpen,
  kRead,
  kReadScattered,  ///< into several buffers
  kWrite,
  kWriteGathered,
  kCommit,  ///< a gathered write, and what it wrote is on the medium
  kSync,
  kSyncData,
  kTruncate,
  kDescribe,
  kSendFile,  ///< from a file of the same isolate
  kOpenDirectory,
  kList,      ///< from the first name on
  kListMore,  ///< from where the last list ended
  kDescribePath,
  kRename,
  kUnlink,
  kRemoveDirectory,
  kMakeDirectory,  ///< the last of those on files and paths
  kResolve,
  kReceiveFrom,
  kSendTo,
  kSendDatagram,
  kBind,
  kSendGathered,
  kConnectUnix,
  kReceiveBatch,
  kSendBatch,
  kBindUnix,
  kReceiveFromUnix,
  kSendToUnix,
  kSendUnix,
  kOpenPipe,
  kReceiveNext,  ///< of what the object has read ahead, or as kReceive
  kReadAhead,    ///< fills one lent buffer after the other, each with a completion
};
inline constexpr unsigned kOpCodes = static_cast<unsigned>(OpCode::kReadAhead) + 1;

/// The reserved place of one result: an I/O lane's operation and its completion, or a timer's.
struct ResultRecord {
  std::uint8_t next;  ///< in the slot's FIFO of completed records
  RecordStatus status;
  std::uint8_t completion;  ///< its bit in StateTable::listed
  OpCode op;
  std::int32_t value;    ///< bytes, a descriptor, or minus an errno
  std::uint32_t buffer;  ///< kNoBuffer or the pool buffer that it holds
  std::uint32_t size;    ///< bytes to move
  std::uint32_t done;    ///< bytes moved
  std::uint8_t object;   ///< the I/O object's index in its isolate
  bool waits;            ///< of an output: for room
  std::uint8_t reserved[2];
  const std::byte* data;
};
static_assert(sizeof(ResultRecord) == 32);

/// kClosing: nobody uses it any more; it is closed after its last completion.
enum class ObjectPhase : std::uint8_t { kClosed, kOpen, kClosing, kConnecting };

/// One I/O object: the descriptor that its slot owns.
struct IoObject {
  std::int32_t descriptor;
  ObjectPhase phase;
  std::uint8_t in_flight;
  std::uint16_t borrows;  ///< 1 + the number of the file that its write in flight reads; 0: none
};
static_assert(sizeof(IoObject) == 8);

/// A request to start an operation, as a handler returns it. Does nothing until the runtime starts
/// it. What it needs besides (extra_size) follows it.
struct OpRecord {
  std::uint8_t object;
  std::uint8_t record;
  std::uint8_t completion;
  OpCode op;
  std::uint32_t size;
  std::uint32_t buffer;
  std::uint32_t serial;  ///< of the buffer, so that a kept copy of a moved buffer is refused
  const std::byte* data;
};
static_assert(sizeof(OpRecord) == 24);

/// A request to start a call, as a handler returns it; the request's arguments follow it.
struct CallStart {
  Handle to;
  std::uint64_t tag;  ///< the caller's own number
  std::int64_t limit_ns;
  std::uint16_t message;   ///< the request's tag in the mailbox of `type`
  std::uint16_t size;      ///< bytes of the arguments
  bool by_path;            ///< `to` holds the address of a child
  std::uint8_t type;       ///< of the callee
  std::uint8_t first_bit;  ///< of the reply; timeout and rejection are the two after it
  /// `to` holds a hash, `type` the number of a route, `message` that of its protocol's member
  bool by_route = false;
};
static_assert(sizeof(CallStart) == 32);

/// What a handler has asked to start: arrays of as many as the effect's head says.
struct StartList {
  const std::byte* ops;    ///< an OpRecord each, `op_stride` bytes apart
  const std::byte* calls;  ///< a CallStart each, `call_stride` bytes apart
  std::uint32_t op_stride;
  std::uint32_t call_stride;

  const OpRecord& op(unsigned number) const {
    return *reinterpret_cast<const OpRecord*>(ops + std::size_t{number} * op_stride);
  }
};

/// The head of a call in a mailbox: who is to be answered, where, and until when. The arguments
/// follow.
struct CallHeader {
  Handle caller;
  std::uint64_t deadline_ns;
  std::uint32_t correlation;
  std::uint8_t record;
  std::uint8_t caller_type;
  std::uint16_t reserved;
};
static_assert(sizeof(CallHeader) == 24);

/// CallRecord::failure of a call that has its results.
inline constexpr std::uint8_t kReplied = 0xff;

/// The caller's side of one call, beside its result record. The results follow when they are there.
struct CallRecord {
  std::uint64_t tag;
  std::uint64_t deadline_ns;
  std::uint64_t armed_ns;  ///< when its timer fires, which stays armed when the call ends; 0: never
  std::uint32_t correlation;  ///< grows with each end, so that a late answer is known as such
  std::uint8_t first_bit;
  std::uint8_t failure;  ///< tina::Failure, if it did not end by a reply
  ShardId server;        ///< where it went
};
static_assert(sizeof(CallRecord) == 32);

/// The server's side of a call that was taken to be answered later.
struct OpenCall {
  CallHeader call;
  std::uint32_t serial;  ///< grows when the place is freed, so that a late token fits nothing
  std::uint8_t next;     ///< of the slot's free places
  bool taken;
  std::uint16_t reserved;
};
static_assert(sizeof(OpenCall) == 32);

enum class MonitorStatus : std::uint8_t { kFree, kWatching, kDown, kEnding };

/// One monitor: the watcher's record, which is also the place of its Down; or, with `owner`
/// kNoRecord, the place that a watcher on another shard has here.
struct MonitorRecord {
  Handle other;                  ///< who is watched; for a place of another shard: who watches
  std::uint32_t next, previous;  ///< among the watchers of one isolate, or the free or the ended
  std::uint32_t serial;
  std::uint16_t number;  ///< of the record in its slot
  std::uint8_t type;     ///< of `other`
  std::uint8_t owner;    ///< type of the watcher's slot; kNoRecord: another shard
  std::uint8_t why;      ///< tina::sys::Why, when down
  MonitorStatus status;
  std::uint16_t reserved;
};
static_assert(sizeof(MonitorRecord) == 32);

/// What a slot that monitors or is monitored has besides: lists of MonitorRecords of the shard.
struct WatchRecord {
  std::uint32_t first_watcher;  ///< who watches this slot
  std::uint32_t free;           ///< records of its own that watch nobody
  std::uint32_t first_down;     ///< FIFO of Downs to be handled
  std::uint32_t last_down;
};
static_assert(sizeof(WatchRecord) == 16);

/// News of other shards that an isolate may list, by the numbers of their kinds.
enum class News : std::uint8_t { kShardRestarted, kShardQuarantined };
inline constexpr unsigned kNewsKinds = 2;

/// What a slot of a type that lists news has heard: the serial of the last change of each kind.
struct HeardRecord {
  std::array<std::uint32_t, kNewsKinds> kinds;
};
static_assert(sizeof(HeardRecord) == 8);

/// One entry of a type's queue; the payload follows. One word, written and read whole: a handle of
/// the shard's own, with the message's tag in the bits that say whose shard it is elsewhere.
struct EntryHeader {
  static constexpr unsigned kTagShift = 32 + Handle::kSlotBits;

  std::uint64_t word;

  /// `local`: the bits of a handle without those of its shard.
  static constexpr EntryHeader of(std::uint64_t local, std::uint16_t tag) {
    return {local | std::uint64_t{tag} << kTagShift};
  }
  constexpr std::uint32_t slot() const { return Handle{word}.slot(); }
  constexpr std::uint32_t generation() const { return Handle{word}.generation(); }
  constexpr std::uint16_t tag() const { return static_cast<std::uint16_t>(word >> kTagShift); }
};
static_assert(sizeof(EntryHeader) == 8);
static_assert(kNoTag < 1u << Handle::kShardBits);

/// Bytes from one state to the next: small states do not straddle a cache line.
constexpr std::size_t state_stride(std::size_t size) {
  if (size > kCacheLine) return round_up(size, kCacheLine);
  std::size_t stride = 1;
  while (stride < size) stride *= 2;
  return stride;
}

constexpr std::size_t entry_stride(std::size_t payload) {
  return round_up(sizeof(EntryHeader) + payload, 8);
}

/// One deferred message: a place of its type's list; a copy of the queue entry follows.
struct DeferredHeader {
  std::uint32_t next;  ///< of the slot's FIFO, or of the free places
  std::uint32_t reserved;
};
static_assert(sizeof(DeferredHeader) == 8);

/// Bytes of the node that each timer of a slot has in the shard's wheel.
inline constexpr std::size_t kTimerNodeSize = 24;

/// Who has a block: a receive buffer, or a block of a pool.
enum class Holder : std::uint8_t {
  kFree,
  kOperation,  ///< an operation in flight, or its result
  kHandler,    ///< the handler now running; taken back when it returns or crashes
  kMessage,    ///< a message that waits, or init arguments
  kKept,       ///< the state of an isolate, in one of its slot's places
};

/// One block's bookkeeping. `serial` grows at each release, so that a handle left over fits no
/// more.
struct BlockRecord {
  std::uint32_t serial;
  std::uint32_t next;  ///< among the free ones of its pool, or those that the handler has
  std::uint32_t previous;
  Holder holder;
  std::uint8_t pool;  ///< 0: receive buffers
  std::uint16_t reserved;
};
static_assert(sizeof(BlockRecord) == 16);

/// What a `buffer` or `blob<N>` is in memory, in a message as in a handler. Without a block the
/// index is kNoBuffer.
struct BlockHandle {
  std::byte* data = nullptr;
  std::uint32_t size = 0;  ///< bytes in use
  std::uint32_t index = kNoBuffer;
  std::uint32_t serial = 0;
  std::uint32_t reserved = 0;  // explicit: it lies in messages
};
static_assert(sizeof(BlockHandle) == 24);

/// What lies behind each piece of scratch memory: where the guard before it is, twice, so that a
/// write beyond the piece shows.
struct ScratchGuard {
  std::uint32_t previous;
  std::uint32_t mixed;  ///< `previous` and a pattern
};
static_assert(sizeof(ScratchGuard) == 8);

}  // namespace tina::internal
