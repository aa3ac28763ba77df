// SPDX-License-Identifier: Apache-2.0
// Several datagrams at once as handlers see them: those that have arrived, each in a buffer of its
// own, and a list of those to be sent. Invariant: a datagram's buffer belongs to the handler that
// got it, until it moves it on or ends. Used on the shard's thread only.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "tina/net_datagram.h"
#include "tina/operand_batch.h"

namespace tina::net {

/// End of `receive_batch`: the datagrams that were there, one at least, or an error as of
/// `receive`. They are the handler's, and gone when it ends, but for those whose buffers it has
/// moved on.
class ReceivedBatch {
 public:
  Status status = Status::kOk;
  std::int32_t error = 0;  ///< errno when kError

  ReceivedBatch() = default;
  /// Made by the runtime only.
  explicit ReceivedBatch(std::span<Datagram> datagrams) : datagrams_(datagrams) {}
  ReceivedBatch(ReceivedBatch&& other) noexcept
      : status(other.status),
        error(other.error),
        datagrams_(std::exchange(other.datagrams_, std::span<Datagram>())) {}

  bool ok() const { return status == Status::kOk; }
  std::size_t size() const { return datagrams_.size(); }
  Datagram& operator[](std::size_t number) const { return datagrams_[number]; }
  auto begin() const { return datagrams_.begin(); }
  auto end() const { return datagrams_.end(); }

 private:
  std::span<Datagram> datagrams_;
};

/// End of `send_batch`: the kernel has all datagrams of the list, or an error: that of the first of
/// those that could not be sent, as of `send_to`; the others were sent.
struct SentBatch {
  Status status = Status::kOk;
  std::int32_t error = 0;
  std::uint32_t sent = 0;    ///< datagrams
  std::uint32_t failed = 0;  ///< datagrams
  bool ok() const { return status == Status::kOk; }
};

/// The operations on several datagrams, beside those on one: they share its lanes.
template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
struct BatchOperations {
  /// Lane read: wait for datagrams, and take those that are there, as many as the setting `batch`
  /// says and buffers are free. Completes as `ReceivedBatch`.
  constexpr auto receive_batch() const {
    return internal::plain_op<kCompletion + 1>(kObject, kRecord, internal::OpCode::kReceiveBatch);
  }
  /// Lane write: send all datagrams that `ctx.NAME.add` has put into its list, without a copy in
  /// the program. Completes as `SentBatch`; at once if nothing waits.
  constexpr auto send_batch() const {
    return internal::plain_op<kCompletion + 4>(kObject, kRecord + 1, internal::OpCode::kSendBatch);
  }
};

}  // namespace tina::net
