// SPDX-License-Identifier: Apache-2.0
//
// A UDP echo server without any framework, as fast as its author could make it: up to 32 datagrams
// are taken by one recvmmsg and sent back by one sendmmsg. With --uring they go through io_uring
// instead: 32 receives are under way, each becomes a send and then a receive again, and what one
// round of completions starts is submitted by one call.

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { kBatch = 32, kBufferSize = 2048 };

static char g_bytes[kBatch][kBufferSize];
static struct sockaddr_in6 g_names[kBatch];
static struct iovec g_parts[kBatch];
static struct mmsghdr g_headers[kBatch];

static void die(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(2);
}

static int open_socket(uint16_t port) {
  const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  const struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (bind(fd, (const struct sockaddr*)&address, sizeof(address)) != 0) die("bind");
  for (int i = 0; i < kBatch; ++i) {
    g_parts[i] = (struct iovec){g_bytes[i], kBufferSize};
    g_headers[i].msg_hdr = (struct msghdr){.msg_name = &g_names[i],
                                           .msg_namelen = sizeof(g_names[i]),
                                           .msg_iov = &g_parts[i],
                                           .msg_iovlen = 1};
  }
  return fd;
}

static void ready_to_receive(int slot) {
  g_parts[slot].iov_len = kBufferSize;
  g_headers[slot].msg_hdr.msg_namelen = sizeof(g_names[slot]);
}

static void serve_by_calls(int fd) {
  for (;;) {
    const int taken = recvmmsg(fd, g_headers, kBatch, MSG_DONTWAIT, NULL);
    if (taken < 0) {
      if (errno != EAGAIN && errno != EINTR) die("recvmmsg");
      struct pollfd waits = {fd, POLLIN, 0};
      (void)poll(&waits, 1, -1);
      continue;
    }
    for (int i = 0; i < taken; ++i) g_parts[i].iov_len = g_headers[i].msg_len;
    for (int sent = 0; sent < taken;) {
      const int now = sendmmsg(fd, g_headers + sent, (unsigned)(taken - sent), 0);
      sent += now > 0 ? now : 1;  // one that cannot be sent is lost
    }
    for (int i = 0; i < taken; ++i) ready_to_receive(i);
  }
}

static void start(struct io_uring* ring, int fd, int slot, int sends) {
  struct io_uring_sqe* const sqe = io_uring_get_sqe(ring);
  if (sends) {
    io_uring_prep_sendmsg(sqe, fd, &g_headers[slot].msg_hdr, 0);
  } else {
    ready_to_receive(slot);
    io_uring_prep_recvmsg(sqe, fd, &g_headers[slot].msg_hdr, 0);
  }
  sqe->user_data = (uint64_t)slot * 2 + (uint64_t)sends;
}

static void serve_by_ring(int fd) {
  struct io_uring ring;
  struct io_uring_params params = {.flags =
                                       IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
  if (io_uring_queue_init_params(2 * kBatch, &ring, &params) != 0) die("io_uring");
  for (int i = 0; i < kBatch; ++i) start(&ring, fd, i, 0);
  for (;;) {
    io_uring_submit_and_wait(&ring, 1);
    unsigned head = 0;
    unsigned seen = 0;
    struct io_uring_cqe* cqe = NULL;
    io_uring_for_each_cqe(&ring, head, cqe) {
      ++seen;
      const int slot = (int)(cqe->user_data / 2);
      const int received = cqe->user_data % 2 == 0 && cqe->res >= 0;
      if (received) g_parts[slot].iov_len = (size_t)cqe->res;
      start(&ring, fd, slot, received);
    }
    io_uring_cq_advance(&ring, seen);
  }
}

int main(int argc, char** argv) {
  const int rings = argc == 4 && strcmp(argv[3], "--uring") == 0;
  if (argc < 3 || strcmp(argv[1], "--port") != 0 || (argc > 3 && !rings)) {
    fprintf(stderr, "usage: %s --port N [--uring]\n", argv[0]);
    return 2;
  }
  const int fd = open_socket((uint16_t)atoi(argv[2]));
  if (rings) serve_by_ring(fd);
  serve_by_calls(fd);
  return 0;
}
