// SPDX-License-Identifier: Apache-2.0
// Parity of batches of datagrams: they move by calls that never wait; each stays whole, with its
// own sender or its own destination, and one that cannot be sent says so for itself.
#include <set>
#include <string>

#include "parity.h"

namespace tina::parity {
namespace {

using internal::AddressOperand;
using internal::Batch;

class UdpBatch : public Parity {
 protected:
  static constexpr std::uint32_t kPlaces = 8;

  void SetUp() override {
    Parity::SetUp();
    batch() = Batch{kPlaces, kPlaces, 0, 0, 0, 0};
  }
  Batch& batch() { return *reinterpret_cast<Batch*>(memory_.data()); }

  Object open() {
    const net::Address at = net::Address::loopback(world().free_port());
    const std::int32_t opened = world().calls().open(
        world().backend(), {table(internal::IoKind::kUdpSocket), at, OpCode::kBind});
    EXPECT_GE(opened, 0);
    return keep(opened, at.port);
  }
  Object connect_to(std::uint16_t port) {
    const Object socket = keep(
        world().calls().open(world().backend(), {table(internal::IoKind::kUdpSocket),
                                                 net::Address::loopback(port), OpCode::kConnect}),
        0);
    EXPECT_EQ(connects(socket, port), 0);
    return socket;
  }

  /// Receives up to `count` datagrams of up to `size` bytes into `arrived`.
  std::int32_t receives(const Object& socket, std::uint32_t count, std::uint32_t size = 64) {
    std::vector<std::string> buffers(count, std::string(size, '.'));
    for (std::uint32_t i = 0; i < count; ++i) {
      batch().datagrams()[i].data.handle() = {reinterpret_cast<std::byte*>(buffers[i].data()), size,
                                              i, 0, 0};
    }
    const std::int32_t value = move(socket, kRead, OpCode::kReceiveBatch, count, nullptr);
    arrived.clear();
    for (std::int32_t i = 0; i < value; ++i) {
      const net::Datagram& one = batch().datagrams()[i];
      arrived.push_back({std::string(one.data.text()), one.from, one.cut_off});
    }
    return value;
  }
  /// Waits until there is something, and receives it.
  std::int32_t receives_next(const Object& socket, std::uint32_t count, std::uint32_t size = 64) {
    std::int32_t value = -EAGAIN;
    while (value == -EAGAIN) {
      await(socket);
      if (end(socket, kRead) < 0) return -1;
      value = receives(socket, count, size);
    }
    return value;
  }
  /// Sends texts to ports; port 0: to the peer.
  std::int32_t sends(const Object& socket,
                     const std::vector<std::pair<std::uint16_t, std::string>>& list) {
    std::vector<internal::GatherPart> parts;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto& [port, text] = list[i];
      AddressOperand& to = batch().to()[i];
      to.given = port == kPeer ? 0 : 1;
      to.address = net::Address::loopback(port);
      parts.push_back({reinterpret_cast<const std::byte*>(text.data()), text.size()});
    }
    return move(socket, kWrite, OpCode::kSendBatch, static_cast<std::uint32_t>(list.size()),
                reinterpret_cast<const std::byte*>(parts.data()));
  }
  /// Texts that arrive until there are so many, in any order.
  std::multiset<std::string> texts(const Object& socket, std::size_t count) {
    std::multiset<std::string> all;
    while (all.size() < count && receives_next(socket, kPlaces) > 0) {
      for (const Arrived& one : arrived) all.insert(one.text);
    }
    return all;
  }

  static constexpr std::uint16_t kPeer = 0xffff;
  struct Arrived {
    std::string text;
    net::Address from;
    bool cut_off;
  };
  std::vector<Arrived> arrived;

