// SPDX-License-Identifier: Apache-2.0
// See os_epoll.h.
#include "src/os_epoll.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "src/os_address.h"
#include "src/os_datagram.h"
#include "src/os_socket.h"
#include "src/os_stream.h"
#include "src/os_thread.h"
#include "src/os_unix.h"

namespace tina::internal {
namespace {

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

EpollPlatform& self(void* backend) { return *static_cast<EpollPlatform*>(backend); }

std::int32_t result(ssize_t value) { return value < 0 ? -errno : static_cast<std::int32_t>(value); }

/// The end of a connect that could not end at once.
std::int32_t connect_result(std::int32_t descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -errno;
  return -error;
}

/// Descriptors that this process may have, one more than the highest number.
std::uint32_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return EpollPlatform::kDescriptorsMax;
  return static_cast<std::uint32_t>(
      std::min<rlim_t>(limit.rlim_cur, EpollPlatform::kDescriptorsMax));
}

/// 0 if a read, or a write, would not wait now, -EAGAIN if it would.
std::int32_t await(std::int32_t descriptor, short what) {
  pollfd waits{descriptor, what, 0};
  const int ready = ::poll(&waits, 1, 0);
  return ready == 0 ? -EAGAIN : ready < 0 ? -errno : 0;
}

bool has_fine_timeouts(int epoll) {
  constexpr timespec kAtOnce{0, 0};
  epoll_event event;
  return ::epoll_pwait2(epoll, &event, 1, &kAtOnce, nullptr) >= 0;
}

/// In milliseconds, never early.
int coarse(const timespec* limit) {
  if (limit == nullptr) return -1;
  constexpr std::int64_t kLongest = 24 * 3600 * 1000;
  const std::int64_t ms = limit->tv_sec * 1000 + (limit->tv_nsec + 999'999) / 1'000'000;
  return static_cast<int>(std::min(ms, kLongest));
}

}  // namespace

const BackendCalls& EpollPlatform::calls() {
  static constexpr BackendCalls kCalls = {
      [](void* backend, const Operation& operation) { self(backend).start(operation); },
      [](void* backend, Token token) { self(backend).cancel(token); },
      [](void*, std::int32_t descriptor) { ::shutdown(descriptor, SHUT_RDWR); },
      [](void* backend, std::int32_t descriptor) { self(backend).close(descriptor); },
      [](void* backend, const OpenRequest& request) {
        return self(backend).keep_in_bounds(open_socket(request, SocketMode::kNeverWaits));
      },
      [](void*, std::int32_t descriptor, BoundFile& file) { remove_file(descriptor, file); },
      [](void* backend, const Operation& operation) { return self(backend).move_batch(operation); },
  };
  return kCalls;
}

EpollPlatform::~EpollPlatform() {
  if (epoll_ >= 0) ::close(epoll_);
  if (watched_of_ != nullptr) ::munmap(watched_of_, descriptors_ * sizeof *watched_of_);
}

std::int32_t EpollPlatform::probe(bool& fine_timeouts) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return -errno;
  fine_timeouts = has_fine_timeouts(epoll);
  ::close(epoll);
  return 0;
}

std::int32_t EpollPlatform::open(std::span<const LaneGroup> lanes, int wake_descriptor,
                                 std::uint32_t waiting_lanes) {
  numbers_.start(lanes);
  descriptors_ = descriptor_limit();
  void* const table = ::mmap(nullptr, descriptors_ * sizeof *watched_of_, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED) return -errno;
  watched_of_ = static_cast<std::uint32_t*>(table);
  const std::uint32_t count = numbers_.count();
  lanes_ = std::make_unique<Lane[]>(count);
  watched_ = std::make_unique<Watched[]>(count);
  for (std::uint32_t i = count; i > 0; --i) {
    watched_[i - 1] = {-1, 0, {kNone, kNone}, first_free_, 0};
    first_free_ = i - 1;
  }
  const std::uint32_t places = std::bit_ceil(count + 1);
  queue_ = std::make_unique<Completion[]>(places);
  queue_mask_ = places - 1;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return -errno;
  fine_timeouts_ = has_fine_timeouts(epoll_);
  // By its edge, so that nobody needs to read it.
  epoll_event event{EPOLLIN | EPOLLET, {.u64 = kWakeEvent}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_descriptor, &event) != 0) return -errno;
  return blocking_.open(waiting_lanes, returns_);
}

