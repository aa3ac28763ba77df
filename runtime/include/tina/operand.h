// SPDX-License-Identifier: Apache-2.0
// What operations need or bring besides bytes: addresses, offsets. An operand lies in the arena
// beside its I/O object, so it outlives the handler that started the operation and stays until the
// completion; the kernel may write into it until then. Invariant: an operand belongs to one lane,
// which has one operation at a time. Owned by the shard's thread and, in between, the backend.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tina/address.h"
#include "tina/operand_batch.h"
#include "tina/operand_file.h"
#include "tina/operand_read_ahead.h"
#include "tina/operand_resolve.h"
#include "tina/operand_unix.h"
#include "tina/slot.h"
#include "tina/table.h"

namespace tina::internal {

/// Of a wait for a signal: the byte that its pipe has brought, a tina::os::Signal.
struct SignalOperand {
  std::uint8_t which;
  std::array<std::byte, 7> reserved;
};
static_assert(sizeof(SignalOperand) == 8);

/// Of a receive of a datagram: who sent it, and whether all of it is there. Of a send: where to.
/// `message` and `part` are the kernel's form of it.
struct DatagramOperand {
  AddressOperand who;
  bool cut_off;
  std::array<std::byte, 7> reserved;
  alignas(8) std::array<std::byte, 56> message;
  alignas(8) std::array<std::byte, 16> part;
};
static_assert(sizeof(DatagramOperand) == 144);

/// Of a gathered send: the kernel's form of it. Behind the operand of a connect.
struct GatheredOperand {
  alignas(8) std::array<std::byte, 56> message;
};
static_assert(sizeof(GatheredOperand) == 56);

/// Where an object is to be opened, as its init argument says; a port alone means every address.
inline net::Address address_in(const IoTable& io, const std::byte* init) {
  net::Address address;
  if (io.source == IoSource::kPort) {
    __builtin_memcpy(&address.port, init + io.source_offset, sizeof address.port);
  } else if (io.source == IoSource::kAddress) {
    __builtin_memcpy(&address, init + io.source_offset, sizeof address);
  }
  return address;
}

/// Bytes of the operands of one I/O object; they lie lane after lane, and before its list of
/// blocks.
constexpr std::size_t lane_operands(const IoTable& io) {
  switch (io.kind) {
    case IoKind::kTcpListener:
      return sizeof(AddressOperand);
    case IoKind::kTcpStream:
      if (io.gather > 0) return sizeof(AddressOperand) + sizeof(GatheredOperand);
      if (io.files) return sizeof(AddressOperand) + sizeof(SendFileOperand);
      return io.whole ? sizeof(AddressOperand) : 0;
    case IoKind::kSignals:
      return sizeof(SignalOperand);
    case IoKind::kInput:
    case IoKind::kOutput:
      return 0;
    case IoKind::kFile:
      return kFileOperands + scatter_size(io.scatter);
    case IoKind::kDirectory:
      return kDirectoryOperands;
    case IoKind::kResolver:
      return sizeof(ResolveOperand);
    case IoKind::kUdpSocket:
      // Lane all has the whole object to itself, and the first operand, too.
      return 2 * sizeof(DatagramOperand) + batch_size(io.batch, io.gather);
    case IoKind::kUnixListener:
      return sizeof(AddressOperand) + sizeof(BoundFile);
    case IoKind::kUnixStream:
      // A connect has the whole object to itself, and ends at once.
      if (io.gather > 0) return sizeof(AddressOperand) + sizeof(GatheredOperand);
      return io.whole ? sizeof(net::UnixAddress) : 0;
    case IoKind::kUnixDatagram:
      return 2 * sizeof(UnixDatagramOperand) + sizeof(BoundFile);
    case IoKind::kPipeReader:
    case IoKind::kPipeWriter:
      return sizeof(PipeOperand);
  }
  return 0;
}
static_assert(sizeof(net::UnixAddress) <= sizeof(AddressOperand) + sizeof(GatheredOperand));
/// Of a kind that has one: where its file is known, among the operands of its object.
constexpr std::size_t file_offset(const IoTable& io) {
  return lane_operands(io) - sizeof(BoundFile);
}
/// Whether several datagrams of an object may move together.
constexpr bool has_batch(const IoTable& io) {
  return io.kind == IoKind::kUdpSocket && (io.batch > 0 || io.gather > 0);
}
constexpr std::size_t operand_size(const IoTable& io) {
  return lane_operands(io) + gather_size(io.gather) + read_ahead_size(io.read_ahead);
}

/// The operands of object `io` among those of its slot, bytes. O(objects).
constexpr std::size_t operands_before(const TypeTable& type, std::size_t io) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < io; ++i) at += operand_size(type.ios[i]);
  return at;
}

}  // namespace tina::internal
