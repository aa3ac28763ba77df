// SPDX-License-Identifier: Apache-2.0
// Sockets of datagrams as handlers see them. A datagram is received whole into one buffer, or its
// end is cut off and the completion says so; it is sent whole or not at all. Invariant: a buffer or
// blob that is moved into a send belongs to the operation. Used on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/net_stream.h"

namespace tina::net {

/// What sockets of datagrams have in common. `To`: where datagrams go and come from.
template <class To>
struct Datagrams {
  static constexpr bool kBatches = false;
  using Lanes = internal::LaneList<internal::LaneName::kRead, internal::LaneName::kWrite,
                                   internal::LaneName::kAll>;

  /// End of `receive`: one datagram, which may be empty, or an error. ECONNREFUSED: nobody took an
  /// earlier one that was sent over a connected socket, which stays as it is.
  struct ReceivedFrom {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    bool cut_off = false;    ///< the datagram was longer than the buffer: its end is lost
    Buffer data;
    To from;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `send_to` and `send`: the kernel has the datagram, or an error and nothing was sent:
  /// EMSGSIZE (too long), EDESTADDRREQ (not connected), ECONNREFUSED (as for `receive`).
  struct SentTo {
    Status status = Status::kOk;
    std::int32_t error = 0;
    std::uint32_t size = 0;
    bool ok() const { return status == Status::kOk; }
  };
  using Sent = SentTo;
  /// End of `open`: it receives what is sent to its address, or an error and it is closed.
  struct Opened {
    Status status = Status::kOk;
    std::int32_t error = 0;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `connect`: it is open and has one peer, or an error and it is closed.
  using Connected = Opened;
  /// End of `close`: nothing is under way any more, and it may be opened again. Never fails.
  struct Closed {};
};

/// The operations of kinds of datagrams, which differ in their addresses.
struct DatagramCodes {
  internal::OpCode receive, send_to, open, connect;
  internal::OpCode send = internal::OpCode::kSendDatagram;
};

/// The operations of the declared I/O object `kObject`, whose first lane is record `kRecord` and
/// whose first completion is bit `kCompletion`. `kOpens`: some state lists a completion of lane
/// all. `kBatches`: 1 if the kind has a completion for several datagrams in lanes read and write
/// each. Each call builds a value; nothing starts yet.
template <class To, DatagramCodes kCodes, std::uint8_t kObject, std::uint8_t kRecord,
          std::uint8_t kCompletion, bool kOpens, unsigned kBatches = 0>
struct DatagramOperations {
  static constexpr unsigned kExtra = sizeof(To);

  /// Lane read: wait for one datagram. Completes as `ReceivedFrom`.
  constexpr auto receive() const {
    return internal::plain_op<kCompletion>(kObject, kRecord, kCodes.receive);
  }
  /// Lane write: send a buffer as one datagram, without a copy in the program. Completes as
  /// `SentTo`.
  auto send_to(const To& to, Buffer&& data) const {
    return internal::with(block<kSentTo>(kCodes.send_to, std::move(data)), to);
  }
  /// Lane write: the same of the bytes of a blob that are in use.
  template <std::size_t kBytes>
  auto send_to(const To& to, Blob<kBytes>&& data) const {
    return internal::with(block<kSentTo>(kCodes.send_to, std::move(data)), to);
  }
  /// Lane write: the same of bytes of the isolate's own state, which must stay as they are until
  /// `SentTo`.
  auto send_to(const To& to, std::span<const std::byte> own) const {
    return internal::with(internal::own_op<kSentTo>(kObject, kRecord + 1, kCodes.send_to, own), to);
  }
  /// Lane write: send one datagram to the peer of a connected socket. Completes as `Sent`.
  auto send(Buffer&& data) const { return block<kSentTo + 1>(kSend, std::move(data)); }
  template <std::size_t kBytes>
  auto send(Blob<kBytes>&& data) const {
    return block<kSentTo + 1>(kSend, std::move(data));
  }
  auto send(std::span<const std::byte> own) const {
    return internal::own_op<kSentTo + 1>(kObject, kRecord + 1, kSend, own);
  }
  /// Lane all: receive from now on what is sent to `at`, from anybody. Completes as `Opened`.
  auto open(const To& at) const {
    static_assert(kOpens, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::with(internal::plain_op<kOpened, kOpens>(kObject, kRecord + 2, kCodes.open),
                          at);
  }
  /// Lane all: take one peer: what others send is not received. Completes as `Connected`.
  auto connect(const To& to) const {
    static_assert(kOpens, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::with(
        internal::plain_op<kOpened + 1, kOpens>(kObject, kRecord + 2, kCodes.connect), to);
  }
  /// Lane all: close the socket, whatever is under way on it. Completes as `Closed`.
  auto close() const {
    static_assert(kOpens, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::plain_op<kOpened + 2, kOpens>(kObject, kRecord + 2, internal::OpCode::kClose);
  }

 private:
  static constexpr std::uint8_t kSentTo = kCompletion + 1 + kBatches;
  static constexpr std::uint8_t kOpened = kSentTo + 2 + kBatches;
  static constexpr internal::OpCode kSend = kCodes.send;

  template <std::uint8_t kBit>
  auto block(internal::OpCode op, internal::Block&& data) const {
    return internal::block_op<kBit>(kObject, kRecord + 1, op, std::move(data));
  }
};

}  // namespace tina::net