EpollPlatform::Side EpollPlatform::side_of(OpCode op) {
  switch (op) {
    case OpCode::kAccept:
    case OpCode::kReceive:
    case OpCode::kAwait:
    case OpCode::kSignal:
    case OpCode::kInput:
    case OpCode::kReceiveFrom:
    case OpCode::kReceiveFromUnix:
      return kReads;
    default:
      return kWrites;
  }
}

std::int32_t EpollPlatform::keep_in_bounds(std::int32_t descriptor) {
  if (descriptor < 0 || static_cast<std::uint32_t>(descriptor) < descriptors_) return descriptor;
  ::close(descriptor);
  return -EMFILE;
}

std::int32_t EpollPlatform::accept(const Operation& operation) {
  auto& who = operation.as<AddressOperand>();
  who.raw_size = sizeof who.raw;
  const int accepted = ::accept4(operation.descriptor, reinterpret_cast<sockaddr*>(who.raw.data()),
                                 &who.raw_size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return keep_in_bounds(result(accepted));
}

/// Carries out an operation without waiting: its value, or -EAGAIN.
std::int32_t EpollPlatform::attempt(const Operation& operation) {
  auto* data = const_cast<std::byte*>(operation.data);
  const std::int32_t on = operation.descriptor;
  ++system_calls_;
  switch (operation.op) {
    case OpCode::kAccept:
      return accept(operation);
    case OpCode::kReceive:
      return result(::recv(on, data, operation.size, MSG_DONTWAIT));
    case OpCode::kSend:
    case OpCode::kSendDatagram:
    case OpCode::kSendUnix:
      return result(::send(on, data, operation.size, MSG_DONTWAIT | MSG_NOSIGNAL));
    case OpCode::kFinish:
      return result(::shutdown(on, SHUT_WR));
    case OpCode::kReceiveFrom:
      return result(::recvmsg(on, datagram_to_receive(operation), MSG_DONTWAIT));
    case OpCode::kSendTo:
      return result(::sendmsg(on, datagram_to_send(operation), MSG_DONTWAIT | MSG_NOSIGNAL));
    case OpCode::kReceiveFromUnix:
      return result(::recvmsg(on, unix_datagram_to_receive(operation), MSG_DONTWAIT));
    case OpCode::kSendToUnix:
      return result(::sendmsg(on, unix_datagram_to_send(operation), MSG_DONTWAIT | MSG_NOSIGNAL));
    case OpCode::kSendGathered:
      return result(::sendmsg(on, gathered_to_send(operation), MSG_DONTWAIT | MSG_NOSIGNAL));
    case OpCode::kConnect: {
      auto& to = operation.as<AddressOperand>();
      write_raw(to);
      const int made = ::connect(on, reinterpret_cast<const sockaddr*>(to.raw.data()), to.raw_size);
      return made != 0 && errno == EINPROGRESS ? -EAGAIN : result(made);
    }
    case OpCode::kAwait:
      return await(on, POLLIN);
    case OpCode::kAwaitRoom:
      return await(on, POLLOUT);
    case OpCode::kSignal:
      return result(::read(on, operation.operand, 1));
    case OpCode::kInput:
      return try_read(on, data, operation.size);
    case OpCode::kOutput:
      return try_write(on, data, operation.size);
    default:
      break;
  }
  TINA_ASSERT(false);
  return -EINVAL;
}

/// Whether to try before waiting. A read of a new descriptor first asks to be told, since nothing
/// will have come yet; what is there already is told at once.
bool EpollPlatform::try_first(const Operation& operation, const Watched* watched) const {
  const Side side = side_of(operation.op);
  if (watched == nullptr) return side == kWrites;
  return (watched->known & (side == kReads ? kMayRead : kMayWrite)) != 0 ||
         operation.op == OpCode::kFinish;
}

void EpollPlatform::start(const Operation& operation) {
  if (on_files(operation.op)) [[unlikely]]
    return blocking_.start(operation);
  if (operation.op == OpCode::kResolve) [[unlikely]]
    return resolver_->start(operation);
  // Where it would wait, nothing tells when it would not.
  if (operation.op == OpCode::kSendToUnix) return push(operation.token, attempt(operation));
  const auto descriptor = static_cast<std::uint32_t>(operation.descriptor);
  TINA_ASSERT(descriptor < descriptors_);
  Watched* const watched =
      watched_of_[descriptor] == 0 ? nullptr : &watched_[watched_of_[descriptor] - 1];
  if (try_first(operation, watched)) {
    const std::int32_t value = attempt(operation);
    if (watched != nullptr) learn(*watched, operation, value);
    if (value != -EAGAIN) return push(operation.token, value);
  }
  wait_for(operation);
}

/// What the value of an operation says of its descriptor.
void EpollPlatform::learn(Watched& watched, const Operation& operation, std::int32_t value) {
  if (value == -EAGAIN) {
    forget(watched, side_of(operation.op) == kReads ? kMayRead : kMayWrite);
  } else if (operation.op == OpCode::kReceive) {
    if (value <= 0) watched.known |= kEnded | kMayRead;
    const bool emptied = static_cast<std::uint32_t>(value) < operation.size;
    if (emptied && (watched.known & kEnded) == 0) forget(watched, kMayRead);
  }
}

/// What moves now, and what that says of the descriptor: one that gives less than it might is
/// empty. Whatever changes that comes as an event.
std::int32_t EpollPlatform::move_batch(const Operation& operation) {
  ++system_calls_;
  const std::int32_t value = internal::move_batch(operation);
  const std::uint32_t known_as = watched_of_[operation.descriptor];
  if (known_as == 0) return value;
  const bool reads = operation.op == OpCode::kReceiveBatch;
  const bool emptied = reads && value > 0 && static_cast<std::uint32_t>(value) < operation.size;
  if (emptied || value == -EAGAIN) forget(watched_[known_as - 1], reads ? kMayRead : kMayWrite);
  return value;
}

/// Registers a descriptor, if it is not yet. Returns 0 or minus an errno.
std::int32_t EpollPlatform::watch(std::int32_t descriptor, std::uint32_t& number) {
  std::uint32_t& known_as = watched_of_[descriptor];
  if (known_as == 0) {
    if (first_free_ == kNone) return -ENOBUFS;
    const std::uint32_t taken = first_free_;
    Watched& watched = watched_[taken];
    ++system_calls_;
    epoll_event event{kEvents, {.u64 = (std::uint64_t{watched.generation} << 32) | taken}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) return -errno;
    first_free_ = watched.next_free;
    watched.descriptor = descriptor;
    watched.known = kMayWrite;
    known_as = taken + 1;
  }
  number = known_as - 1;
  return 0;
}

void EpollPlatform::wait_for(const Operation& operation) {
  std::uint32_t number = kNone;
  const std::int32_t refused = watch(operation.descriptor, number);
  // A file or /dev/null, which cannot be watched and never waits.
  if (refused == -EPERM) return push(operation.token, attempt(operation));
  if (refused != 0) return push(operation.token, refused);
  const Side side = side_of(operation.op);
  const std::uint32_t lane = numbers_.of(operation.token);
  TINA_ASSERT(watched_[number].lane[side] == kNone && lanes_[lane].watched == kNone);
  watched_[number].lane[side] = lane;
  lanes_[lane] = {operation, number};
  ++waiting_;
}

void EpollPlatform::stop_waiting(Lane& lane) {
  watched_[lane.watched].lane[side_of(lane.operation.op)] = kNone;
  lane.watched = kNone;
  --waiting_;
}

/// The kernel says that a waiting operation may succeed now.
void EpollPlatform::retry(Watched& watched, Side side) {
  if (watched.lane[side] == kNone) return;
  Lane& lane = lanes_[watched.lane[side]];
  const std::int32_t value = lane.operation.op == OpCode::kConnect
                                 ? connect_result(watched.descriptor)
                                 : attempt(lane.operation);
  learn(watched, lane.operation, value);
  if (value == -EAGAIN) return;
  stop_waiting(lane);
  push(lane.operation.token, value);
}

void EpollPlatform::take_events() {
  for (unsigned i = 0; i < events_ready_; ++i) {
    const std::uint64_t name = events_[i].data.u64;
    if (name == kWakeEvent) continue;
    Watched& watched = watched_[static_cast<std::uint32_t>(name)];
    if (watched.generation != static_cast<std::uint32_t>(name >> 32)) continue;
    const std::uint32_t events = events_[i].events;
    const bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
    const bool ended = broken || (events & EPOLLRDHUP) != 0;
    if (ended) watched.known |= kEnded;
    if (ended || (events & EPOLLIN) != 0) {
      watched.known |= kMayRead;
      retry(watched, kReads);
    }
    if (broken || (events & EPOLLOUT) != 0) {
      watched.known |= kMayWrite;
      retry(watched, kWrites);
    }
  }
  events_ready_ = 0;
}

/// Cancels the operation of a lane. One that does not wait has its completion in the queue.
void EpollPlatform::cancel(Token token) {
  if (blocking_.cancel(token)) return;
  if (resolver_ != nullptr && resolver_->cancel(token)) return;
  Lane& lane = lanes_[numbers_.of(token)];
  if (lane.watched == kNone) return;
  stop_waiting(lane);
  push(token, -ECANCELED);
}

void EpollPlatform::close(std::int32_t descriptor) {
  // One from an open may lie beyond; it was never watched.
  if (static_cast<std::uint32_t>(descriptor) >= descriptors_) {
    ::close(descriptor);
    return;
  }
  std::uint32_t& known_as = watched_of_[descriptor];
  if (known_as != 0) {
    Watched& watched = watched_[known_as - 1];
    TINA_ASSERT(watched.lane[kReads] == kNone && watched.lane[kWrites] == kNone);
    ++watched.generation;
    watched.descriptor = -1;
    watched.next_free = first_free_;
    first_free_ = known_as - 1;
    known_as = 0;
  }
  ::close(descriptor);  // the kernel forgets what it has registered of it
}

void EpollPlatform::look(const timespec* limit) {
  passes_without_look_ = 0;
  ++system_calls_;
  // A look at once, which is most of them, has no time to bring to the kernel.
  const bool fine = fine_timeouts_ && limit != nullptr && limit->tv_sec + limit->tv_nsec > 0;
  const int count = fine ? ::epoll_pwait2(epoll_, events_.data(), kEventsPerLook, limit, nullptr)
                         : ::epoll_wait(epoll_, events_.data(), kEventsPerLook, coarse(limit));
  events_ready_ = count < 0 ? 0 : static_cast<unsigned>(count);  // EINTR: a signal ends a sleep
}

bool EpollPlatform::has_news() {
  if (head_ != tail_ || events_ready_ > 0) return true;
  if (returns_ != nullptr && returns_->any()) return true;
  if (waiting_ == 0) {
    relax();
    return false;
  }
  constexpr timespec kAtOnce{0, 0};
  look(&kAtOnce);
  return events_ready_ > 0;
}

void EpollPlatform::sleep(std::uint64_t deadline_ns) {
  if (head_ != tail_ || events_ready_ > 0) return;
  if (returns_ != nullptr && returns_->any_for_sleeper()) return;
  if (deadline_ns == 0) return look(nullptr);
  const std::uint64_t now = now_ns();
  const std::uint64_t wait = deadline_ns > now ? deadline_ns - now : 1;
  const timespec limit{static_cast<time_t>(wait / 1'000'000'000),
                       static_cast<long>(wait % 1'000'000'000)};
  look(&limit);
}

}  // namespace tina::internal
