// SPDX-License-Identifier: Apache-2.0
//
// Floor of the benchmark of sends from a file: the same file on as many connections, each with a
// thread of its own that does nothing but sendfile(2), and waits there for room.
// Arguments: --path=FILE --port=N --size=N --times=N (as in send_file.tina).

#include "peer.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/sendfile.h>

enum { kConnections = 4 };

static int file;
static uint16_t port;
static long size;
static long times;

static const char* value_of(int argc, char** argv, const char* name) {
  for (int index = 1; index < argc; ++index) {
    const size_t length = strlen(name);
    if (strncmp(argv[index], name, length) == 0) return argv[index] + length;
  }
  errno = EINVAL;
  peer_die(name);
  return NULL;
}

static int connect_to(void) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) peer_die("socket");
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(port),
                                      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  if (connect(fd, (const struct sockaddr*)&address, sizeof(address)) != 0) peer_die("connect");
  const int yes = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  return fd;
}

static void* send_all(void* unused) {
  const int fd = connect_to();
  for (long time = 0; time < times; ++time) {
    for (off_t at = 0; at < size;) {
      if (sendfile(fd, file, &at, (size_t)(size - at)) <= 0) peer_die("sendfile");
    }
  }
  close(fd);
  return unused;
}

int main(int argc, char** argv) {
  port = (uint16_t)peer_number(argv[0], value_of(argc, argv, "--port="), 1, 65535);
  size = peer_number(argv[0], value_of(argc, argv, "--size="), 1, INT32_MAX);
  times = peer_number(argv[0], value_of(argc, argv, "--times="), 1, INT32_MAX);
  file = open(value_of(argc, argv, "--path="), O_RDONLY | O_CLOEXEC);
  if (file < 0) peer_die("open");
  pthread_t threads[kConnections];
  for (int index = 0; index < kConnections; ++index) {
    errno = pthread_create(&threads[index], NULL, send_all, NULL);
    if (errno != 0) peer_die("thread");
  }
  for (int index = 0; index < kConnections; ++index) pthread_join(threads[index], NULL);
  return 0;
}
