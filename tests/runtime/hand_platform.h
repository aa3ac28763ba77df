// SPDX-License-Identifier: Apache-2.0
// A platform that the test holds in its hands: it sets the time and completes the operations.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <deque>
#include <vector>

#include "src/shard.h"

/// The faults that the tests plant are the runtime's to catch, not the sanitizer's.
extern "C" const char* __asan_default_options() {  // NOLINT: the sanitizer's name
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:use_sigaltstack=0";
}

namespace tina::internal {

/// Remembers what the shard asks of its backend.
class HandPlatform {
 public:
  struct Completion {
    Token token;
    std::int32_t value;
  };

  std::uint64_t now = 1'000'000'000;
  std::vector<Operation> started;
  std::deque<Completion> completions;
  std::vector<std::int32_t> shut, closed;
  std::vector<std::uint64_t> cancelled;
  std::int32_t listen_result = 100;
  std::int32_t next_stream = 200;       ///< of the next socket that connects; < 0: refused
  AddressOperand* accepting = nullptr;  ///< where the latest accept says who came
  net::Address next_peer = net::Address::loopback(4000);
  std::deque<std::int32_t> moves;  ///< what the next batches end in; without, nothing moves now
  std::vector<Operation> moved;    ///< batches that were asked for
  std::uint32_t groups = 1;        ///< of read-aheads
  std::deque<std::span<std::byte>> lent;  ///< to group 0

  static const BackendCalls& calls() {
    static constexpr BackendCalls kCalls = {
        [](void* p, const Operation& operation) {
          if (operation.op == OpCode::kAccept) {
            self(p).accepting = &operation.as<AddressOperand>();
          }
          self(p).started.push_back(operation);
        },
        [](void* p, Token token) { self(p).cancelled.push_back(token.bits); },
        [](void* p, std::int32_t descriptor) { self(p).shut.push_back(descriptor); },
        [](void* p, std::int32_t descriptor) { self(p).closed.push_back(descriptor); },
        [](void* p, const OpenRequest& request) {
          if (request.io.kind == IoKind::kTcpListener) return self(p).listen_result;
          return self(p).next_stream < 0 ? self(p).next_stream : self(p).next_stream++;
        },
        [](void*, std::int32_t, BoundFile&) {},
        [](void* p, const Operation& operation) { return self(p).move(operation); },
        nullptr,
        nullptr,
        [](void* p, std::uint32_t group, std::span<std::byte> buffer) {
          if (group >= self(p).groups) return false;
          self(p).lent.push_back(buffer);
          return true;
        },
        [](void* p, std::uint32_t, std::uint32_t count) {
          ASSERT_LE(count, self(p).lent.size());
          self(p).lent.resize(self(p).lent.size() - count);
        },
    };
    return kCalls;
  }

  std::uint64_t now_ns() const { return now; }
  template <class Completed>
  std::uint32_t collect(std::uint32_t limit, Completed&& completed) {
    std::uint32_t taken = 0;
    for (; !completions.empty() && taken < limit; ++taken) {
      const Completion next = completions.front();
      completions.pop_front();
      if (accepting != nullptr) *accepting = {next_peer, 0, 0, {}};
      completed(next.token, next.value);
    }
    return taken;
  }
  void submit() {}

 private:
  /// Of datagrams that arrive, the n-th has n + 1 bytes.
  std::int32_t move(const Operation& operation) {
    moved.push_back(operation);
    if (moves.empty()) return -EAGAIN;
    const std::int32_t value = moves.front();
    moves.pop_front();
    for (std::int32_t i = 0; i < value && operation.op == OpCode::kReceiveBatch; ++i) {
      net::Datagram& datagram = operation.as<Batch>().datagrams()[i];
      datagram.data.handle().size = static_cast<std::uint32_t>(i + 1);
      datagram.from = next_peer;
      datagram.cut_off = false;
    }
    return value;
  }
  static HandPlatform& self(void* p) { return *static_cast<HandPlatform*>(p); }
};

}  // namespace tina::internal
