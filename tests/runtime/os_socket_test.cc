// SPDX-License-Identifier: Apache-2.0
// The goal: sockets are made as their declarations say, in both families, and what the kernel will
// not give is an error and not less.
#include "src/os_socket.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <vector>

#include "src/os_address.h"

namespace tina::internal {
namespace {

constexpr std::array<std::uint8_t, 16> kSelf{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

IoTable table(IoKind kind) {
  return {.name = "one", .kind = kind, .first_record = 0, .first_completion = 0, .lanes = 1};
}
std::int32_t open(const IoTable& io, const net::Address& at, OpCode op = OpCode::kNone) {
  return open_socket({io, at, op}, SocketMode::kWaits);
}
int option(int descriptor, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(descriptor, level, name, &value, &size), 0);
  return value;
}
/// A connection to a listener's port at an address; -1: none is to be had.
int connected(net::Address to, std::uint16_t port) {
  to.port = port;
  AddressOperand raw{};
  raw.address = to;
  write_raw(raw);
  const int made = ::socket(to.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(made, reinterpret_cast<sockaddr*>(raw.raw.data()), raw.raw_size) == 0) return made;
  ::close(made);
  return -1;
}
bool reaches(const net::Address& to, std::uint16_t port) {
  const int made = connected(to, port);
  if (made >= 0) ::close(made);
  return made >= 0;
}

class Sockets : public testing::Test {
 protected:
  void TearDown() override {
    for (const std::int32_t one : open_) ::close(one);
  }
  std::int32_t keep(std::int32_t descriptor) {
    EXPECT_GE(descriptor, 0);
    open_.push_back(descriptor);
    return descriptor;
  }

  const net::Address v4_ = net::Address::loopback(0);
  const net::Address v6_ = net::Address::v6(kSelf, 0);
  const net::Address everywhere_ = net::Address::v6({}, 0);

 private:
  std::vector<std::int32_t> open_;
};

TEST_F(Sockets, AListenerOnEveryAddressTakesBothFamilies) {
  const std::int32_t listener = keep(open(table(IoKind::kTcpListener), everywhere_));
  const std::uint16_t port = own_address(listener).port;
  EXPECT_TRUE(reaches(v4_, port));
  EXPECT_TRUE(reaches(v6_, port));
}

TEST_F(Sockets, AListenerOnOneAddressTakesThatAlone) {
  const std::int32_t six = keep(open(table(IoKind::kTcpListener), v6_));
  EXPECT_EQ(own_address(six).host, v6_.host);
  EXPECT_TRUE(reaches(v6_, own_address(six).port));
  EXPECT_FALSE(reaches(v4_, own_address(six).port));
  const std::int32_t four = keep(open(table(IoKind::kTcpListener), v4_));
  EXPECT_EQ(own_address(four).host, v4_.host);
  EXPECT_TRUE(reaches(v4_, own_address(four).port));
  EXPECT_FALSE(reaches(v6_, own_address(four).port));
}

TEST_F(Sockets, V6OnlyLeavesIPv4Out) {
  IoTable io = table(IoKind::kTcpListener);
  io.v6_only = true;
  const std::int32_t listener = keep(open(io, everywhere_));
  EXPECT_TRUE(reaches(v6_, own_address(listener).port));
  EXPECT_FALSE(reaches(v4_, own_address(listener).port));
  IoTable udp = table(IoKind::kUdpSocket);
  udp.v6_only = true;
  EXPECT_EQ(option(keep(open(udp, everywhere_)), IPPROTO_IPV6, IPV6_V6ONLY), 1);
}

TEST_F(Sockets, AnAcceptedStreamHasTheSettingsOfItsListener) {
  IoTable io = table(IoKind::kTcpListener);
  io.nagle = true;
  io.keep_alive = 90'000'000'000;
  io.send_buffer = io.receive_buffer = 16'384;
  const std::int32_t listener = keep(open(io, v4_));
  keep(connected(v4_, own_address(listener).port));
  const int stream = keep(::accept(listener, nullptr, nullptr));
  EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option(stream, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_KEEPIDLE), 90);
  EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_KEEPINTVL), 18);
  EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_KEEPCNT), 5);
  EXPECT_EQ(option(stream, SOL_SOCKET, SO_SNDBUF), 2 * 16'384);
  EXPECT_EQ(option(stream, SOL_SOCKET, SO_RCVBUF), 2 * 16'384);
}

TEST_F(Sockets, WithoutSettingsNoSegmentWaits) {
  const std::int32_t listener = keep(open(table(IoKind::kTcpListener), v4_));
  keep(connected(v4_, own_address(listener).port));
  const int accepted = keep(::accept(listener, nullptr, nullptr));
  const int connects = keep(open(table(IoKind::kTcpStream), v6_, OpCode::kConnect));
  for (const int stream : {accepted, connects}) {
    EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(stream, SOL_SOCKET, SO_KEEPALIVE), 0);
  }
}

