// SPDX-License-Identifier: Apache-2.0
// The kinds of `tina/net.tina` as handlers see them: TCP listeners and streams, UDP sockets; those
// of Unix sockets are in net_unix.h. What they are made of is in net_stream.h, net_datagram.h and
// net_batch.h. Used on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "tina/address_text.h"
#include "tina/net_batch.h"
#include "tina/net_datagram.h"
#include "tina/net_stream.h"
#include "tina/net_unix.h"

namespace tina::net {

/// A TCP stream. TCP_NODELAY is on.
class tcp_stream : public Stream {
 public:
  using Stream::Stream;

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kConnects = false, bool kAhead = false>
  using Operations = StreamOperations<Address, internal::OpCode::kConnect, kObject, kRecord,
                                      kCompletion, kConnects, kAhead>;
};

/// A listening TCP socket.
struct tcp_listener {
  using Lanes = internal::LaneList<internal::LaneName::kAccept>;

  /// End of `accept`: a connected stream, or an error (descriptors exhausted, …).
  struct Accepted {
    Status status = Status::kOk;
    std::int32_t error = 0;
    tcp_stream stream;
    Address peer;
    bool ok() const { return status == Status::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  using Operations = ListenerOperations<kObject, kRecord, kCompletion>;
};

/// A UDP socket.
struct udp_socket : Datagrams<Address> {
  static constexpr bool kBatches = true;
  using ReceivedBatch = net::ReceivedBatch;
  using SentBatch = net::SentBatch;

  static constexpr DatagramCodes kCodes{internal::OpCode::kReceiveFrom, internal::OpCode::kSendTo,
                                        internal::OpCode::kBind, internal::OpCode::kConnect};
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kOpens = false>
  struct Operations : DatagramOperations<Address, kCodes, kObject, kRecord, kCompletion, kOpens, 1>,
                      BatchOperations<kObject, kRecord, kCompletion> {};
};

}  // namespace tina::net
