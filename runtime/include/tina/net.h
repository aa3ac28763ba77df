// SPDX-License-Identifier: Apache-2.0
// TCP as handlers see it: listeners and streams. Values here are move-only and trivially
// destructible: whatever a handler leaves in one when it returns or crashes, the reactor takes
// back. Invariant: a buffer or blob that is moved into a send belongs to the operation. Used on the
// shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "tina/address.h"
#include "tina/block.h"
#include "tina/effect.h"
#include "tina/io.h"

namespace tina {
namespace net {

using Status = IoStatus;
template <class Kind, std::uint8_t kIndex>
using Lane = tina::Lane<Kind, kIndex>;

/// A TCP stream: as a value, a connected one on its way from a listener to its isolate; as a
/// declared I/O object, one that was given by `= conn`, or that connects by itself. An operation of
/// a stream that is not connected completes with ENOTCONN. TCP_NODELAY is on.
class tcp_stream {
 public:
  tcp_stream() = default;
  explicit tcp_stream(std::int32_t descriptor) : descriptor_(descriptor) {}
  tcp_stream(tcp_stream&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  tcp_stream& operator=(tcp_stream&& other) noexcept {
    descriptor_ = std::exchange(other.descriptor_, -1);
    return *this;
  }
  /// For the runtime: gives the descriptor away.
  std::int32_t release() { return std::exchange(descriptor_, -1); }

  /// End of `receive`: up to one buffer of bytes (`kOk`), the peer's end, or an error.
  struct Received {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    Buffer data;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `send`: all bytes are in the kernel (`kOk`), or an error.
  struct Sent {
    Status status = Status::kOk;
    std::int32_t error = 0;
    std::uint32_t size = 0;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `finish`: no more bytes will be sent; the peer reads an end.
  struct Finished {
    Status status = Status::kOk;
    std::int32_t error = 0;
    bool ok() const { return status == Status::kOk; }
  };

  /// End of `connect`: the stream is open, or an error and it is as if it had never been tried:
  /// ECONNREFUSED (nobody listens), EHOSTUNREACH, ENETUNREACH, ETIMEDOUT (no answer, after the
  /// kernel's own limit), EINTR, EMFILE and ENFILE (no descriptor left), EISCONN (it is connected,
  /// and stays so).
  struct Connected {
    Status status = Status::kOk;
    std::int32_t error = 0;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `close`: nothing is under way any more, and the stream may connect again. Never fails.
  struct Closed {};

  /// The operations of the declared I/O object `kObject`, whose first lane is record `kRecord` and
  /// whose first completion is bit `kCompletion`. `kConnects`: some state lists a completion of
  /// lane all. Each call builds a value; nothing starts yet.
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kConnects = false>
  struct Operations {
    static constexpr unsigned kExtra = kConnects ? sizeof(Address) : 0;

    /// Lane read: wait for bytes. Completes as `Received`.
    constexpr auto receive() const {
      return internal::Op<std::uint64_t{1} << kCompletion>{{kObject, kRecord, kCompletion,
                                                            internal::OpCode::kReceive, 0,
                                                            internal::kNoBuffer, 0, nullptr}};
    }
    /// Lane write: send the whole buffer, without a copy. Completes as `Sent`.
    auto send(Buffer&& data) const { return send_block(std::move(data)); }
    /// Lane write: send the bytes of a blob that are in use, without a copy. Completes as `Sent`.
    template <std::size_t kBytes>
    auto send(Blob<kBytes>&& data) const {
      return send_block(std::move(data));
    }
    /// Lane write: send bytes of the isolate's own state, which must stay as they are until `Sent`.
    auto send(std::span<const std::byte> own) const {
      return internal::Op<std::uint64_t{1} << (kCompletion + 1)>{
          {kObject, kRecord + 1, kCompletion + 1, internal::OpCode::kSend,
           static_cast<std::uint32_t>(own.size()), internal::kNoBuffer, 0, own.data()}};
    }
    /// Lane write: end the sending side. Completes as `Finished`.
    constexpr auto finish() const {
      return internal::Op<std::uint64_t{1} << (kCompletion + 2)>{
          {kObject, kRecord + 1, kCompletion + 2, internal::OpCode::kFinish, 0, internal::kNoBuffer,
           0, nullptr}};
    }
    /// Lane all: connect to a peer. Completes as `Connected`. Given up, and its socket closed, in
    /// the transition to a state that does not list that. Cost: a socket, made at once.
    auto connect(const Address& to) const {
      static_assert(kConnects, "[E0406] no state lists (`on …`) the completion of this operation");
      constexpr std::uint64_t kBit = std::uint64_t{kConnects} << (kCompletion + 3);
      return internal::OpWith<kBit, Address>{
          {{kObject, kRecord + 2, kCompletion + 3, internal::OpCode::kConnect, 0,
            internal::kNoBuffer, 0, nullptr}},
          to};
    }
    /// Lane all: close the stream, whatever is under way on it: what its lanes have outstanding or
    /// hold ends with it, and the one completion is `Closed`. The peer reads the end of the stream.
    auto close() const {
      static_assert(kConnects, "[E0406] no state lists (`on …`) the completion of this operation");
      return internal::Op<std::uint64_t{kConnects} << (kCompletion + 4)>{
          {kObject, kRecord + 2, kCompletion + 4, internal::OpCode::kClose, 0, internal::kNoBuffer,
           0, nullptr}};
    }

   private:
    auto send_block(internal::Block&& data) const {
      const internal::BlockHandle taken = std::exchange(data.handle(), {});
      return internal::Op<std::uint64_t{1} << (kCompletion + 1)>{
          {kObject, kRecord + 1, kCompletion + 1, internal::OpCode::kSend, taken.size, taken.index,
           taken.serial, taken.data}};
    }
  };

 private:
  std::int32_t descriptor_ = -1;
};

/// A listening TCP socket, opened by the runtime from an init argument before `on_init` runs.
struct tcp_listener {
  /// End of `accept`: a connected stream, or an error (descriptors exhausted, …).
  struct Accepted {
    Status status = Status::kOk;
    std::int32_t error = 0;
    tcp_stream stream;
    Address peer;
    bool ok() const { return status == Status::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations {
    static constexpr unsigned kExtra = 0;

    /// Lane accept: wait for one connection. Completes as `Accepted`.
    constexpr auto accept() const {
      return internal::Op<std::uint64_t{1} << kCompletion>{{kObject, kRecord, kCompletion,
                                                            internal::OpCode::kAccept, 0,
                                                            internal::kNoBuffer, 0, nullptr}};
    }
  };
};

/// The lanes of a kind, for `ctx.peer.idle(net::read)`.
inline constexpr Lane<tcp_listener, 0> accept{};
inline constexpr Lane<tcp_stream, 0> read{};
inline constexpr Lane<tcp_stream, 1> write{};
inline constexpr Lane<tcp_stream, 2> all{};

}  // namespace net
}  // namespace tina
