// SPDX-License-Identifier: Apache-2.0
// The Unix kinds of `tina/net.tina` as handlers see them: listeners, streams and datagrams between
// programs of one machine, by a path or an abstract name. What they are made of is in net_stream.h
// and net_datagram.h. Used on the shard's thread only.
#pragma once

#include <cstdint>

#include "tina/net_datagram.h"
#include "tina/net_stream.h"
#include "tina/unix_address.h"

namespace tina::net {

/// A Unix stream.
class unix_stream : public Stream {
 public:
  using Stream::Stream;

  /// A connect ends at once: ENOENT (no such path), ECONNREFUSED (nobody listens there), EAGAIN
  /// (its backlog is full: later perhaps), EACCES, EPROTOTYPE (it takes datagrams), EMFILE, ENFILE,
  /// EISCONN.
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kConnects = false, bool kAhead = false>
  using Operations = StreamOperations<UnixAddress, internal::OpCode::kConnectUnix, kObject, kRecord,
                                      kCompletion, kConnects, kAhead>;
};

/// A listening Unix socket.
struct unix_listener {
  using Lanes = internal::LaneList<internal::LaneName::kAccept>;

  /// End of `accept`: a connected stream, or an error (descriptors exhausted, …).
  struct Accepted {
    Status status = Status::kOk;
    std::int32_t error = 0;
    unix_stream stream;
    bool ok() const { return status == Status::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  using Operations = ListenerOperations<kObject, kRecord, kCompletion>;
};

/// A Unix socket of datagrams. None is lost: where the receiver's queue is full, a `send_to` ends
/// in EAGAIN, and a `send` of a connected socket waits. A `connect` gives the socket a name that
/// the kernel chooses, so that it can be answered. Other errors: ENOENT, ECONNREFUSED (nobody is
/// there), EACCES, EPROTOTYPE (it takes connections), EPERM (it hears another peer alone).
struct unix_datagram : Datagrams<UnixAddress> {
  static constexpr DatagramCodes kCodes{
      internal::OpCode::kReceiveFromUnix, internal::OpCode::kSendToUnix,
      internal::OpCode::kBindUnix, internal::OpCode::kConnectUnix, internal::OpCode::kSendUnix};
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kOpens = false>
  using Operations = DatagramOperations<UnixAddress, kCodes, kObject, kRecord, kCompletion, kOpens>;
};

}  // namespace tina::net
