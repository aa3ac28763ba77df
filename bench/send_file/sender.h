// SPDX-License-Identifier: Apache-2.0
// One connection of the benchmark of sends from a file. Shard's thread.
#pragma once

#include "send_file.tina.h"

namespace send_file_bench {

struct Sender : SenderBase {
  std::uint16_t port = 0;
  std::uint32_t size = 0, left = 0;

  InitResult on_init(SenderInit&& init, Context&) {
    port = init.port;
    size = init.size;
    left = init.times;
    return ok(io(page.open(tina::fs::Path(init.path.view()), fs::Open::kRead)));
  }
  Effect on_page_opened(const fs::file::Opened& end, Context&) {
    if (!end.ok()) return crash("the file cannot be opened");
    return io(peer.connect(tina::net::Address::loopback(port)));
  }
  Effect on_peer_connected(const net::tcp_stream::Connected& end, Context&) {
    if (!end.ok()) return crash("nobody listens");
    return io(peer.send_file(page, 0, size));
  }
  Effect on_peer_sent(const net::tcp_stream::Sent& end, Context&) {
    if (!end.ok()) return crash("a send has failed");
    if (--left > 0) return io(peer.send_file(page, 0, size));
    return io(peer.finish());
  }
  Effect on_peer_finished(const net::tcp_stream::Finished&, Context&) { return done(); }
};

}  // namespace send_file_bench
