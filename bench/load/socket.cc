// SPDX-License-Identifier: Apache-2.0
//
// The implementation of socket.h on Linux.

#include "load/socket.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace tina::load {
namespace {

absl::StatusOr<sockaddr_in> ResolveOne(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot resolve ", host, ": ", gai_strerror(error)));
  }
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof(address));
  freeaddrinfo(found);
  address.sin_port = htons(port);
  return address;
}

int ConnectFrom(int fd, const Endpoints& endpoints) {
  const int yes = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  // The plainest congestion control costs the generator least; where it is forbidden, any will do.
  constexpr std::string_view kPlain = "reno";
  (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kPlain.data(), kPlain.size());
  if (endpoints.source.has_value()) {
    // Without this the kernel picks the port at bind(), and runs out of them early.
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
    const sockaddr_in& source = *endpoints.source;
    if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof(source)) != 0) return errno;
  }
  const sockaddr_in& target = endpoints.target;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&target), sizeof(target)) == 0) return 0;
  return errno == EINPROGRESS ? 0 : errno;
}

}  // namespace

absl::StatusOr<Endpoints> Resolve(const std::string& host, uint16_t port,
                                  const std::string& source) {
  Endpoints endpoints;
  const absl::StatusOr<sockaddr_in> target = ResolveOne(host, port);
  if (!target.ok()) return target.status();
  endpoints.target = *target;
  if (!source.empty()) {
    const absl::StatusOr<sockaddr_in> local = ResolveOne(source, 0);
    if (!local.ok()) return local.status();
    endpoints.source = *local;
  }
  return endpoints;
}

int StartConnect(const Endpoints& endpoints) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int error = ConnectFrom(fd, endpoints);
  if (error == 0) return fd;
  close(fd);
  return -error;
}

int ConnectResult(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

uint16_t LocalPort(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

absl::Status AllowDescriptors(uint64_t descriptors) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return absl::OkStatus();
  if (limit.rlim_cur >= descriptors) return absl::OkStatus();
  const rlimit raised{descriptors, limit.rlim_max < descriptors ? descriptors : limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "this run needs ", descriptors, " open descriptors, the limit is ", limit.rlim_max,
      ": raise it with `ulimit -Hn ", descriptors, "` as root, or use fewer connections"));
}

absl::Status PinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(static_cast<size_t>(cpu), &set);
  if (sched_setaffinity(0, sizeof(set), &set) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("cannot pin to CPU ", cpu, ": ", ErrorText(errno)));
}

uint64_t NowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::string ErrorText(int error) { return std::generic_category().message(error); }

}  // namespace tina::load
