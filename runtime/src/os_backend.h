// SPDX-License-Identifier: Apache-2.0
// The seam between the reactor and what carries out its operations: io_uring, or the simulated
// network and disk. A backend sees descriptors and bytes, never isolates. Invariant: every started
// operation ends exactly once, in any order. Shard's thread only.
#pragma once

#include <span>

#include "tina/operand.h"
#include "tina/slot.h"

namespace tina::internal {

/// Names one operation in the backend: its lane's record. A slot with an operation in flight is not
/// used again, so no generation is needed.
struct Token {
  std::uint64_t bits;

  static constexpr Token make(unsigned type, std::uint32_t slot, std::uint8_t record) {
    return Token{(std::uint64_t{type} << 40) | (std::uint64_t{record} << 32) | slot};
  }
  /// Of an operation that completes more than once: this was not the last time.
  static constexpr std::uint64_t kMore = std::uint64_t{1} << 63;
  /// A lent buffer came back with this completion.
  static constexpr std::uint64_t kTook = std::uint64_t{1} << 62;
  constexpr bool more() const { return (bits & kMore) != 0; }
  constexpr bool took() const { return (bits & kTook) != 0; }
  constexpr bool is_plain() const { return bits >> 62 == 0; }
  constexpr Token plain() const { return {bits & ~(kMore | kTook)}; }

  constexpr unsigned type() const { return static_cast<unsigned>(bits >> 40) & 0xff; }
  constexpr std::uint8_t record() const { return static_cast<std::uint8_t>(bits >> 32); }
  constexpr std::uint32_t slot() const { return static_cast<std::uint32_t>(bits); }
};

/// Whether an operation is one on a file or a path, which may have to wait in a thread.
constexpr bool on_files(OpCode op) { return op >= OpCode::kOpen && op <= OpCode::kMakeDirectory; }

/// Whether its operand begins with paths that somebody must look at before the kernel does.
constexpr bool on_names(OpCode op) {
  return op >= OpCode::kDescribePath && op <= OpCode::kMakeDirectory;
}

/// The value of an operation that has moved all of its bytes, where their number is not known.
inline constexpr std::int32_t kAllMoved = 0x7fff'ffff;

/// An operation as the backend sees it. What `data` and `operand` point to stays valid until its
/// completion.
struct Operation {
  Token token;
  OpCode op;
  std::int32_t descriptor;
  const std::byte* data;
  std::uint32_t size;
  /// Bytes that went before `data`, as of a send in parts; of a batch that is sent, its first
  /// place.
  std::uint32_t done = 0;
  std::byte* operand = nullptr;  ///< of its lane, if it has one (tina/operand.h)

  /// Of a read-ahead: whose buffers it fills.
  std::uint32_t group() const { return size; }

  /// Of an operation that has a list: `data` are `size` parts.
  std::span<const GatherPart> parts() const {
    return {reinterpret_cast<const GatherPart*>(data), size};
  }
  template <class Operand>
  Operand& as() const {
    return *reinterpret_cast<Operand*>(operand);
  }
};

/// What an I/O object is opened with: the settings of its declaration; where a listener stands, or
/// where a stream is to connect to, which says its family.
struct OpenRequest {
  const IoTable& io;
  net::Address address;
  OpCode op = OpCode::kNone;  ///< that opens it; kNone: an init argument says where
  const net::UnixAddress* unix_address = nullptr;  ///< of kinds that have such
  const fs::Path* path = nullptr;                  ///< of named pipes
  BoundFile* file = nullptr;                       ///< what now stands for it, if anything does
};

/// What a backend does. Calls never block and report by value: descriptors are ≥ 0, errors are
/// minus an errno. Every started operation completes exactly once, cancelled or not; only a
/// read-ahead completes with each buffer it fills, until Token::more() is false.
struct BackendCalls {
  void (*start)(void* backend, const Operation& operation);
  void (*cancel)(void* backend, Token token);
  void (*shut)(void* backend, std::int32_t descriptor);  ///< end both directions now
  void (*close)(void* backend, std::int32_t descriptor);
  std::int32_t (*open)(void* backend, const OpenRequest& request);
  /// Removes what stands for an object in the file system. Before its close.
  void (*remove_file)(void* backend, std::int32_t descriptor,
                      BoundFile& file) = [](void*, std::int32_t, BoundFile&) {};
  /// Moves the datagrams of a batch that move now: how many, or -EAGAIN. Nothing is started.
  std::int32_t (*move_batch)(void* backend, const Operation& operation) = nullptr;
  /// A connection of another shard's is now this one's. Null: it makes no difference.
  void (*take)(void* backend, std::int32_t descriptor) = nullptr;
  /// Closes a connection whose message nobody took. Null: as any other.
  void (*drop)(void* backend, std::int32_t descriptor) = nullptr;
  /// Lends read-aheads of a group (ReadAhead::group) one buffer more, to be filled after those
  /// before. False: there is no such group. Null: this backend reads nothing ahead.
  bool (*lend)(void* backend, std::uint32_t group, std::span<std::byte> buffer) = nullptr;
  /// Takes the last `count` buffers back, while nothing is read ahead into the group.
  void (*take_back)(void* backend, std::uint32_t group, std::uint32_t count) = nullptr;
};

}  // namespace tina::internal
