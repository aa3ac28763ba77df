// SPDX-License-Identifier: Apache-2.0
//
// The load of the UDP echo row: `udp_load PORT SECONDS`. 16 sockets have 8 datagrams of 64 bytes
// each under way, in a closed loop, and poll for their answers. Every answer is compared byte for
// byte with what was asked, and counts once; what has not come after 100 ms is lost, and asked
// anew. Prints one JSON line.

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { kSockets = 16, kDepth = 8, kSize = 64, kWords = kSize / 8 };

static const uint64_t kLostNs = 100000000u;

struct line {
  int fd;
  uint64_t asked[kDepth];  // the number of each place's question
  uint64_t heard_ns;
};

static struct line g_lines[kSockets];
static uint64_t g_number, g_right, g_late, g_lost;

static void die(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(2);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void write_question(uint64_t* words, uint64_t place, uint64_t number) {
  words[0] = place;
  words[1] = number;
  for (uint64_t i = 2; i < kWords; ++i) words[i] = (number + i) * 0x9e3779b97f4a7c15u;
}

static void ask(struct line* line, const unsigned* places, unsigned count) {
  static uint64_t bytes[kDepth][kWords];
  static struct iovec parts[kDepth];
  static struct mmsghdr headers[kDepth];
  for (unsigned i = 0; i < count; ++i) {
    line->asked[places[i]] = ++g_number;
    write_question(bytes[i], places[i], g_number);
    parts[i] = (struct iovec){bytes[i], kSize};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  (void)sendmmsg(line->fd, headers, count, 0);  // what did not go is lost, and found so
}

static void hear(struct line* line, uint64_t now) {
  static uint64_t bytes[kDepth][kWords + 1];
  static struct iovec parts[kDepth];
  static struct mmsghdr headers[kDepth];
  for (unsigned i = 0; i < kDepth; ++i) {
    parts[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  const int heard = recvmmsg(line->fd, headers, kDepth, MSG_DONTWAIT, NULL);
  unsigned places[kDepth];
  unsigned count = 0;
  for (int i = 0; i < heard; ++i) {
    uint64_t expected[kWords];
    const uint64_t place = bytes[i][0];
    if (headers[i].msg_len != kSize || place >= kDepth) {
      fprintf(stderr, "an answer of %u bytes to place %lu\n", headers[i].msg_len, place);
      exit(1);
    }
    write_question(expected, place, bytes[i][1]);
    if (memcmp(expected, bytes[i], kSize) != 0) {
      fprintf(stderr, "an answer that differs from its question\n");
      exit(1);
    }
    if (bytes[i][1] != line->asked[place]) {
      ++g_late;  // it was taken for lost
      continue;
    }
    ++g_right;
    line->asked[place] = 0;
    places[count++] = (unsigned)place;
  }
  if (count > 0) {
    line->heard_ns = now;
    ask(line, places, count);
  } else if (now - line->heard_ns > kLostNs) {
    line->heard_ns = now;
    for (unsigned i = 0; i < kDepth; ++i) places[i] = i;
    g_lost += kDepth;
    ask(line, places, kDepth);
  }
}

static void open_lines(uint16_t port) {
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(port),
                                      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  for (int i = 0; i < kSockets; ++i) {
    g_lines[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (g_lines[i].fd < 0) die("socket");
    if (connect(g_lines[i].fd, (const struct sockaddr*)&address, sizeof(address)) != 0)
      die("connect");
  }
}

static void run_until(uint64_t end_ns) {
  for (uint64_t now = now_ns(); now < end_ns; now = now_ns()) {
    for (int i = 0; i < kSockets; ++i) hear(&g_lines[i], now);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT SECONDS\n", argv[0]);
    return 2;
  }
  open_lines((uint16_t)atoi(argv[1]));
  const double seconds = atof(argv[2]);
  const uint64_t warm = now_ns() + 300000000u;  // every line begins as if its answers were lost
  run_until(warm);
  const uint64_t before = g_right, lost_before = g_lost;
  run_until(warm + (uint64_t)(seconds * 1e9));
  const double rate = (double)(g_right - before) / seconds;
  printf("{\"per_s\": %.0f, \"lost\": %lu, \"late\": %lu}\n", rate, g_lost - lost_before, g_late);
  return g_right == before ? 1 : 0;
}
