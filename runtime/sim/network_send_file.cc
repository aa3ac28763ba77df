// SPDX-License-Identifier: Apache-2.0
// See network.h. Sends from a file of the simulated disk, as the real backends do them: as much as
// there is room for, or EAGAIN, and then a wait for room.
#include <algorithm>
#include <utility>
#include <vector>

#include "sim/network.h"

namespace tina::sim {
namespace {

/// As sendfile(2) of the runtime sends at once; less, for there are more chances in short steps.
constexpr std::size_t kSentAtOnce = 65536;

}  // namespace

/// Whether whatever is sent ends in an error, which is then decided.
bool Network::send_fails(std::int32_t descriptor, Connection& connection) {
  if (connection.name != kNoName && far_end_gone(connection)) {
    decide(descriptor, 1, -EPIPE);  // it knows at once, and what the other side said stays unsaid
    return true;
  }
  if (connection.to_system.error != 0) {
    decide(descriptor, 1, -std::exchange(connection.to_system.error, 0));
    return true;
  }
  if (connection.to_peer.ended) decide(descriptor, 1, -EPIPE);
  return connection.to_peer.ended;
}

void Network::attempt_send_file(std::int32_t descriptor, const Socket& on, Lane& lane) {
  const std::uint32_t number = on.connection;
  Connection& connection = connections_[number];
  if (send_fails(descriptor, connection)) return;
  const std::size_t most = std::min<std::size_t>(lane.size, kSentAtOnce);
  const std::size_t room = std::min(connection.to_peer.room(), most);
  if (room == 0) {
    decide(descriptor, 1, -EAGAIN);
    return;
  }
  const std::size_t size =
      shorten(Domain::kWriteSize, number, room, counts_.short_writes, faults_.short_write);
  const auto& wanted = *reinterpret_cast<const internal::SendFileOperand*>(lane.operand);
  std::vector<std::byte> bytes(size);
  const std::int32_t found = user_.read_file(on.shard, wanted.file, wanted.at, bytes);
  if (found > 0) {
    bytes.resize(static_cast<std::size_t>(found));
    lane.bytes_hash = hash_bytes(bytes);
    fly(number, false, Mark::kBytes, bytes);
  }
  decide(descriptor, 1, found);
}

void Network::attempt_await_room(std::int32_t descriptor, const Socket& on) {
  const Connection& connection = connections_[on.connection];
  const bool fails = connection.to_system.error != 0 || connection.to_peer.ended;
  if (fails || connection.to_peer.room() > 0) decide(descriptor, 1, 0);
}

}  // namespace tina::sim
