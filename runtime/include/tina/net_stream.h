// SPDX-License-Identifier: Apache-2.0
// What connected streams have in common, whatever carries them. Values here are move-only and
// trivially destructible: whatever a handler leaves in one when it returns or crashes, the reactor
// takes back. Invariant: a buffer or blob that is moved into a send belongs to the operation. Used
// on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "tina/address.h"
#include "tina/io.h"
#include "tina/operand_file.h"

namespace tina::net {

using Status = IoStatus;

/// The lanes of a kind, for `ctx.peer.idle(net::read)`.
inline constexpr internal::Lane<internal::LaneName::kAccept> accept{};
inline constexpr internal::Lane<internal::LaneName::kRead> read{};
inline constexpr internal::Lane<internal::LaneName::kWrite> write{};
inline constexpr internal::Lane<internal::LaneName::kAll> all{};

/// A stream: as a value, a connected one on its way from a listener to its isolate; as a declared
/// I/O object, one that was given by `= conn`, or that connects by itself. An operation of a stream
/// that is not connected completes with ENOTCONN.
class Stream {
 public:
  using Lanes = internal::LaneList<internal::LaneName::kRead, internal::LaneName::kWrite,
                                   internal::LaneName::kAll>;

  Stream() = default;
  explicit Stream(std::int32_t descriptor) : descriptor_(descriptor) {}
  Stream(Stream&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Stream& operator=(Stream&& other) noexcept {
    descriptor_ = std::exchange(other.descriptor_, -1);
    return *this;
  }
  /// Whether there is a connection in it: false when it is new or moved from.
  explicit operator bool() const { return descriptor_ >= 0; }
  /// For the runtime: gives the descriptor away.
  std::int32_t release() { return std::exchange(descriptor_, -1); }
  std::int32_t descriptor() const { return descriptor_; }

  /// End of `receive`: up to one buffer of bytes (`kOk`), the peer's end, or an error.
  struct Received {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    Buffer data;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `send`, `send_gathered` and `send_file`: all bytes are in the kernel (`kOk`), the file
  /// ended before them (`kEnd`), or an error; `size`: as many as are.
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

 private:
  std::int32_t descriptor_ = -1;
};

/// The operations of the declared I/O object `kObject`, whose first lane is record `kRecord` and
/// whose first completion is bit `kCompletion`. `kConnects`: some state lists a completion of lane
/// all. `kAhead`: it reads ahead. `To`: where it connects to. Each call builds a value; nothing
/// starts yet.
template <class To, internal::OpCode kConnect, std::uint8_t kObject, std::uint8_t kRecord,
          std::uint8_t kCompletion, bool kConnects, bool kAhead>
struct StreamOperations {
  static constexpr unsigned kExtra = kConnects ? sizeof(To) : 0;

  /// Lane read: wait for bytes. Completes as `Received`. With the setting `read_ahead` it completes
  /// at once if some have arrived.
  constexpr auto receive() const {
    return internal::plain_op<kCompletion>(
        kObject, kRecord, kAhead ? internal::OpCode::kReceiveNext : internal::OpCode::kReceive);
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
    return internal::own_op<kCompletion + 1>(kObject, kRecord + 1, internal::OpCode::kSend, own);
  }
  /// Lane write: send all blocks that `ctx.NAME.add` has put into its list and that wait there, one
  /// behind the other, without a copy. Completes as `Sent`; at once if nothing waits.
  constexpr auto send_gathered() const {
    return internal::plain_op<kCompletion + 1>(kObject, kRecord + 1,
                                               internal::OpCode::kSendGathered);
  }
  /// Lane write: send `size` bytes of an open file of the same isolate, from `offset` on, which the
  /// handler never sees. Completes as `Sent`: `kEnd` if the file ends before them; EBADF if it is
  /// not open, or is closed meanwhile; EINVAL if the file system has no way to do this.
  template <class File>
    requires(File::kIsFile && std::is_same_v<To, Address>)
  auto send_file(const File&, std::uint64_t offset, std::uint32_t size) const {
    const internal::OpRecord record{kObject,
                                    kRecord + 1,
                                    kCompletion + 1,
                                    internal::OpCode::kSendFile,
                                    size,
                                    internal::kNoBuffer,
                                    0,
                                    nullptr};
    return internal::OpWith<std::uint64_t{1} << (kCompletion + 1), internal::SendFileOperand>{
        {record}, {offset, offset, -1, File::kNumber}};
  }
  /// Lane write: end the sending side. Completes as `Finished`.
  constexpr auto finish() const {
    return internal::plain_op<kCompletion + 2>(kObject, kRecord + 1, internal::OpCode::kFinish);
  }
  /// Lane all: connect to a peer. Completes as `Connected`. Given up, and its socket closed, in the
  /// transition to a state that does not list that. Cost: a socket, made at once.
  auto connect(const To& to) const {
    static_assert(kConnects, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::with(
        internal::plain_op<kCompletion + 3, kConnects>(kObject, kRecord + 2, kConnect), to);
  }
  /// Lane all: close the stream, whatever is under way on it: what its lanes have outstanding or
  /// hold ends with it, and the one completion is `Closed`. The peer reads the end of the stream.
  auto close() const {
    static_assert(kConnects, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::plain_op<kCompletion + 4, kConnects>(kObject, kRecord + 2,
                                                          internal::OpCode::kClose);
  }

 private:
  auto send_block(internal::Block&& data) const {
    return internal::block_op<kCompletion + 1>(kObject, kRecord + 1, internal::OpCode::kSend,
                                               std::move(data));
  }
};

/// A listener's operations: it is opened by the runtime from an init argument before `on_init`
/// runs.
template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
struct ListenerOperations {
  static constexpr unsigned kExtra = 0;

  /// Lane accept: wait for one connection. Completes as `Accepted`.
  constexpr auto accept() const {
    return internal::plain_op<kCompletion>(kObject, kRecord, internal::OpCode::kAccept);
  }
};

}  // namespace tina::net
