// SPDX-License-Identifier: Apache-2.0
// See network.h. Named pipes: bytes between ends of the system, or between it and peers. A reader
// hears the end when its last writer has gone, never before it had one.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/network.h"
#include "src/os_stream.h"

namespace tina::sim {

using internal::IoKind;
using internal::OpCode;

const Kind kNamedPipes{
    .open = [](Network& network, unsigned shard, const internal::OpenRequest& request) {
      return network.open_pipe(shard, request);
    }};

constinit const Network::Device Network::kPipeDevice{&Network::attempt_pipe,
                                                     &Network::end_pipe_end};

NamedPipe& Network::named_pipe(const fs::Path& path) {
  const auto found = std::ranges::find(named_pipes_, path, &NamedPipe::path);
  if (found != named_pipes_.end()) return *found;
  return named_pipes_.emplace_back(NamedPipe{path, {}});
}

std::int32_t Network::open_pipe(unsigned shard, const internal::OpenRequest& request) {
  const std::int32_t wrong = request.path->why_not();
  if (wrong != 0) return -wrong;
  const bool known =
      std::ranges::find(named_pipes_, *request.path, &NamedPipe::path) != named_pipes_.end();
  if (!known && !request.io.create) return -ENOENT;
  if (chooser_.chance(Domain::kConnectError, shard, faults_.connect_error)) {
    ++counts_.connect_errors;
    return -EMFILE;
  }
  if (exhausted()) return -EMFILE;
  NamedPipe& pipe = named_pipe(*request.path);
  const bool writes = request.io.kind == IoKind::kPipeWriter;
  if (writes && pipe.readers == 0 && pipe.peer == kNoPeer) return -ENXIO;
  const std::int32_t result = new_socket(shard);
  Socket& opened = at(result);
  opened.device = &kPipeDevice;
  opened.kind = request.io.kind;
  opened.pipe = static_cast<std::uint32_t>(&pipe - named_pipes_.data());
  opened.writers_before = pipe.writers_ever - (pipe.writers > 0 || pipe.peers_write ? 1 : 0);
  ++(writes ? pipe.writers : pipe.readers);
  if (writes) ++pipe.writers_ever;
  trace_.record(now(), TraceKind::kOpen,
                {shard, static_cast<std::uint32_t>(result), opened.pipe, 0, 0, 0});
  return result;
}

void Network::end_pipe_end(std::int32_t, Socket& socket) {
  NamedPipe& pipe = named_pipes_[socket.pipe];
  --(socket.kind == IoKind::kPipeWriter ? pipe.writers : pipe.readers);
  if (pipe.readers + pipe.writers == 0 && !pipe.peers_write) pipe.bytes.clear();
  retry_pipe(pipe);
}

void Network::retry_pipe(const NamedPipe& pipe) {
  const auto number = static_cast<std::uint32_t>(&pipe - named_pipes_.data());
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (!sockets_[i].open || sockets_[i].pipe != number) continue;
    retry(kFirstDescriptor + static_cast<std::int32_t>(i), 0);
  }
}

/// Whether a read would not wait: bytes, or the end.
bool Network::pipe_has_news(const Socket& socket) const {
  const NamedPipe& pipe = named_pipes_[socket.pipe];
  const bool left = pipe.writers == 0 && !pipe.peers_write;
  return socket.shut || !pipe.bytes.empty() || (left && pipe.writers_ever > socket.writers_before);
}

void Network::attempt_pipe(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (lane.op == OpCode::kInput) return attempt_read_pipe(descriptor, on, lane);
  if (lane.op == OpCode::kOutput) return attempt_write_pipe(descriptor, on, lane);
  if (on.kind != IoKind::kPipeReader || pipe_has_news(on)) decide(descriptor, 0, 0);
}

void Network::attempt_read_pipe(std::int32_t descriptor, Socket& on, Lane& lane) {
  NamedPipe& pipe = named_pipes_[on.pipe];
  if (!pipe_has_news(on)) return decide(descriptor, 0, -EAGAIN);
  if (pipe.bytes.empty()) return decide(descriptor, 0, 0);
  const std::size_t whole = std::min<std::size_t>(lane.size, pipe.bytes.size());
  const std::size_t size =
      shorten(Domain::kReadSize, on.shard, whole, counts_.short_reads, faults_.short_read);
  const std::span<const std::byte> bytes = pipe.bytes.front(size);
  std::memcpy(const_cast<std::byte*>(lane.data), bytes.data(), size);
  lane.bytes_hash = hash_bytes(bytes);
  pipe.bytes.take(size);
  decide(descriptor, 0, static_cast<std::int32_t>(size));
  retry_pipe(pipe);
}

void Network::attempt_write_pipe(std::int32_t descriptor, Socket& on, Lane& lane) {
  NamedPipe& pipe = named_pipes_[on.pipe];
  if (on.shut || (pipe.readers == 0 && pipe.peer == kNoPeer)) {
    return decide(descriptor, 0, -EPIPE);
  }
  const std::size_t wanted = internal::whole_lines(lane.data, lane.size);
  if (kOutputRoom - std::min(kOutputRoom, pipe.bytes.size()) < wanted) return;
  const std::span<const std::byte> bytes(lane.data, wanted);
  lane.bytes_hash = hash_bytes(bytes);
  decide(descriptor, 0, static_cast<std::int32_t>(wanted));
  if (pipe.peer != kNoPeer) {
    const fs::Path path = pipe.path;  // the peer may name another pipe, and move this one
    return user_.peer_pipe(pipe.peer, path, bytes);
  }
  pipe.bytes.append(bytes);
  retry_pipe(pipe);
}

bool Network::write_pipe(const fs::Path& path, std::span<const std::byte> bytes) {
  NamedPipe& pipe = named_pipe(path);
  if (pipe.readers == 0) return false;
  pipe.writers_ever += !pipe.peers_write;
  pipe.peers_write = true;
  pipe.bytes.append(bytes);
  trace_.record(now(), TraceKind::kFeed, {bytes.size(), hash_bytes(bytes), 0, 0, 0, 0});
  retry_pipe(pipe);
  return true;
}

void Network::end_pipe(const fs::Path& path) {
  NamedPipe& pipe = named_pipe(path);
  pipe.peers_write = false;
  retry_pipe(pipe);
}

void Network::read_pipe(std::uint32_t peer, const fs::Path& path) {
  NamedPipe& pipe = named_pipe(path);
  pipe.peer = peer;
  retry_pipe(pipe);
}

}  // namespace tina::sim
