// SPDX-License-Identifier: Apache-2.0
// See network.h. What of the world is no network: signals to the process.
#include <cerrno>

#include "sim/network.h"
#include "src/os_signals.h"

namespace tina::sim {

std::int32_t Network::open_signals(unsigned shard, const internal::IoTable& io) {
  const std::int32_t result = exhausted() ? -EMFILE : new_socket(shard);
  if (result >= 0) at(result).declared = internal::signals_of(io);
  trace_.record(now(), TraceKind::kOpen, {shard, static_cast<std::uint32_t>(result), 0, 0, 0, 0});
  return result;
}

void Network::signal(unsigned which) {
  std::uint64_t told = 0;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    Socket& hears = sockets_[i];
    if (!hears.open || (hears.declared >> which & 1) == 0) continue;
    if (hears.signals.size() == kSignalsWaiting) continue;  // as a full pipe
    hears.signals.push_back(static_cast<std::uint8_t>(which));
    ++told;
    retry(kFirstDescriptor + static_cast<std::int32_t>(i), 0);
  }
  trace_.record(now(), TraceKind::kSignal, {which, told, 0, 0, 0, 0});
}

void Network::attempt_signal(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (on.signals.empty()) return;
  reinterpret_cast<internal::SignalOperand*>(lane.operand)->which = on.signals.front();
  lane.bytes_hash = on.signals.front();
  on.signals.pop_front();
  decide(descriptor, 0, 1);
}

}  // namespace tina::sim
