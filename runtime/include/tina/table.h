// SPDX-License-Identifier: Apache-2.0
// The tables through which generated code describes a system to the runtime: isolate types, states,
// I/O objects, supervision trees, shard roles. Everything is `constexpr` data; the runtime knows
// nothing of an application beyond them. Invariants: indices are positions in declaration order,
// durations are nanoseconds, sizes are bytes. Immutable, so any thread may read them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "tina/base.h"
#include "tina/scenario.h"
#include "tina/slot.h"

namespace tina {

struct ShardCore;

namespace internal {

/// What may happen to an isolate of a state that is asked to end.
enum class OnShutdown : std::uint8_t { kEnd, kHandle, kDefer };

inline constexpr std::uint8_t kNoState = 0xff;

/// One state of a machine. A composite is never active itself: only its table members that speak of
/// nesting, entry and timeout are read. An isolate without a machine has one, its name is the
/// isolate's.
struct StateTable {
  const char* name;
  std::uint64_t listed;    ///< bit per completion that this state lists
  std::uint64_t deferred;  ///< bit per message tag that this state defers
  std::int64_t after_ns;   ///< 0: no state timeout
  bool enter;              ///< has an `on_enter` handler
  bool final;              ///< entering it ends the isolate
  OnShutdown shutdown;
  bool defers_down;                 ///< what is known of monitored isolates waits
  std::uint8_t defers_news = 0;     ///< bit per kind of News that waits
  std::uint8_t parent = kNoState;   ///< the state directly around this one
  std::uint8_t initial = kNoState;  ///< of a composite: the state inside in which it starts
  std::uint8_t level = 0;           ///< which of the type's state timeouts is this state's
};

enum class IoKind : std::uint8_t {
  kTcpListener,
  kTcpStream,
  kSignals,
  kInput,
  kOutput,
  kFile,
  kResolver,
  kUdpSocket,
  kDirectory,
  kUnixListener,
  kUnixStream,
  kUnixDatagram,
  kPipeReader,
  kPipeWriter
};

constexpr const char* name(IoKind kind) {
  switch (kind) {
    case IoKind::kTcpListener:
      return "net.tcp_listener";
    case IoKind::kTcpStream:
      return "net.tcp_stream";
    case IoKind::kSignals:
      return "os.signals";
    case IoKind::kInput:
      return "os.input";
    case IoKind::kOutput:
      return "os.output";
    case IoKind::kFile:
      return "fs.file";
    case IoKind::kResolver:
      return "net.resolver";
    case IoKind::kUdpSocket:
      return "net.udp_socket";
    case IoKind::kDirectory:
      return "fs.directory";
    case IoKind::kUnixListener:
      return "net.unix_listener";
    case IoKind::kUnixStream:
      return "net.unix_stream";
    case IoKind::kUnixDatagram:
      return "net.unix_datagram";
    case IoKind::kPipeReader:
      return "fs.pipe_reader";
    case IoKind::kPipeWriter:
      return "fs.pipe_writer";
  }
  return "?";
}

/// Whether objects of the kind are descriptors. One that is none is open from the start.
constexpr bool has_descriptor(IoKind kind) { return kind != IoKind::kResolver; }
/// Whether its addresses are those of Unix sockets.
constexpr bool is_unix(IoKind kind) {
  return kind == IoKind::kUnixListener || kind == IoKind::kUnixStream ||
         kind == IoKind::kUnixDatagram;
}
/// Whether it is an end of a named pipe.
constexpr bool is_pipe(IoKind kind) {
  return kind == IoKind::kPipeReader || kind == IoKind::kPipeWriter;
}
/// Whether a file stands for an object of the kind, at its address.
constexpr bool has_file(IoKind kind) {
  return kind == IoKind::kUnixListener || kind == IoKind::kUnixDatagram;
}

/// What an I/O object is opened from: nothing (it opens itself, by an operation), an object that
/// somebody hands over, a value in the init arguments, or itself alone when its isolate starts.
enum class IoSource : std::uint8_t { kNothing, kObject, kPort, kAddress, kSelf, kUnixAddress };

/// The most that the setting `read_ahead` can be: buffers of one page of the kernel's.
inline constexpr std::uint32_t kReadAheadMost = 256;

/// One declared I/O object. Its lanes own result records `first_record …`, its completions the bits
/// `first_completion …` of StateTable::listed, both in the order of the kind's declaration. The
/// settings have the names that they have in the kind's declaration.
struct IoTable {
  const char* name;
  IoKind kind;
  std::uint8_t first_record;
  std::uint8_t first_completion;
  std::uint8_t lanes;  ///< that have records
  /// Some state lists a completion of lane *all*, which is the last of `lanes`.
  bool whole = false;
  IoSource source = IoSource::kNothing;
  std::uint32_t source_offset = 0;  ///< where the value lies in the init arguments, bytes
  std::uint32_t batch = 0;          ///< datagrams of one receive
  std::uint32_t gather = 0;         ///< blocks in its list at once
  std::uint32_t scatter = 0;        ///< buffers of one read
  std::uint32_t read_ahead = 0;     ///< buffers filled before anybody has asked
  bool reuse_port = false;
  std::uint32_t backlog = 128;
  bool v6_only = false;
  bool nagle = false;
  std::int64_t keep_alive = 0;      ///< nanoseconds; 0: off
  std::int64_t send_buffer = 0;     ///< bytes; 0: the kernel's own choice
  std::int64_t receive_buffer = 0;  ///< bytes
  bool hangup = false, user_1 = false, user_2 = false, window = false;
  bool error = false;
  bool create = false;
  bool owner_only = false;
  bool files = false;                    ///< of a stream: its isolate has files, which it may send
  std::int64_t timeout = 2'000'000'000;  ///< of a resolver's first try, ns; the next take longer
  std::uint32_t tries = 3;

