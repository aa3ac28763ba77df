// SPDX-License-Identifier: Apache-2.0
// The Unix kinds of `tina/net.tina` as handlers see them: listeners and streams between programs of
// one machine, by a path or an abstract name. What they are made of is in net_stream.h. Used on the
// shard's thread only.
#pragma once

#include <cstdint>

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
            bool kConnects = false>
  using Operations = StreamOperations<UnixAddress, internal::OpCode::kConnectUnix, kObject, kRecord,
                                      kCompletion, kConnects>;
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

}  // namespace tina::net
