// SPDX-License-Identifier: Apache-2.0
//
// The implementation of ring_io.h: SINGLE_ISSUER and DEFER_TASKRUN, so completions are produced
// only when this thread enters the kernel, in batches; while spinning, the flag that asks for an
// enter is watched beside the completion tail.

#include "load/ring_io.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>

#include "load/socket.h"

namespace tina::load {
namespace {

constexpr unsigned kEntries = 4096;
constexpr uint32_t kCompletionsMax = 131072;
constexpr uint64_t kSendBit = uint64_t{1} << 63;

uint64_t Pack(RingToken token) { return uint64_t{token.ordinal} << 16 | token.place; }

RingToken Unpack(uint64_t data) {
  return {static_cast<uint32_t>(data & 0xffff), static_cast<uint32_t>(data >> 16)};
}

}  // namespace

RingIo::RingIo(const RingSizes& sizes)
    : buffer_bytes_(sizes.buffer_bytes), buffers_(sizes.places * size_t{2} * sizes.buffer_bytes) {
  arrivals_.reserve(kArrivalsMax);
}

RingIo::~RingIo() {
  if (ring_.ring_fd >= 0) io_uring_queue_exit(&ring_);
}

std::unique_ptr<RingIo> RingIo::Create(const RingSizes& sizes) {
  std::unique_ptr<RingIo> made(new RingIo(sizes));
  io_uring_params parameters{};
  parameters.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                     IORING_SETUP_TASKRUN_FLAG;
  parameters.cq_entries =
      std::clamp<uint32_t>(std::bit_ceil(sizes.places * 2), 2 * kEntries, kCompletionsMax);
  if (io_uring_queue_init_params(kEntries, &made->ring_, &parameters) != 0) {
    made->ring_.ring_fd = -1;
    return nullptr;
  }
  (void)io_uring_register_ring_fd(&made->ring_);  // saves a descriptor look-up per enter
  return made;
}

io_uring_sqe* RingIo::NextEntry() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (entry == nullptr) {
    (void)io_uring_submit(&ring_);
    entry = io_uring_get_sqe(&ring_);
  }
  return entry;
}

void RingIo::Receive(int fd, RingToken token) {
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_recv(entry, fd, const_cast<char*>(BufferOf(token)), buffer_bytes_, 0);
  entry->user_data = Pack(token);
}

void RingIo::Send(int fd, RingToken token, std::span<const char> bytes) {
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_send(entry, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_WAITALL);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  entry->user_data = Pack(token) | kSendBit;
}

uint64_t RingIo::Wait(const RingPatience& patience) {
  (void)io_uring_submit_and_get_events(&ring_);
  if (io_uring_cq_ready(&ring_) > 0) return 0;
  const uint64_t start_ns = NowNs();
  uint64_t now_ns = start_ns;
  while (now_ns - start_ns < patience.spin_ns) {
    const bool enter = (IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_TASKRUN) != 0;
    now_ns = NowNs();
    if (enter) (void)io_uring_get_events(&ring_);
    if (io_uring_cq_ready(&ring_) > 0) return now_ns - start_ns;
  }
  if (patience.sleep_ns == 0) return now_ns - start_ns;
  __kernel_timespec limit{};
  limit.tv_nsec = static_cast<long long>(patience.sleep_ns);
  io_uring_cqe* first = nullptr;
  (void)io_uring_submit_and_wait_timeout(&ring_, &first, 1, &limit, nullptr);
  return NowNs() - start_ns;
}

std::span<const RingArrival> RingIo::Collect() {
  std::array<io_uring_cqe*, kArrivalsMax> completions;
  const unsigned count = io_uring_peek_batch_cqe(&ring_, completions.data(), kArrivalsMax);
  arrivals_.clear();
  for (unsigned index = 0; index < count; ++index) {
    const io_uring_cqe& completion = *completions[index];
    const bool is_send = (completion.user_data & kSendBit) != 0;
    arrivals_.push_back({Unpack(completion.user_data & ~kSendBit), is_send, completion.res});
  }
  io_uring_cq_advance(&ring_, count);
  return arrivals_;
}

}  // namespace tina::load