TEST_F(Sockets, AStreamThatConnectsHasItsOwnSettings) {
  IoTable io = table(IoKind::kTcpStream);
  io.keep_alive = 1'000'000'000;
  io.send_buffer = 8192;
  const int stream = keep(open(io, v4_, OpCode::kConnect));
  EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_KEEPIDLE), 1);
  EXPECT_EQ(option(stream, IPPROTO_TCP, TCP_KEEPINTVL), 1);
  EXPECT_EQ(option(stream, SOL_SOCKET, SO_SNDBUF), 2 * 8192);
}

TEST_F(Sockets, AKeptAliveStreamEndsAfterTwiceTheTime) {
  for (const int seconds : {1, 2, 3, 7, 9, 10, 11, 14, 90, 32'767}) {
    IoTable io = table(IoKind::kTcpStream);
    io.keep_alive = seconds * std::int64_t{1'000'000'000};
    const int stream = keep(open(io, v4_, OpCode::kConnect));
    ASSERT_EQ(option(stream, IPPROTO_TCP, TCP_KEEPIDLE), seconds);
    const int interval = option(stream, IPPROTO_TCP, TCP_KEEPINTVL);
    const int asked = interval * option(stream, IPPROTO_TCP, TCP_KEEPCNT);
    EXPECT_LE(asked, seconds);
    EXPECT_GT(asked + interval, seconds) << "one question more would be too late";
  }
}

TEST_F(Sockets, ABufferThatTheKernelDoesNotGiveIsAnError) {
  for (const IoKind kind : {IoKind::kTcpListener, IoKind::kUdpSocket}) {
    IoTable io = table(kind);
    io.receive_buffer = std::int64_t{1} << 40;
    EXPECT_EQ(open(io, v4_), -ENOBUFS);
  }
  IoTable io = table(IoKind::kTcpStream);
  io.send_buffer = std::int64_t{1} << 40;
  EXPECT_EQ(open(io, v4_, OpCode::kConnect), -ENOBUFS);
}

/// From now on this process has no IPv6.
bool forbid_v6() {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST_F(Sockets, WithoutIPv6EveryAddressIsIPv4) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!forbid_v6()) ::_exit(77);
    IoTable strict = table(IoKind::kTcpListener);
    strict.v6_only = true;
    const std::int32_t tcp = open(table(IoKind::kTcpListener), everywhere_);
    const std::int32_t udp = open(table(IoKind::kUdpSocket), everywhere_);
    const bool good = tcp >= 0 && own_address(tcp).is_v4() && udp >= 0 &&
                      own_address(udp).is_v4() && reaches(v4_, own_address(tcp).port) &&
                      open(strict, everywhere_) == -EAFNOSUPPORT &&
                      open(table(IoKind::kTcpListener), v6_) == -EAFNOSUPPORT;
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "seccomp filters are forbidden here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tina::internal
