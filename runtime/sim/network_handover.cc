// SPDX-License-Identifier: Apache-2.0
// See network.h. Connections that go from shard to shard of the system, in a message.
#include "sim/network.h"

namespace tina::sim {

void Network::take(unsigned shard, std::int32_t descriptor) {
  Socket* const on = socket(at(descriptor).shard, descriptor, "handing over");
  if (on == nullptr) return;
  if (on->owner.known) user_.failed("a connection was handed over that somebody has used");
  trace_.record(now(), TraceKind::kHandOver,
                {shard, static_cast<std::uint64_t>(descriptor), on->shard, 0, 0, 0});
  on->shard = shard;
}

void Network::drop(unsigned shard, std::int32_t descriptor) {
  const Socket* const on = socket(shard, descriptor, "dropping");
  if (on == nullptr) return;
  if (on->connection != kNoConnection) connections_[on->connection].excused = true;
  close(shard, descriptor);
}

}  // namespace tina::sim
