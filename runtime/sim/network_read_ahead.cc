// SPDX-License-Identifier: Apache-2.0
// See network.h. Receives that fill one lent buffer after the other, as io_uring's multishot ones
// do: each buffer is a completion; one that finds no buffer, an end or an error is the last.
#include <cerrno>

#include "sim/network.h"

namespace tina::sim {
namespace {

constexpr std::uint64_t group_of(unsigned shard, std::uint32_t group) {
  return (std::uint64_t{shard} << 32) | group;
}

}  // namespace

void Network::lend(unsigned shard, std::uint32_t group, std::span<std::byte> buffer) {
  lent_[group_of(shard, group)].push_back(buffer);
}

void Network::take_back(unsigned shard, std::uint32_t group, std::uint32_t count) {
  auto& lent = lent_[group_of(shard, group)];
  lent.resize(lent.size() - count);
}

void Network::attempt_read_ahead(std::int32_t descriptor, Socket& on, Lane& lane) {
  auto& lent = lent_[group_of(on.shard, lane.size)];
  const Pipe& pipe = connections_[on.connection].to_system;
  if (lent.empty()) return decide(descriptor, 0, -ENOBUFS);
  if (pipe.arrived.empty()) return attempt_receive(descriptor, on, lane);  // an end, or nothing yet
  const std::size_t size = take_bytes(on, lane, lent.front());
  lent.pop_front();
  lane.more = true;
  decide(descriptor, 0, static_cast<std::int32_t>(size));
  pump(on.connection);
}

/// Tells of a buffer that is filled, and goes on to the next one.
void Network::continue_read_ahead(const Event& event, Lane& lane) {
  const auto descriptor = static_cast<std::int32_t>(event.number);
  const unsigned shard = at(descriptor).shard;
  const internal::Token token{lane.token.bits | internal::Token::kMore | internal::Token::kTook};
  lane.more = false;
  trace_.record(now(), TraceKind::kCompletion,
                {shard, token.bits, static_cast<std::uint32_t>(lane.value), lane.bytes_hash, 0, 0});
  user_.completed(shard, token, lane.value);
  lane.bytes_hash = 0;
  if (lane.cancelled) {
    decide(descriptor, 0, -ECANCELED);
  } else {
    attempt(descriptor, 0);
  }
}

}  // namespace tina::sim
