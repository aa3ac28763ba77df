// SPDX-License-Identifier: Apache-2.0
// See os_uring.h.
#include "src/os_uring.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <vector>

#include "src/os_address.h"
#include "src/os_datagram.h"
#include "src/os_file.h"
#include "src/os_socket.h"
#include "src/os_stream.h"
#include "src/os_thread.h"
#include "src/os_unix.h"
#include "src/os_uring_file.h"

namespace tina::internal {
namespace {

constexpr unsigned kCompletionEntriesMax = 65536;
constexpr int kTries = 50;
constexpr int kBetweenMs = 10;
/// The offset that means the place where a file is.
constexpr std::uint64_t kHere = ~std::uint64_t{0};
constexpr unsigned kFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                            IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;

void prepare_accept(io_uring_sqe* sqe, const Operation& operation) {
  auto& who = operation.as<AddressOperand>();
  who.raw_size = sizeof who.raw;
  io_uring_prep_accept(sqe, operation.descriptor, reinterpret_cast<sockaddr*>(who.raw.data()),
                       &who.raw_size, SOCK_CLOEXEC);
}

/// The ring would have a thread of its own do a shutdown. None waits, so it is done here, and the
/// ring but says that it is; one that fails says so through the ring.
void prepare_finish(io_uring_sqe* sqe, const Operation& operation) {
  if (::shutdown(operation.descriptor, SHUT_WR) == 0) {
    io_uring_prep_nop(sqe);
  } else {
    io_uring_prep_shutdown(sqe, operation.descriptor, SHUT_WR);
  }
}

void prepare_read_ahead(io_uring_sqe* sqe, const Operation& operation) {
  io_uring_prep_recv_multishot(sqe, operation.descriptor, nullptr, 0, 0);
  io_uring_sqe_set_flags(sqe, IOSQE_BUFFER_SELECT);
  sqe->buf_group = static_cast<std::uint16_t>(operation.group());
}

void prepare_connect(io_uring_sqe* sqe, const Operation& operation) {
  auto& to = operation.as<AddressOperand>();
  write_raw(to);
  io_uring_prep_connect(sqe, operation.descriptor, reinterpret_cast<sockaddr*>(to.raw.data()),
                        to.raw_size);
}

UringPlatform& self(void* backend) { return *static_cast<UringPlatform*>(backend); }

std::int32_t open_ring(io_uring& ring, unsigned entries, unsigned completions) {
  io_uring_params params;
  std::memset(&params, 0, sizeof params);
  params.flags = kFlags;
  params.cq_entries = completions;
  return io_uring_queue_init_params(entries, &ring, &params);
}

/// Whether the kernel takes an entry and completes it: a policy may allow a ring to be made and
/// refuse to enter it. 0 or minus an errno.
std::int32_t try_entry(io_uring& ring) {
  io_uring_prep_nop(io_uring_get_sqe(&ring));
  const int submitted = io_uring_submit_and_wait(&ring, 1);
  return submitted < 0 ? submitted : 0;
}

/// Places in the completion queue: one per lane, one per lane's cancel, one per buffer that may be
/// filled ahead, and one for the wake.
unsigned completions_for(std::uint32_t lanes, std::uint32_t buffers) {
  const std::uint32_t wanted = std::min(2 * lanes + buffers + 64, kCompletionEntriesMax);
  return std::max(std::bit_ceil(wanted), UringPlatform::kSubmissionEntries);
}

}  // namespace

const BackendCalls& UringPlatform::calls() {
  static constexpr BackendCalls kCalls = {
      [](void* backend, const Operation& operation) { self(backend).start(operation); },
      [](void* backend, Token token) { self(backend).cancel(token); },
      [](void*, std::int32_t descriptor) { ::shutdown(descriptor, SHUT_RDWR); },
      [](void*, std::int32_t descriptor) { ::close(descriptor); },
      [](void*, const OpenRequest& request) { return open_socket(request, SocketMode::kWaits); },
      [](void*, std::int32_t descriptor, BoundFile& file) { remove_file(descriptor, file); },
      [](void* backend, const Operation& operation) {
        ++self(backend).system_calls_;
        return internal::move_batch(operation);
      },
      nullptr,
      nullptr,
      [](void* backend, std::uint32_t group, std::span<std::byte> buffer) {
        return self(backend).buffers_.lend(group, buffer);
      },
      [](void* backend, std::uint32_t group, std::uint32_t count) {
        self(backend).buffers_.take_back(group, count);
      },
  };
  return kCalls;
}

UringPlatform::~UringPlatform() {
  if (open_) io_uring_queue_exit(&ring_);
}

std::int32_t UringPlatform::probe(std::uint32_t lanes, unsigned rings, std::uint32_t& features) {
  std::vector<io_uring> made;
  std::int32_t result = 0;
  while (result == 0 && made.size() < rings) {
    io_uring ring{};
    result = open_ring(ring, kSubmissionEntries, completions_for(lanes, 0));
    features = ring.features;
    if (result == 0) made.push_back(ring);
  }
  if (result == 0) result = try_entry(made.front());
  for (io_uring& ring : made) io_uring_queue_exit(&ring);
  return result;
}

std::int32_t UringPlatform::open(std::uint32_t lanes, int wake_descriptor,
                                 std::uint32_t waiting_lanes, ReadAheads ahead) {
  std::int32_t result = -ENOMEM;
  // What a probe had locked is the kernel's for a moment longer.
  for (int i = 0; result == -ENOMEM && i < kTries; ++i) {
    if (i > 0) rest_ms(kBetweenMs);
    result = open_ring(ring_, kSubmissionEntries, completions_for(lanes, ahead.buffers));
  }
  if (result != 0) return result;
  open_ = true;
  // Saves the look-up of the ring's descriptor in each `enter`. Refused, it is done without.
  io_uring_register_ring_fd(&ring_);
  wake_descriptor_ = wake_descriptor;
  arm_wake();
  buffers_.open(ring_, ahead.groups);
  if (waiting_lanes > 0) learn_operations();
  return blocking_.open(waiting_lanes, returns_);
}

void UringPlatform::make_room(unsigned entries) {
  if (io_uring_sq_ready(&ring_) + entries <= kEntriesPerEnter) return;
  do {
    io_uring_submit(&ring_);
    ++system_calls_;
  } while (io_uring_sq_space_left(&ring_) < entries);
}

io_uring_sqe* UringPlatform::next_sqe() {
  make_room(1);
  return io_uring_get_sqe(&ring_);
}

void UringPlatform::start(const Operation& operation) {
  if (!on_files(operation.op)) [[likely]]
    return prepare(operation);
  if (!in_ring_[static_cast<unsigned>(operation.op)]) return blocking_.start(operation);
  if (on_names(operation.op) && why_no_path(operation) != 0)
    return blocking_.start(operation);  // which says why
  if (operation.op == OpCode::kCommit) return start_commit(operation);
  prepare(operation);
}

void UringPlatform::prepare(const Operation& operation) {
  if (operation.op == OpCode::kResolve) [[unlikely]]
    return resolver_->start(operation);
  io_uring_sqe* sqe = next_sqe();
  auto* data = const_cast<std::byte*>(operation.data);
  switch (operation.op) {
    case OpCode::kAccept:
      prepare_accept(sqe, operation);
      break;
    case OpCode::kReceive:
      io_uring_prep_recv(sqe, operation.descriptor, data, operation.size, 0);
      break;
    case OpCode::kReadAhead:
      prepare_read_ahead(sqe, operation);
      break;
    case OpCode::kSend:
    case OpCode::kSendDatagram:
      io_uring_prep_send(sqe, operation.descriptor, data, operation.size, MSG_NOSIGNAL);
      break;
    case OpCode::kFinish:
      prepare_finish(sqe, operation);
      break;
    case OpCode::kConnect:
      prepare_connect(sqe, operation);
      break;
    case OpCode::kAwait:
      io_uring_prep_poll_add(sqe, operation.descriptor, POLLIN | POLLRDHUP);
      break;
    case OpCode::kSignal:
      io_uring_prep_read(sqe, operation.descriptor, operation.operand, 1, 0);
      break;
    case OpCode::kInput:
      io_uring_prep_read(sqe, operation.descriptor, data, operation.size, kHere);
      break;
    case OpCode::kOutput:
      io_uring_prep_write(sqe, operation.descriptor, data, whole_lines(data, operation.size),
                          kHere);
      break;
    case OpCode::kAwaitRoom:
      io_uring_prep_poll_add(sqe, operation.descriptor, POLLOUT);
      break;
    case OpCode::kReceiveFrom:
      io_uring_prep_recvmsg(sqe, operation.descriptor, datagram_to_receive(operation), 0);
      break;
    case OpCode::kSendTo:
      io_uring_prep_sendmsg(sqe, operation.descriptor, datagram_to_send(operation), MSG_NOSIGNAL);
      break;
    case OpCode::kReceiveFromUnix:
      io_uring_prep_recvmsg(sqe, operation.descriptor, unix_datagram_to_receive(operation), 0);
      break;
    case OpCode::kSendUnix:
      io_uring_prep_send(sqe, operation.descriptor, data, operation.size,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
      break;
    case OpCode::kSendToUnix:
      io_uring_prep_sendmsg(sqe, operation.descriptor, unix_datagram_to_send(operation),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
      break;
    case OpCode::kSendGathered:
      io_uring_prep_sendmsg(sqe, operation.descriptor, gathered_to_send(operation), MSG_NOSIGNAL);
      break;
    default:
      prepare_file(sqe, operation);
      break;
  }
  sqe->user_data = operation.token.bits;
}

void UringPlatform::cancel(Token token) {
  if (blocking_.cancel(token)) return;
  if (resolver_ != nullptr && resolver_->cancel(token)) return;
  io_uring_sqe* sqe = next_sqe();
  io_uring_prep_cancel64(sqe, token.bits, 0);
  io_uring_sqe_set_flags(sqe, IOSQE_CQE_SKIP_SUCCESS);
  sqe->user_data = kIgnored;
}

void UringPlatform::arm_wake() {
  io_uring_sqe* sqe = next_sqe();
  io_uring_prep_poll_multishot(sqe, wake_descriptor_, POLLIN);
  sqe->user_data = kWake;
}

bool UringPlatform::take_own(const io_uring_cqe& cqe) {
  if (cqe.user_data == kIgnored) return true;
  if (cqe.user_data != kWake) return false;
  // It stands until it says otherwise, as when the completion queue was full.
  if ((cqe.flags & IORING_CQE_F_MORE) == 0) arm_wake();
  return true;
}

void UringPlatform::submit() {
  if (io_uring_sq_ready(&ring_) == 0) return;
  io_uring_submit_and_get_events(&ring_);
  ++system_calls_;
}

void UringPlatform::sleep(std::uint64_t deadline_ns) {
  if (returns_ != nullptr && returns_->any_for_sleeper()) return;
  io_uring_cqe* cqe = nullptr;
  ++system_calls_;
  if (deadline_ns == 0) {
    io_uring_submit_and_wait(&ring_, 1);
    return;
  }
  const std::uint64_t now = now_ns();
  const std::uint64_t wait = deadline_ns > now ? deadline_ns - now : 1;
  __kernel_timespec limit{};
  limit.tv_sec = static_cast<std::int64_t>(wait / 1'000'000'000);
  limit.tv_nsec = static_cast<long long>(wait % 1'000'000'000);
  io_uring_submit_and_wait_timeout(&ring_, &cqe, 1, &limit, nullptr);
}

}  // namespace tina::internal
