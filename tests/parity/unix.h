// SPDX-License-Identifier: Apache-2.0
// What the parity cases of Unix sockets are written in: both ends are the system's, at a path or at
// a name that no other case has. Test's thread.
#pragma once

#include <unistd.h>

#include <string>

#include "parity.h"
#include "src/os_unix.h"

namespace tina::parity {

class UnixCase : public Parity {
 protected:
  using Address = net::UnixAddress;
  using Operand = internal::UnixDatagramOperand;

  ~UnixCase() override {
    for (const char* const end : {"", ".2", ".3"}) ::unlink((path_text() + end).c_str());
  }

  /// A path; others are beside it.
  Address path(std::string_view end = "") const {
    return std::string_view(path_text() + std::string(end));
  }
  /// A name that is no file.
  Address name() const { return std::string_view("@" + path_text()); }

  std::int32_t opens_unix(internal::IoKind kind, const Address& at, OpCode op,
                          std::uint32_t backlog = 64) {
    internal::IoTable io = table(kind);
    io.backlog = backlog;
    return world().calls().open(
        world().backend(),
        {.io = io, .address = {}, .op = op, .unix_address = &at, .file = &file_});
  }
  std::int32_t opens_listener(const Address& at, std::uint32_t backlog = 64) {
    return opens_unix(internal::IoKind::kUnixListener, at, OpCode::kNone, backlog);
  }
  std::int32_t opens_stream(const Address& to) {
    return opens_unix(internal::IoKind::kUnixStream, to, OpCode::kConnectUnix);
  }
  std::int32_t opens_datagrams(const Address& at) {
    return opens_unix(internal::IoKind::kUnixDatagram, at, OpCode::kBindUnix);
  }
  std::int32_t connects_datagrams(const Address& to) {
    return opens_unix(internal::IoKind::kUnixDatagram, to, OpCode::kConnectUnix);
  }
  /// As the reactor does before it closes what was opened last.
  void remove_file(const Object& object) {
    world().calls().remove_file(world().backend(), object.descriptor, file_);
  }

  Object listen(const Address& at, std::uint32_t backlog = 64) {
    return opened(opens_listener(at, backlog));
  }
  Object connect_to(const Address& to) { return opened(opens_stream(to)); }
  Object open_datagrams(const Address& at) { return opened(opens_datagrams(at)); }
  Object connect_datagrams(const Address& to) { return opened(connects_datagrams(to)); }

  struct Ends {
    Object one, two;
  };
  /// A connection: the end that has called, and the one that was accepted.
  Ends ends() {
    const Object listener = listen(path());
    const Object caller = connect_to(path());
    return {caller, accepts(listener)};
  }

  void receive_from(const Object& socket, std::size_t size) {
    start_with(socket, kRead, OpCode::kReceiveFromUnix, Operand{}, std::string(size, '.'));
  }
  std::int32_t receives_from(const Object& socket, std::size_t size) {
    receive_from(socket, size);
    return ended_from(socket);
  }
  /// The end of a receive; `came_from` and `was_cut` tell of it.
  std::int32_t ended_from(const Object& socket) {
    const std::int32_t value = end(socket, kRead);
    Operand found = operand<Operand>();
    internal::read_unix_datagram(found);
    sender_ = found.who;
    was_cut_ = found.cut_off;
    return value;
  }
  const Address& came_from() const { return sender_; }
  bool was_cut() const { return was_cut_; }
  std::int32_t sends_to(const Object& socket, const Address& to, std::string bytes) {
    Operand operand{};
    operand.who = to;
    start_with(socket, kWrite, OpCode::kSendToUnix, operand, std::move(bytes));
    return end(socket, kWrite);
  }
  void send_datagram(const Object& socket, std::string bytes) {
    const std::size_t size = bytes.size();
    start(socket, kWrite, OpCode::kSendUnix, std::move(bytes), size);
  }
  std::int32_t sends_datagram(const Object& socket, std::string bytes) {
    send_datagram(socket, std::move(bytes));
    return end(socket, kWrite);
  }

 private:
  static std::string path_text() {
    return "/tmp/tina-parity-" + std::to_string(::getpid()) + ".sock";
  }
  Object opened(std::int32_t descriptor) {
    EXPECT_GE(descriptor, 0);
    return keep(descriptor, 0);
  }

  internal::BoundFile file_{};
  Address sender_;
  bool was_cut_ = false;
};

}  // namespace tina::parity
