// SPDX-License-Identifier: Apache-2.0
// What the reactor must know of each kind of I/O object and of each operation, a row each: what it
// takes and brings, how it starts and ends. The rest is between its kind and the backend.
// Invariant: rows depend on nothing but the kind and the operation. Immutable, any thread.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>

#include "tina/operand.h"

namespace tina::internal {

/// What objects of a kind have in common, as far as the reactor must know it.
struct KindTraits {
  bool waits = false;              ///< its operations may wait in a thread, and cannot be shut
  std::int32_t not_open = 0;       ///< errno of an operation on one that is not open
  std::int32_t open_already = 0;   ///< errno of opening one that is open
  std::int32_t nothing_moved = 0;  ///< errno of a kernel that takes none of the bytes
};
constexpr KindTraits traits_of(IoKind kind) {
  switch (kind) {
    case IoKind::kTcpListener:
    case IoKind::kTcpStream:
    case IoKind::kSignals:
    case IoKind::kUdpSocket:
    case IoKind::kUnixListener:
    case IoKind::kUnixStream:
    case IoKind::kUnixDatagram:
      return {false, ENOTCONN, EISCONN, EPIPE};
    case IoKind::kFile:
    case IoKind::kDirectory:
      return {true, EBADF, EBUSY, EIO};
    case IoKind::kResolver:
      return {false, EBADF, EBUSY, EIO};
    case IoKind::kInput:
    case IoKind::kOutput:
    case IoKind::kPipeReader:
    case IoKind::kPipeWriter:
      return {false, EBADF, EBUSY, EPIPE};
  }
  return {};
}

/// What the reactor must know of an operation; the rest is between its kind and the backend.
struct alignas(32) OpTraits {  // a power of two, so that a row is found by a shift
  bool gives_bytes = false;    ///< of a block that the handler has, or of its isolate's state
  bool wants_buffer = false;   ///< takes a receive buffer first, and waits until there is one
  bool rests = false;          ///< its bytes may be long in coming: it can wait without buffer
  bool shares = false;     ///< its descriptor: others may take what it waited for before it does
  bool moves_all = false;  ///< goes on until all of its bytes are moved
  bool gathers = false;    ///< takes its object's list of blocks, and writes that
  bool scatters = false;   ///< reads into as many buffers as its object has places for
  bool lists = false;      ///< gathers, or scatters
  bool own_start = false;  ///< starts in a way of its own: follows from the others
  bool batches = false;    ///< moves several datagrams at once, by a call that never waits
  bool ahead = false;      ///< has to do with what its object reads before anybody asks
  bool borrows = false;    ///< reads a file, which is another object of its isolate
  bool opens = false;      ///< opens its object
  bool makes_descriptor = false;   ///< its result is its object's descriptor
  bool opens_at_once = false;      ///< and nothing is to be waited for
  bool brings_descriptor = false;  ///< its result is a descriptor that nobody owns yet
  bool tried_again = true;         ///< when the kernel says EINTR or EAGAIN
  bool tells_where = false;        ///< its operand says who came, or sent
  bool has_operand = false;
  bool given_up = false;    ///< in a state that does not list its completion
  std::uint16_t extra = 0;  ///< bytes that it brings with it, for the beginning of its operand
  std::uint16_t operand_offset = 0;  ///< of its operand among those of its object
};

/// Of what moves on streams.
constexpr OpTraits stream_traits(OpCode op) {
  switch (op) {
    case OpCode::kReceive:
      return {.wants_buffer = true, .rests = true};
    case OpCode::kReceiveNext:
      return {.wants_buffer = true, .rests = true, .ahead = true};
    case OpCode::kReadAhead:
      return {.ahead = true, .tried_again = false};
    case OpCode::kSend:
      return {.gives_bytes = true, .moves_all = true};
    case OpCode::kSendGathered:
      return {.moves_all = true,
              .gathers = true,
              .has_operand = true,
              .operand_offset = sizeof(AddressOperand)};
    case OpCode::kSendFile:
      return {.shares = true,
              .moves_all = true,
              .borrows = true,
              .has_operand = true,
              .operand_offset = sizeof(AddressOperand)};
    default:
      return {};
  }
}

/// Of opening sockets, and of datagrams.
constexpr OpTraits socket_traits(OpCode op) {
  switch (op) {
    case OpCode::kConnect:
      return {.opens = true,
              .tried_again = false,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(net::Address)};
    case OpCode::kBind:
      return {.opens = true,
              .opens_at_once = true,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(net::Address)};
    case OpCode::kReceiveFromUnix:
      return {.wants_buffer = true, .rests = true, .tells_where = true, .has_operand = true};
    case OpCode::kSendUnix:
      // A full queue is found out when the bytes are copied already: a ring that tries again by
      // itself would send none.
      return {.gives_bytes = true, .shares = true};
    case OpCode::kSendToUnix:
      return {.gives_bytes = true,
              .tried_again = false,  // of a full queue nobody tells when it has room
              .has_operand = true,
              .extra = sizeof(net::UnixAddress),
              .operand_offset = sizeof(UnixDatagramOperand)};
    case OpCode::kBindUnix:
    case OpCode::kConnectUnix:
      return {.opens = true,
              .opens_at_once = true,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(net::UnixAddress)};
    case OpCode::kReceiveFrom:
      return {.wants_buffer = true, .rests = true, .tells_where = true, .has_operand = true};
    case OpCode::kSendTo:
      return {.gives_bytes = true,
              .has_operand = true,
              .extra = sizeof(net::Address),
              .operand_offset = sizeof(DatagramOperand)};
    case OpCode::kSendDatagram:
      return {.gives_bytes = true};
    case OpCode::kReceiveBatch:
      return {.wants_buffer = true,
              .rests = true,
              .batches = true,
              .has_operand = true,
              .operand_offset = 2 * sizeof(DatagramOperand)};
    case OpCode::kSendBatch:
      return {.gathers = true,
              .batches = true,
              .has_operand = true,
              .operand_offset = 2 * sizeof(DatagramOperand)};
    default:
      return {};
  }
}

/// Of named pipes and files. The operands of a file's lanes lie as kFileOperands adds them up.
constexpr OpTraits file_traits(OpCode op) {
  switch (op) {
    case OpCode::kOpenPipe:
      return {.opens = true,
              .opens_at_once = true,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(fs::Path)};
    case OpCode::kOpen:
      return {.opens = true,
              .makes_descriptor = true,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(OpenOperand),
              .operand_offset = sizeof(ReadOperand) + sizeof(WriteOperand)};
    case OpCode::kRead:
      return {.wants_buffer = true, .has_operand = true, .extra = sizeof(ReadExtra)};
    case OpCode::kReadScattered:
      return {
          .wants_buffer = true, .scatters = true, .has_operand = true, .extra = sizeof(ReadExtra)};
    case OpCode::kDescribe:
      return {.has_operand = true};
    case OpCode::kWrite:
      return {.gives_bytes = true,
              .moves_all = true,
              .has_operand = true,
              .extra = sizeof(WriteOperand),
              .operand_offset = sizeof(ReadOperand)};
    case OpCode::kWriteGathered:
    case OpCode::kCommit:
      return {.moves_all = true,
              .gathers = true,
              .has_operand = true,
              .extra = sizeof(WriteOperand),
              .operand_offset = sizeof(ReadOperand)};
    case OpCode::kTruncate:
      return {.has_operand = true,
              .extra = sizeof(WriteOperand),
              .operand_offset = sizeof(ReadOperand)};
    default:
      return {};
  }
}

/// Of directories. Their lanes' operands lie as kDirectoryOperands adds them up.
constexpr OpTraits directory_traits(OpCode op) {
  switch (op) {
    case OpCode::kOpenDirectory:
      return {.opens = true,
              .makes_descriptor = true,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(OpenOperand),
              .operand_offset = sizeof(DescribeOperand) + sizeof(RenameExtra)};
    case OpCode::kList:
    case OpCode::kListMore:
      return {.wants_buffer = true};
    case OpCode::kDescribePath:
      return {.has_operand = true, .extra = sizeof(NameExtra)};
    case OpCode::kRename:
      return {.has_operand = true,
              .extra = sizeof(RenameExtra),
              .operand_offset = sizeof(DescribeOperand)};
    case OpCode::kUnlink:
    case OpCode::kRemoveDirectory:
    case OpCode::kMakeDirectory:
      return {.has_operand = true,
              .extra = sizeof(NameExtra),
              .operand_offset = sizeof(DescribeOperand)};
    default:
      return {};
  }
}

constexpr OpTraits traits_of(OpCode op) {
  switch (op) {
    case OpCode::kAccept:
      return {.brings_descriptor = true,
              .tried_again = false,
              .tells_where = true,
              .has_operand = true};
    case OpCode::kReceive:
    case OpCode::kReceiveNext:
    case OpCode::kReadAhead:
    case OpCode::kSend:
    case OpCode::kSendGathered:
    case OpCode::kSendFile:
      return stream_traits(op);
    case OpCode::kSignal:
      return {.has_operand = true};
    case OpCode::kResolve:
      return {.tried_again = false,
              .has_operand = true,
              .given_up = true,
              .extra = sizeof(ResolveQuestion)};
    case OpCode::kConnect:
    case OpCode::kBind:
    case OpCode::kConnectUnix:
    case OpCode::kBindUnix:
    case OpCode::kReceiveFromUnix:
    case OpCode::kSendUnix:
    case OpCode::kSendToUnix:
    case OpCode::kReceiveFrom:
    case OpCode::kSendTo:
    case OpCode::kSendDatagram:
    case OpCode::kReceiveBatch:
    case OpCode::kSendBatch:
      return socket_traits(op);
    case OpCode::kOpenDirectory:
    case OpCode::kList:
    case OpCode::kListMore:
    case OpCode::kDescribePath:
    case OpCode::kRename:
    case OpCode::kUnlink:
    case OpCode::kRemoveDirectory:
    case OpCode::kMakeDirectory:
      return directory_traits(op);
    case OpCode::kInput:
      return {.wants_buffer = true, .rests = true, .shares = true};
    case OpCode::kOutput:
      return {.gives_bytes = true, .shares = true, .moves_all = true};
    case OpCode::kOpen:
    case OpCode::kOpenPipe:
    case OpCode::kRead:
    case OpCode::kReadScattered:
    case OpCode::kDescribe:
    case OpCode::kWrite:
    case OpCode::kWriteGathered:
    case OpCode::kCommit:
    case OpCode::kTruncate:
      return file_traits(op);
    case OpCode::kSync:
    case OpCode::kSyncData:
    case OpCode::kFinish:
    case OpCode::kClose:
    case OpCode::kAwait:
    case OpCode::kAwaitRoom:
    case OpCode::kYield:
    case OpCode::kCall:
    case OpCode::kNone:
      return {};
  }
  return {};
}

inline constexpr std::array<OpTraits, kOpCodes> kOpTraits = [] {
  std::array<OpTraits, kOpCodes> all{};
  for (unsigned op = 0; op < kOpCodes; ++op) {
    all[op] = traits_of(static_cast<OpCode>(op));
    OpTraits& one = all[op];
    one.lists = one.gathers || one.scatters;
    one.own_start = one.lists || one.batches || one.borrows || one.opens || one.ahead;
  }
  return all;
}();
constexpr const OpTraits& traits(OpCode op) { return kOpTraits[static_cast<unsigned>(op)]; }

}  // namespace tina::internal