 private:
  std::int32_t move(const Object& socket, Lane lane, OpCode op, std::uint32_t count,
                    const std::byte* data) {
    return world().calls().move_batch(
        world().backend(),
        {token(socket, lane), op, socket.descriptor, data, count, 0, memory_.data()});
  }
  alignas(8) std::array<std::byte, internal::batch_size(kPlaces, kPlaces)> memory_{};
};
TINA_IN_EVERY_WORLD(UdpBatch);

TEST_P(UdpBatch, NeverWaits) {
  EXPECT_EQ(receives(open(), 4), -EAGAIN);
  EXPECT_TRUE(arrived.empty());
}

TEST_P(UdpBatch, BringsAllThatAreThere) {
  const Object taker = open();
  const Object sender = open();
  EXPECT_EQ(sends(sender, {{taker.port, "a"}, {taker.port, "bb"}, {taker.port, "ccc"}}), 3);
  settle();
  EXPECT_EQ(receives(taker, 8), 3);
  std::set<std::string> texts;
  for (const Arrived& one : arrived) {
    EXPECT_EQ(one.from, net::Address::loopback(sender.port));
    EXPECT_FALSE(one.cut_off);
    texts.insert(one.text);
  }
  EXPECT_EQ(texts, (std::set<std::string>{"a", "bb", "ccc"}));
  EXPECT_EQ(receives(taker, 8), -EAGAIN);
}

TEST_P(UdpBatch, BringsNoMoreThanThereArePlacesFor) {
  const Object taker = open();
  const Object sender = open();
  const std::uint16_t to = taker.port;
  EXPECT_EQ(sends(sender, {{to, "1"}, {to, "2"}, {to, "3"}, {to, "4"}, {to, "5"}}), 5);
  settle();
  EXPECT_EQ(receives(taker, 2), 2);
  EXPECT_EQ(receives(taker, 2), 2);
  EXPECT_EQ(receives(taker, 2), 1);
}

TEST_P(UdpBatch, TellsSendersApart) {
  const Object taker = open();
  std::set<std::uint16_t> senders;
  for (int i = 0; i < 3; ++i) {
    const Object sender = open();
    senders.insert(sender.port);
    EXPECT_EQ(sends(sender, {{taker.port, std::to_string(sender.port)}}), 1);
  }
  settle();
  EXPECT_EQ(receives(taker, 8), 3);
  for (const Arrived& one : arrived) {
    EXPECT_EQ(one.text, std::to_string(one.from.port));
    EXPECT_EQ(senders.erase(one.from.port), 1U);
  }
}

TEST_P(UdpBatch, CutsOffOneAndNotTheOthers) {
  const Object taker = open();
  EXPECT_EQ(sends(open(), {{taker.port, "four"}, {taker.port, "eighteen"}, {taker.port, ""}}), 3);
  settle();
  EXPECT_EQ(receives(taker, 8, 4), 3);
  std::set<std::pair<std::string, bool>> seen;
  for (const Arrived& one : arrived) seen.emplace(one.text, one.cut_off);
  EXPECT_EQ(seen,
            (std::set<std::pair<std::string, bool>>{{"four", false}, {"eigh", true}, {"", false}}));
}

TEST_P(UdpBatch, FollowsAWaitWithoutABuffer) {
  const Object taker = open();
  await(taker);
  EXPECT_TRUE(waits(taker, kRead));
  EXPECT_EQ(sends(open(), {{taker.port, "here"}}), 1);
  EXPECT_GE(end(taker, kRead), 0);
  EXPECT_EQ(receives(taker, 8), 1);
  await(taker);
  EXPECT_TRUE(waits(taker, kRead)) << "all that was there has been taken";
}

TEST_P(UdpBatch, DoesNotEndAWaitWhereItLeavesNothing) {
  const Object taker = open();
  const Object sender = open();
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(sends(sender, {{taker.port, "x"}, {taker.port, "y"}}), 2);
    settle();
    EXPECT_EQ(receives(taker, 2), 2);
    await(taker);
    EXPECT_TRUE(waits(taker, kRead));
    EXPECT_EQ(sends(sender, {{taker.port, "z"}}), 1);
    EXPECT_GE(end(taker, kRead), 0);
    EXPECT_EQ(receives(taker, 2), 1);
  }
}

TEST_P(UdpBatch, EndsAWaitWhereItHasLeftSomething) {
  const Object taker = open();
  EXPECT_EQ(sends(open(), {{taker.port, "x"}, {taker.port, "y"}}), 2);
  settle();
  EXPECT_EQ(receives(taker, 1), 1);
  await(taker);
  EXPECT_GE(end(taker, kRead), 0);
  EXPECT_EQ(receives(taker, 1), 1);
}

TEST_P(UdpBatch, SendsToManyPlaces) {
  const Object one = open();
  const Object two = open();
  EXPECT_EQ(sends(open(), {{one.port, "a"}, {two.port, "b"}, {one.port, "c"}}), 3);
  EXPECT_EQ(texts(one, 2), (std::multiset<std::string>{"a", "c"}));
  EXPECT_EQ(texts(two, 1), (std::multiset<std::string>{"b"}));
}

