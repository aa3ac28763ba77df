// SPDX-License-Identifier: Apache-2.0
//
// A single-threaded TCP echo server on io_uring, written for speed: what tina's io_uring backend is
// held against. One ring (SINGLE_ISSUER, DEFER_TASKRUN), one enter per round. By default every
// connection has one buffer, and a request costs one completion: the send is linked to the next
// receive and posts nothing if it succeeds (MSG_WAITALL makes the kernel finish a short send; a
// failed one cancels the receive behind it). With --multishot a receive is armed once per
// connection and fills provided buffers, so a request costs one send entry. With --spin-us it polls
// the completion tail and the task-run flag in user space before it sleeps. It was tuned by
// measuring: IORING_RECVSEND_POLL_FIRST and separate rounds for sends and receives were both
// slower.

#include <liburing.h>
#include <sys/mman.h>

#include "peer.h"

enum {
  kEntries = 4096,
  kCompletions = 32768,
  kBuffer = 4096,
  kGroup = 1,
  kGroupBuffers = 4096,  // a power of two
  kBatch = 512,
};

enum operation { kAccept, kReceive, kSend };

struct connection {
  uint32_t sent;
  uint32_t length;  // multishot: bytes of the send in flight, 0 if there is none
  uint16_t buffer;  // multishot: the provided buffer being sent
  uint16_t queue_head;
  uint16_t queue_tail;
  bool receiving;
  bool closing;
};

enum { kQueue = 64 };  // multishot: received buffers that wait for the send in flight

static struct connection connections[kPeerDescriptorsMax];
static struct {
  uint16_t buffer, length;
} queues[kPeerDescriptorsMax][kQueue];
static char (*buffers)[kBuffer];
static struct io_uring ring;
static struct io_uring_buf_ring* group;
static struct peer_options options;

static struct io_uring_sqe* next_entry(enum operation operation, int fd) {
  struct io_uring_sqe* entry = io_uring_get_sqe(&ring);
  if (entry == NULL) {
    io_uring_submit(&ring);
    entry = io_uring_get_sqe(&ring);
  }
  if (entry == NULL) peer_die("submission queue");
  entry->user_data = (uint64_t)operation << 32 | (uint32_t)fd;
  return entry;
}

// The user data is written by next_entry; the prep functions of liburing 2.3 leave it alone.
static void accept_next(int listener) {
  io_uring_prep_multishot_accept(next_entry(kAccept, listener), listener, NULL, NULL, 0);
}

static void receive(int fd) {
  struct io_uring_sqe* entry = next_entry(kReceive, fd);
  if (options.multishot) {
    io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = kGroup;
  } else {
    io_uring_prep_recv(entry, fd, buffers[fd], kBuffer, 0);
  }
  connections[fd].receiving = true;
}

// One-shot: sends what was received, then receives into the same buffer.
static void echo_and_receive(int fd, unsigned length) {
  // A link must not be cut by a submission in the middle of it.
  if (io_uring_sq_space_left(&ring) < 2) io_uring_submit(&ring);
  struct io_uring_sqe* entry = next_entry(kSend, fd);
  io_uring_prep_send(entry, fd, buffers[fd], length, MSG_NOSIGNAL | MSG_WAITALL);
  entry->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
  receive(fd);
}

// Multishot: sends what is left of the connection's buffer.
static void send_rest(int fd) {
  const struct connection* connection = &connections[fd];
  io_uring_prep_send(next_entry(kSend, fd), fd, buffers[connection->buffer] + connection->sent,
                     connection->length - connection->sent, MSG_NOSIGNAL | MSG_WAITALL);
}

static void give_back(uint16_t buffer) {
  io_uring_buf_ring_add(group, buffers[buffer], kBuffer, buffer,
                        io_uring_buf_ring_mask(kGroupBuffers), 0);
  io_uring_buf_ring_advance(group, 1);
}

static void send_queued(int fd) {
  struct connection* connection = &connections[fd];
  if (connection->length > 0 || connection->queue_head == connection->queue_tail) return;
  connection->buffer = queues[fd][connection->queue_head % kQueue].buffer;
  connection->length = queues[fd][connection->queue_head % kQueue].length;
  connection->sent = 0;
  ++connection->queue_head;
  send_rest(fd);
}

// Closes once nothing is in flight: a descriptor number must not be reused before that.
static void close_connection(int fd) {
  struct connection* connection = &connections[fd];
  if (!connection->closing) shutdown(fd, SHUT_RDWR);
  connection->closing = true;
  if (connection->receiving || connection->length > 0) return;
  for (; connection->queue_head != connection->queue_tail; ++connection->queue_head) {
    give_back(queues[fd][connection->queue_head % kQueue].buffer);
  }
  *connection = (struct connection){0};
  close(fd);
}

static void accepted(int listener, const struct io_uring_cqe* completion) {
  if ((completion->flags & IORING_CQE_F_MORE) == 0) accept_next(listener);
  const int fd = completion->res;
  if (fd < 0) return;
  if (fd >= kPeerDescriptorsMax) {
    close(fd);
    return;
  }
  receive(fd);
}