  std::uint8_t whole_record() const { return static_cast<std::uint8_t>(first_record + lanes - 1); }
  /// Of an object that reads ahead: the record of that, which is no lane.
  std::uint8_t ahead_record() const { return static_cast<std::uint8_t>(first_record + lanes); }
};

/// One named timer. It fires as the completion `completion`, through the result record `record`.
struct TimerTable {
  const char* name;
  std::int64_t period_ns;  ///< `every D`: runs from init; 0: armed by the handler
  std::uint8_t record;
  std::uint8_t completion;
};

/// Where a message holds a `buffer`, a `blob<N>` or a connection.
struct BlockField {
  std::uint16_t tag;     ///< of the message in the type's mailbox; kInitArguments
  std::uint32_t offset;  ///< of the field, bytes
};
inline constexpr std::uint16_t kInitArguments = 0xffff;

/// Runs what is ready of one type: at most `budget` handler calls. Returns the calls made.
using DispatchFunction = std::uint32_t (*)(ShardCore&, std::uint32_t budget);

struct TypeTable {
  const char* name;
  TypeId id;
  std::uint32_t slots;
  std::uint32_t mailbox;       ///< messages reserved per slot
  std::uint32_t state_size;    ///< sizeof the user's struct
  std::uint32_t init_size;     ///< sizeof the init arguments
  std::uint32_t payload_size;  ///< largest message that the type accepts; 0: it accepts none
  bool defers;           ///< some state defers messages: reserves a list as large as the mailboxes
  std::uint8_t initial;  ///< the leaf in which the machine starts
  std::uint8_t records;  ///< result records per slot: I/O lanes, state timeouts, timers
  std::uint8_t after_record;  ///< of the first state timeout; kNoRecord if no state has one
  std::uint8_t after_completion;
  std::uint8_t afters = after_record == kNoRecord ? 0 : 1;  ///< that can run at the same time
  bool connects = false;  ///< something of `ios` may be given up: a connect or a resolve
  std::uint64_t served;   ///< bit per message tag that is a call
  std::uint8_t calls;     ///< calls outstanding at once; their records begin at `first_call`
  std::uint8_t first_call;
  std::uint8_t open;          ///< calls taken and not answered, at once
  std::uint8_t yield_record;  ///< kNoRecord if `yield()` is not listed
  bool watched;               ///< some isolate monitors this type
  std::uint16_t monitors;     ///< isolates watched at once
  std::uint32_t result_size;  ///< of the largest results that its calls bring
  std::uint8_t news = 0;      ///< bit per kind of News that it lists
  std::uint32_t weight = 1;   ///< its share of a pass, against the other types of its shard
  std::span<const StateTable> states;
  std::span<const IoTable> ios;
  std::span<const TimerTable> timers;
  std::span<const char* const> messages;  ///< names, by tag
  std::span<const char* const> completions;
  DispatchFunction dispatch;
  std::uint64_t owning = 0;                  ///< bit per message tag that holds what moves
  std::uint32_t kept = 0;                    ///< blocks that a state keeps at once
  std::uint32_t scratch = 0;                 ///< bytes for one call of a handler
  std::span<const BlockField> blocks = {};   ///< by tag, init arguments last
  std::span<const BlockField> streams = {};  ///< likewise, of messages; one of each at most
};

enum class Restart : std::uint8_t { kPermanent, kTransient, kTemporary };
/// What else is restarted with a child that failed: nothing, everything, or what started after it.
enum class Strategy : std::uint8_t { kOneForOne, kOneForAll, kRestForOne };
/// What follows too many restarts. In the root, kEscalate restarts the shard.
enum class OnIntensity : std::uint8_t { kEscalate, kQuarantine, kAbort };
/// Which ends of significant children end their supervisor.
enum class AutoShutdown : std::uint8_t { kNever, kAny, kAll };

/// What the init arguments of a static child may be built from. Shards count within their role.
struct ChildFacts {
  const void* config;  ///< the start-time configuration
  ShardId shard;       ///< 0 .. shards-1
  std::uint32_t shards;
  std::uint32_t child;  ///< which one of a child `* N`
};

/// Builds the init arguments of a child into `arguments`.
using InitFunction = void (*)(const ChildFacts& facts, std::byte* arguments);

inline constexpr std::uint16_t kNoSupervisor = 0xffff;

/// One place in a supervisor's start order: static children, a supervisor, or a group of dynamic
/// children.
struct ChildTable {
  const char* name;
  TypeId type;               ///< of isolates
  std::uint16_t supervisor;  ///< index of a nested supervisor; kNoSupervisor: isolates
  Restart restart;
  bool dynamic;
  bool significant;
  std::uint32_t max;         ///< how many: N of a child `* N`, the limit of a dynamic group
  std::int64_t shutdown_ns;  ///< time to end by itself when asked; 0: brutal, of a supervisor: none
  InitFunction make_init;    ///< of static children
};

/// One supervisor. Places number the children of all supervisors of a program; they do not depend
/// on the role.
struct SupervisorTable {
  const char* name;
  Strategy strategy;
  std::uint32_t restarts;
  std::int64_t window_ns;
  OnIntensity on_intensity;
  std::int64_t backoff_min_ns;  ///< wait before the first restart in a row; 0: none
  std::int64_t backoff_max_ns;
  AutoShutdown auto_shutdown;
  std::uint16_t first_place;
  std::span<const ChildTable> children;
};

/// What happens after a fault that the processor has raised in a handler: the isolate ends, if the
/// shard's structures are sound, or the shard is not to be trusted.
enum class MemoryFault : std::uint8_t { kIsolate, kShard };

/// A channel that ends at a role: one ring for each ordered pair of shards.
struct InboundTable {
  std::uint16_t from;    ///< the number of the sending role in its system
  std::uint16_t shards;  ///< that role's shards_max
  std::uint32_t places;  ///< 64-byte places of each ring, a power of two
  bool answers;          ///< half of them are kept for answers to calls and monitors of the role
};

inline constexpr std::int32_t kAnyProcessor = -1;

/// `handler_slow` and `handler_limit` where a role does not say them.
inline constexpr std::int64_t kHandlerSlowNs = 100'000'000;
inline constexpr std::int64_t kHandlerLimitNs = 1'000'000'000;

/// `blobs COUNT x SIZE`: blocks for `blob<N>` of up to SIZE bytes.
struct BlobPoolTable {
  std::uint32_t count;
  std::uint32_t size;
};
/// Pools of one role.
inline constexpr unsigned kBlobPoolsMax = 8;

struct RoleTable {
  const char* name;
  std::uint16_t first;  ///< its first shard where all roles have shards_max
  std::uint16_t shards_max;
  bool shards_auto;   ///< as many as usable CPUs, up to shards_max
  std::int32_t core;  ///< processor of its first shard, the next one of the next; kAnyProcessor
  MemoryFault memory_fault;
  std::int64_t tick_ns;
  std::int64_t spin_ns;
  std::uint32_t receive_buffers;
  std::uint32_t receive_buffer_size;
  std::uint64_t memory_limit;  ///< bytes per shard
  std::span<const InboundTable> inbound;
  const SupervisorTable* root;                   ///< one of `supervisors`
  std::span<const SupervisorTable> supervisors;  ///< of the program; the role runs those below root
  std::span<const TypeTable> types;  ///< all of the program; without slots if its tree has none
  std::span<const BlobPoolTable> blobs = {};        ///< the smallest size first
  std::int64_t handler_slow_ns = kHandlerSlowNs;    ///< by the clock: then a handler is reported
  std::int64_t handler_limit_ns = kHandlerLimitNs;  ///< of processor time: then it is ended
};

/// The shards that run a role: `first .. first+count-1`. Known when the program starts.
struct RoleShards {
  std::uint16_t first;
  std::uint16_t count;
};

/// Where a protocol's route leads in one system: to `count` children of each shard of a role.
struct RouteTable {
  const char* protocol;
  std::uint16_t role;
  std::uint16_t place;
  std::uint32_t count;  ///< 0: this system has no such route
  TypeId type;
  std::span<const std::uint8_t> tags;  ///< of the protocol's calls and casts in the child's mailbox
};

struct SystemTable {
  const char* name;
  const char* spec;
  std::span<const RoleTable> roles;
  std::span<const RouteTable> routes = {};  ///< by the number of the protocol among those routed
  std::span<const ScenarioTable> scenarios = {};
};

/// The types of one role: those that its tree cannot start get no slots, and so no memory.
template <std::size_t kTypes, std::size_t kStarted>
constexpr std::array<TypeTable, kTypes> types_started(std::array<TypeTable, kTypes> types,
                                                      const std::array<TypeId, kStarted>& started) {
  for (TypeTable& type : types) {
    bool runs = false;
    for (const TypeId id : started) runs = runs || id == type.id;
    if (!runs) type.slots = 0;
  }
  return types;
}

}  // namespace internal
}  // namespace tina
