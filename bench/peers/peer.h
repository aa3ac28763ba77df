// SPDX-License-Identifier: Apache-2.0
//
// What the hand-written echo servers share: their command line, the listening socket, pinning and
// the clock. Everything is static inline: each server stays one program in one file, and the paths
// that are measured call nothing from here but the clock.

#ifndef TINA_BENCH_PEERS_PEER_H_
#define TINA_BENCH_PEERS_PEER_H_

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kPeerBacklog = 1024, kPeerDescriptorsMax = 16384 };

struct peer_options {
  uint16_t port;
  int pin;             // CPU, -1 does not pin
  uint64_t spin_ns;    // poll so long after the last event before sleeping
  bool poison_closes;  // close a connection whose payload starts with POISON
  bool multishot;      // io_uring only: multishot receive with provided buffers
  bool probe;          // io_uring only: set the ring up and end with status 0
};

static inline void peer_die(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(2);
}

static inline void peer_usage(const char* program) {
  fprintf(
      stderr,
      "usage: %s --port N [--pin CPU] [--spin-us N] [--poison-closes] [--multishot] [--probe]\n",
      program);
  exit(2);
}

static inline long peer_number(const char* program, const char* text, long low, long high) {
  char* end = NULL;
  errno = 0;
  const long value = text == NULL ? -2 : strtol(text, &end, 10);
  if (text == NULL || errno != 0 || end == text || *end != '\0' || value < low || value > high) {
    peer_usage(program);
  }
  return value;
}

static inline struct peer_options peer_parse(int argc, char** argv) {
  struct peer_options options = {.port = 0, .pin = -1};
  for (int index = 1; index < argc; ++index) {
    const char* next = index + 1 < argc ? argv[index + 1] : NULL;
    if (strcmp(argv[index], "--port") == 0) {
      options.port = (uint16_t)peer_number(argv[0], next, 1, 65535);
      ++index;
    } else if (strcmp(argv[index], "--pin") == 0) {
      options.pin = (int)peer_number(argv[0], next, -1, 1023);
      ++index;
    } else if (strcmp(argv[index], "--spin-us") == 0) {
      options.spin_ns = 1000 * (uint64_t)peer_number(argv[0], next, 0, 1000000);
      ++index;
    } else if (strcmp(argv[index], "--poison-closes") == 0) {
      options.poison_closes = true;
    } else if (strcmp(argv[index], "--multishot") == 0) {
      options.multishot = true;
    } else if (strcmp(argv[index], "--probe") == 0) {
      options.probe = true;
    } else {
      peer_usage(argv[0]);
    }
  }
  if (options.port == 0 && !options.probe) peer_usage(argv[0]);
  return options;
}

static inline void peer_pin(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) peer_die("pin");
}

static inline void peer_allow_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static inline int peer_listen(uint16_t port, int extra_flags) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | extra_flags, 0);
  if (fd < 0) peer_die("socket");
  const int yes = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  // Inherited by the accepted sockets on Linux.
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_ANY)}};
  if (bind(fd, (const struct sockaddr*)&address, sizeof(address)) != 0) peer_die("bind");
  if (listen(fd, kPeerBacklog) != 0) peer_die("listen");
  // Whoever started this program may wait for the line.
  printf("listening on port %u\n", port);
  fflush(stdout);
  return fd;
}

static inline uint64_t peer_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline bool peer_is_poison(const char* bytes, size_t length) {
  return length >= 6 && memcmp(bytes, "POISON", 6) == 0;
}

#endif  // TINA_BENCH_PEERS_PEER_H_
