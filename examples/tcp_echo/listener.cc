// SPDX-License-Identifier: Apache-2.0
// Accepts one connection at a time and hands it to a Connection of its own. One accept is
// outstanding at every moment, so the kernel's queue, not this shard, takes a burst.
#include "listener.h"

#include <utility>

namespace echo {
namespace {

/// A peer from this address makes the listener fault: the planted bug that crash tests aim at.
constexpr std::uint32_t kPoisonAddress = 0x7f060606;  // 127.6.6.6

/// Writes through a null pointer that the compiler cannot see through.
void fault() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 0;
}

}  // namespace

Listener::InitResult Listener::on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }

Listener::Effect Listener::on_server_accepted(net::tcp_listener::Accepted&& accepted,
                                              Context& ctx) {
  if (accepted.peer.v4_host() == kPoisonAddress) fault();
  if (!accepted.ok()) {
    ctx.log(tina::Level::kWarning, "accept_failed", tina::Field{"errno", accepted.error});
    return io(server.accept());
  }
  // A refused spawn leaves the stream where it is: the runtime closes it after this call.
  if (const auto spawned = ctx.spawn({.conn = std::move(accepted.stream)}); !spawned.ok()) {
    ctx.log(tina::Level::kWarning, "connection_refused",
            tina::Field{"status", static_cast<std::int64_t>(spawned.status)});
  }
  return io(server.accept());
}

}  // namespace echo
