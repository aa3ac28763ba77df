// SPDX-License-Identifier: Apache-2.0
//
// A single-threaded TCP echo server on epoll, written for speed: what tina's epoll backend is held
// against. Sockets are registered once, edge-triggered; a receive that returns less than the buffer
// has emptied the socket, so a request costs one recv, one send and its share of one epoll_wait. A
// short send parks the rest in a buffer of that connection and stops reading from it until the rest
// is out. With --spin-us it polls before it sleeps.

#include <sys/epoll.h>

#include "peer.h"

enum { kBuffer = 1 << 16, kEvents = 512 };

struct connection {
  char* parked;  // bytes that the kernel did not take, allocated on first need
  size_t parked_length;
  size_t parked_sent;
};

static struct connection connections[kPeerDescriptorsMax];
static char buffer[kBuffer];
static struct peer_options options;
static int epoll_fd;

static void close_connection(int fd) {
  free(connections[fd].parked);
  connections[fd] = (struct connection){0};
  close(fd);
}

static void accept_all(int listener) {
  while (true) {
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data = {.fd = fd}};
    if (fd >= kPeerDescriptorsMax || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) close(fd);
  }
}

static bool park(int fd, const char* bytes, size_t length) {
  struct connection* connection = &connections[fd];
  if (connection->parked == NULL) connection->parked = malloc(kBuffer);
  if (connection->parked == NULL) return false;
  memcpy(connection->parked, bytes, length);
  connection->parked_length = length;
  connection->parked_sent = 0;
  return true;
}

// Sends what is parked. Returns -1 if the connection failed, 0 if bytes remain, 1 if all is out.
static int unpark(int fd) {
  struct connection* connection = &connections[fd];
  while (connection->parked_sent < connection->parked_length) {
    const ssize_t sent = send(fd, connection->parked + connection->parked_sent,
                              connection->parked_length - connection->parked_sent, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN ? 0 : -1;
    connection->parked_sent += (size_t)sent;
  }
  connection->parked_length = 0;
  connection->parked_sent = 0;
  return 1;
}

static void serve(int fd, uint32_t events) {
  const bool hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (connections[fd].parked_length > 0) {
    const int state = unpark(fd);
    if (state < 0) return close_connection(fd);
    if (state == 0) return;
  } else if ((events & ~(uint32_t)EPOLLOUT) == 0) {
    return;
  }
  while (true) {
    const ssize_t got = recv(fd, buffer, kBuffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return close_connection(fd);
    if (options.poison_closes && peer_is_poison(buffer, (size_t)got)) return close_connection(fd);
    const ssize_t sent = send(fd, buffer, (size_t)got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return close_connection(fd);
    const size_t taken = sent < 0 ? 0 : (size_t)sent;
    if (taken < (size_t)got) {
      if (!park(fd, buffer + taken, (size_t)got - taken)) return close_connection(fd);
      // The socket may have drained between the short send and now: the edge is only for later.
      const int state = unpark(fd);
      if (state < 0) return close_connection(fd);
      if (state == 0) return;
    }
    if (got < kBuffer && taken == (size_t)got && !hung_up) return;
  }
}

int main(int argc, char** argv) {
  options = peer_parse(argc, argv);
  peer_pin(options.pin);
  peer_allow_descriptors();
  const int listener = peer_listen(options.port, SOCK_NONBLOCK);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event listen_event = {.events = EPOLLIN, .data = {.fd = listener}};
  if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &listen_event) != 0) {
    peer_die("epoll");
  }
  static struct epoll_event events[kEvents];
  uint64_t sleep_from_ns = 0;
  while (true) {
    const bool spin = options.spin_ns > 0 && peer_now_ns() < sleep_from_ns;
    const int count = epoll_wait(epoll_fd, events, kEvents, spin ? 0 : -1);
    if (count < 0 && errno != EINTR) peer_die("epoll_wait");
    for (int index = 0; index < count; ++index) {
      const int fd = events[index].data.fd;
      if (fd == listener) {
        accept_all(listener);
      } else {
        serve(fd, events[index].events);
      }
    }
    if (count > 0 && options.spin_ns > 0) sleep_from_ns = peer_now_ns() + options.spin_ns;
  }
}
