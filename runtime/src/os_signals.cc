// SPDX-License-Identifier: Apache-2.0
// See os_signals.h.
#include "src/os_signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>

namespace tina::internal {
namespace {

/// Bytes that a pipe holds: so many signals may wait for one isolate. A page, the least there is.
constexpr int kPipeBytes = 4096;

struct Listener {
  int write_end;
  std::uint8_t declared;
};

struct Registry {
  std::mutex mutex;
  std::array<Listener, kSignalObjectsMax> listeners;
  unsigned count = 0;
  SignalCounts counts{};
};

Registry& registry() {
  static Registry all;
  return all;
}

void drop(Registry& all, unsigned at) {
  ::close(all.listeners[at].write_end);
  all.listeners[at] = all.listeners[--all.count];
}

/// Whether nobody reads any more.
bool abandoned(int write_end) {
  pollfd polled{write_end, 0, 0};
  return ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLERR) != 0;
}

void sweep(Registry& all) {
  for (unsigned i = all.count; i > 0; --i) {
    if (abandoned(all.listeners[i - 1].write_end)) drop(all, i - 1);
  }
}

std::int32_t make_pipe(int (&ends)[2], bool never_waits) {
  if (::pipe2(ends, O_CLOEXEC) != 0) return -errno;
  ::fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);  // refused, it is as large as it was
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  if (never_waits) ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return 0;
}

}  // namespace

std::uint8_t signals_of(const IoTable& io) {
  if (io.kind != IoKind::kSignals) return 0;
  const bool declared[kSignals] = {io.hangup, io.user_1, io.user_2, io.window};
  unsigned bits = 0;
  for (unsigned i = 0; i < kSignals; ++i) bits |= declared[i] ? 1u << i : 0u;
  return static_cast<std::uint8_t>(bits);
}

std::uint8_t signals_of(const SystemTable& system) {
  unsigned bits = 0;
  for (const RoleTable& role : system.roles) {
    for (const TypeTable& type : role.types) {
      if (type.slots == 0) continue;
      for (const IoTable& io : type.ios) bits |= signals_of(io);
    }
  }
  return static_cast<std::uint8_t>(bits);
}

std::int32_t open_signals(const IoTable& io, bool never_waits) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  sweep(all);
  if (all.count == kSignalObjectsMax) return -ENOBUFS;
  int ends[2];
  const std::int32_t made = make_pipe(ends, never_waits);
  if (made != 0) return made;
  all.listeners[all.count++] = {ends[1], signals_of(io)};
  return ends[0];
}

void deliver_signal(unsigned which) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  sweep(all);
  const auto byte = static_cast<std::uint8_t>(which);
  for (unsigned i = 0; i < all.count; ++i) {
    if ((all.listeners[i].declared >> which & 1) == 0) continue;
    const ssize_t written = ::write(all.listeners[i].write_end, &byte, 1);
    if (written == 1) {
      ++all.counts.told;
    } else if (errno == EAGAIN) {
      ++all.counts.dropped;
    }
  }
}

void forget_signals() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  while (all.count > 0) drop(all, all.count - 1);
  all.counts = {};
}

SignalCounts signal_counts() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  return all.counts;
}

unsigned signal_listeners() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  return all.count;
}

}  // namespace tina::internal
