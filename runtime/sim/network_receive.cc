// SPDX-License-Identifier: Apache-2.0
// See network.h. Receives of streams, and those that fill one lent buffer after the other, as
// io_uring's multishot ones do: each buffer is a completion; one that finds no buffer, an end or an
// error is the last.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/network.h"

namespace tina::sim {
namespace {

constexpr std::uint64_t group_of(unsigned shard, std::uint32_t group) {
  return (std::uint64_t{shard} << 32) | group;
}

}  // namespace

void Network::attempt_receive(std::int32_t descriptor, Socket& on, Lane& lane) {
  const std::uint32_t number = on.connection;
  Pipe& pipe = connections_[number].to_system;
  if (pipe.arrived.empty()) {
    if (pipe.error != 0 && !pipe.end_arrived) {
      decide(descriptor, 0, -std::exchange(pipe.error, 0));
    } else if (pipe.end_arrived || pipe.reset_arrived || on.shut) {
      decide(descriptor, 0, 0);
    }
    return;
  }
  const std::size_t size = take_bytes(on, lane, {const_cast<std::byte*>(lane.data), lane.size});
  decide(descriptor, 0, static_cast<std::int32_t>(size));
  pump(number);
}

/// Some of what has arrived, perhaps fewer bytes than there are.
std::size_t Network::take_bytes(Socket& on, Lane& lane, std::span<std::byte> to) {
  Pipe& pipe = connections_[on.connection].to_system;
  const std::size_t whole = std::min(to.size(), pipe.arrived.size());
  const std::size_t size =
      shorten(Domain::kReadSize, on.connection, whole, counts_.short_reads, faults_.short_read);
  const std::span<const std::byte> bytes = pipe.arrived.front(size);
  std::memcpy(to.data(), bytes.data(), size);
  lane.bytes_hash = hash_bytes(bytes);
  pipe.arrived.take(size);
  return size;
}

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