static void received(int fd, const struct io_uring_cqe* completion) {
  struct connection* connection = &connections[fd];
  const int got = completion->res;
  if (!options.multishot || (completion->flags & IORING_CQE_F_MORE) == 0) {
    connection->receiving = false;
  }
  if (got == -ENOBUFS && !connection->closing) return receive(fd);
  if (!options.multishot) {
    if (got <= 0 || connection->closing) return close_connection(fd);
    if (options.poison_closes && peer_is_poison(buffers[fd], (size_t)got)) {
      return close_connection(fd);
    }
    return echo_and_receive(fd, (unsigned)got);
  }
  if (got <= 0) return close_connection(fd);
  const uint16_t buffer = (uint16_t)(completion->flags >> IORING_CQE_BUFFER_SHIFT);
  const bool poison = options.poison_closes && peer_is_poison(buffers[buffer], (size_t)got);
  const bool full = (uint16_t)(connection->queue_tail - connection->queue_head) == kQueue;
  if (connection->closing || poison || full) {
    give_back(buffer);
    return close_connection(fd);
  }
  queues[fd][connection->queue_tail % kQueue].buffer = buffer;
  queues[fd][connection->queue_tail % kQueue].length = (uint16_t)got;
  ++connection->queue_tail;
  send_queued(fd);
  if (!connection->receiving) receive(fd);
}

static void sent(int fd, const struct io_uring_cqe* completion) {
  struct connection* connection = &connections[fd];
  if (!options.multishot) return;  // a failure: the cancelled receive behind it closes
  if (completion->res > 0) connection->sent += (uint32_t)completion->res;
  if (completion->res > 0 && connection->sent < connection->length && !connection->closing) {
    return send_rest(fd);
  }
  connection->length = 0;
  give_back(connection->buffer);
  if (completion->res <= 0 || connection->closing) return close_connection(fd);
  send_queued(fd);
}

static void set_up(void) {
  struct io_uring_params parameters = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER |
                                                IORING_SETUP_DEFER_TASKRUN |
                                                IORING_SETUP_TASKRUN_FLAG,
                                       .cq_entries = kCompletions};
  const int error = io_uring_queue_init_params(kEntries, &ring, &parameters);
  if (error != 0) {
    errno = -error;
    peer_die("io_uring");
  }
  io_uring_register_ring_fd(&ring);
  const size_t count = options.multishot ? kGroupBuffers : kPeerDescriptorsMax;
  buffers = mmap(NULL, count * kBuffer, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buffers == MAP_FAILED) peer_die("mmap");
  if (!options.multishot) return;
  const size_t bytes = kGroupBuffers * sizeof(struct io_uring_buf);
  group = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (group == MAP_FAILED) peer_die("mmap");
  struct io_uring_buf_reg registration = {
      .ring_addr = (uint64_t)(uintptr_t)group, .ring_entries = kGroupBuffers, .bgid = kGroup};
  if (io_uring_register_buf_ring(&ring, &registration, 0) != 0) peer_die("buffer ring");
  io_uring_buf_ring_init(group);
  for (uint16_t buffer = 0; buffer < kGroupBuffers; ++buffer) give_back(buffer);
}

// Submits, and returns when completions are there: polling first, if asked to, then sleeping.
static void wait_for_completions(void) {
  if (options.spin_ns == 0) {
    io_uring_submit_and_wait(&ring, 1);
    return;
  }
  io_uring_submit_and_get_events(&ring);
  const uint64_t sleep_from_ns = peer_now_ns() + options.spin_ns;
  while (io_uring_cq_ready(&ring) == 0) {
    if ((IO_URING_READ_ONCE(*ring.sq.kflags) & IORING_SQ_TASKRUN) != 0) {
      io_uring_get_events(&ring);
    } else if (peer_now_ns() >= sleep_from_ns) {
      io_uring_submit_and_wait(&ring, 1);
    }
  }
}

int main(int argc, char** argv) {
  options = peer_parse(argc, argv);
  peer_pin(options.pin);
  peer_allow_descriptors();
  int listener = -1;
  if (!options.probe) listener = peer_listen(options.port, 0);
  set_up();
  if (options.probe) return 0;
  accept_next(listener);
  static struct io_uring_cqe* completions[kBatch];
  while (true) {
    wait_for_completions();
    const unsigned count = io_uring_peek_batch_cqe(&ring, completions, kBatch);
    for (unsigned index = 0; index < count; ++index) {
      const struct io_uring_cqe* completion = completions[index];
      const int fd = (int)(uint32_t)completion->user_data;
      switch ((enum operation)(completion->user_data >> 32)) {
        case kAccept:
          accepted(fd, completion);
          break;
        case kReceive:
          received(fd, completion);
          break;
        case kSend:
          sent(fd, completion);
          break;
      }
    }
    io_uring_cq_advance(&ring, count);
  }
}
