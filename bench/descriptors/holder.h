// SPDX-License-Identifier: Apache-2.0
// A connection of the descriptors benchmark: it reads and ends, or stays open. Shard's thread.
#pragma once

#include "descriptors.tina.h"

namespace descriptors {

/// Connections that have ended, or stay.
inline std::uint64_t settled = 0;

struct Holder : HolderBase {
  InitResult on_init(HolderInit&& init, Context&) {
    if (!init.stays) return ok(peer.receive(), yield());
    ++settled;
    return ok();
  }
  Effect on_peer_received(net::tcp_stream::Received&&, Context&) { return crash("nobody sends"); }
  Effect on_sys_yielded(const sys::Yielded&, Context&) {
    ++settled;
    return done();
  }
};

}  // namespace descriptors