TEST_P(UdpBatch, SendsToItsPeer) {
  const Object taker = open();
  const Object sender = connect_to(taker.port);
  EXPECT_EQ(sends(sender, {{kPeer, "one"}, {kPeer, "two"}}), 2);
  EXPECT_EQ(texts(taker, 2), (std::multiset<std::string>{"one", "two"}));
}

TEST_P(UdpBatch, EndsBeforeOneThatCannotBeSent) {
  const Object taker = open();
  const Object sender = open();
  const std::string large(65508, 'x');
  EXPECT_EQ(sends(sender, {{taker.port, "a"}, {taker.port, large}, {taker.port, "b"}}), 1);
  EXPECT_EQ(sends(sender, {{taker.port, large}, {taker.port, "b"}}), -EMSGSIZE);
  EXPECT_EQ(sends(sender, {{0, "nowhere"}}), -EINVAL);
  EXPECT_EQ(sends(sender, {{kPeer, "nobody"}}), -EDESTADDRREQ);
  EXPECT_EQ(sends(sender, {{taker.port, "b"}}), 1);
  EXPECT_EQ(texts(taker, 2), (std::multiset<std::string>{"a", "b"}));
}

TEST_P(UdpBatch, TellsAReaderThatNobodyTookAnEarlierOne) {
  const Object socket = connect_to(world().free_port());
  EXPECT_EQ(sends(socket, {{kPeer, "x"}}), 1);
  await(socket);
  EXPECT_GE(end(socket, kRead), 0);
  EXPECT_EQ(receives(socket, 4), -ECONNREFUSED);
  EXPECT_EQ(receives(socket, 4), -EAGAIN) << "the error is told once";
}

TEST_P(UdpBatch, TellsASenderThatNobodyTookAnEarlierOne) {
  const Object socket = connect_to(world().free_port());
  EXPECT_EQ(sends(socket, {{kPeer, "x"}}), 1);
  settle();
  EXPECT_EQ(sends(socket, {{kPeer, "y"}, {kPeer, "z"}}), -ECONNREFUSED);
}

TEST_P(UdpBatch, MixesWithSingleDatagrams) {
  const Object taker = open();
  const Object sender = open();
  EXPECT_EQ(sends(sender, {{taker.port, "a"}, {taker.port, "b"}}), 2);
  settle();
  start(taker, kRead, OpCode::kReceiveFrom, std::string(64, '.'), 64);
  EXPECT_EQ(end(taker, kRead), 1);
  EXPECT_EQ(receives(taker, 8), 1);
  start(taker, kRead, OpCode::kReceiveFrom, std::string(64, '.'), 64);
  EXPECT_TRUE(waits(taker, kRead));
  EXPECT_EQ(sends(sender, {{taker.port, "ccc"}}), 1);
  EXPECT_EQ(end(taker, kRead), 3);
}

TEST_P(UdpBatch, WaitsForRoom) {
  const Object socket = open();
  start(socket, kWrite, OpCode::kAwaitRoom, {}, 0);
  EXPECT_GE(end(socket, kWrite), 0) << "there is some";
  EXPECT_EQ(sends(socket, {{socket.port, "to itself"}}), 1);
  start(socket, kWrite, OpCode::kAwaitRoom, {}, 0);
  EXPECT_GE(end(socket, kWrite), 0);
}

TEST_P(UdpBatch, MovesALot) {
  const Object taker = open();
  const Object sender = open();
  std::multiset<std::string> sent;
  std::multiset<std::string> heard;
  for (unsigned round = 0; round < 50; ++round) {
    std::vector<std::pair<std::uint16_t, std::string>> list;
    for (unsigned i = 0; i < kPlaces; ++i) {
      list.emplace_back(taker.port, pattern(1 + (round * 7 + i) % 60, round * kPlaces + i));
      sent.insert(list.back().second);
    }
    EXPECT_EQ(sends(sender, list), static_cast<std::int32_t>(kPlaces));
    heard.merge(texts(taker, kPlaces));
  }
  EXPECT_TRUE(heard == sent) << "each once, whole";
}

}  // namespace
}  // namespace tina::parity
