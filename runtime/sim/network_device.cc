// SPDX-License-Identifier: Apache-2.0
// See network.h. What of the world is no network: signals to the process, its standard streams.
#include <cerrno>
#include <cstring>

#include "sim/network.h"
#include "src/os_signals.h"
#include "src/os_stream.h"

namespace tina::sim {

using internal::OpCode;

const Kind kSignals{
    .open = [](Network& network, unsigned shard, const internal::OpenRequest& request) {
      return network.open_signals(shard, request.io);
    }};
const Kind kStandardStreams{
    .open =
        [](Network& network, unsigned shard, const internal::OpenRequest& request) {
          return network.open_standard(shard, request.io);
        },
    .happen = [](Network& network, const Event&) { network.drain_output(); }};

constinit const Network::Device Network::kSignalDevice{&Network::attempt_signal};
constinit const Network::Device Network::kStandardDevice{&Network::attempt_standard};

std::int32_t Network::open_signals(unsigned shard, const internal::IoTable& io) {
  const std::int32_t result = exhausted() ? -EMFILE : new_socket(shard);
  if (result >= 0) {
    at(result).device = &kSignalDevice;
    at(result).declared = internal::signals_of(io);
  }
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

std::int32_t Network::open_standard(unsigned shard, const internal::IoTable& io) {
  const std::int32_t result = exhausted() ? -EMFILE : new_socket(shard);
  if (result >= 0) {
    at(result).device = &kStandardDevice;
    at(result).kind = io.kind;
    at(result).error = io.error;
  }
  trace_.record(now(), TraceKind::kOpen, {shard, static_cast<std::uint32_t>(result), 0, 0, 0, 0});
  return result;
}

void Network::retry_all(internal::IoKind kind) {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (!sockets_[i].open || sockets_[i].kind != kind) continue;
    retry(kFirstDescriptor + static_cast<std::int32_t>(i), 0);
  }
}

void Network::feed(std::span<const std::byte> bytes) {
  trace_.record(now(), TraceKind::kFeed, {bytes.size(), hash_bytes(bytes), 0, 0, 0, 0});
  input_.append(bytes);
  retry_all(internal::IoKind::kInput);
}

void Network::end_input() {
  trace_.record(now(), TraceKind::kFeed, {0, 0, 1, 0, 0, 0});
  input_ended_ = true;
  retry_all(internal::IoKind::kInput);
}

void Network::attempt_standard(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (lane.op == OpCode::kOutput) return attempt_output(descriptor, on, lane);
  if (lane.op == OpCode::kInput) return attempt_input(descriptor, on, lane);
  if (input_ended_ || !input_.empty()) decide(descriptor, 0, 0);  // it awaits that
}

void Network::attempt_input(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (input_.empty()) {
    if (input_ended_) return decide(descriptor, 0, 0);
    // Another object has been quicker, so that this one stands in line again.
    return decide(descriptor, 0, -EAGAIN);
  }
  const std::size_t whole = std::min<std::size_t>(lane.size, input_.size());
  const std::size_t size =
      shorten(Domain::kReadSize, on.shard, whole, counts_.short_reads, faults_.short_read);
  const std::span<const std::byte> bytes = input_.front(size);
  std::memcpy(const_cast<std::byte*>(lane.data), bytes.data(), size);
  lane.bytes_hash = hash_bytes(bytes);
  input_.take(size);
  decide(descriptor, 0, static_cast<std::int32_t>(size));
}

void Network::attempt_output(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (output_left_) return decide(descriptor, 0, -EPIPE);
  ByteQueue& written = written_[on.error ? 1 : 0];
  const std::size_t wanted = internal::whole_lines(lane.data, lane.size);
  if (kOutputRoom - written.size() < wanted) return;  // a pipe takes such a piece whole or not
  const std::span<const std::byte> bytes(lane.data, wanted);
  lane.bytes_hash = hash_bytes(bytes);
  written.append(bytes);
  clock_.in(100 + chooser_.choose(Domain::kOperationDelay, on.shard, 1000), EventKind::kOutput, 0,
            0);
  decide(descriptor, 0, static_cast<std::int32_t>(wanted));
}

void Network::drain_output() {
  if (output_held_ || output_left_) return;
  for (const unsigned error : {0u, 1u}) {
    ByteQueue& written = written_[error];
    if (written.empty()) continue;
    const std::span<const std::byte> front = written.front(written.size());
    const std::vector<std::byte> bytes(front.begin(), front.end());
    written.clear();
    trace_.record(now(), TraceKind::kOutput, {error, bytes.size(), hash_bytes(bytes), 0, 0, 0});
    user_.wrote(error != 0, bytes);
  }
  retry_all(internal::IoKind::kOutput);
}

void Network::hold_output(bool held) {
  output_held_ = held;
  if (!held) clock_.in(100, EventKind::kOutput, 0, 0);
}

void Network::leave_output() {
  output_left_ = true;
  for (ByteQueue& written : written_) written.clear();
  retry_all(internal::IoKind::kOutput);
}

}  // namespace tina::sim
