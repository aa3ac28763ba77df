// SPDX-License-Identifier: Apache-2.0
// What the parity cases are written in. A case starts operations of the system's objects, tells
// peers what to do, and says how each operation ends; it runs against io_uring, epoll and the
// simulated network, and must hold word for word in all three. After each case nothing may be left:
// no operation, no descriptor. Test's thread.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/os_address.h"
#include "src/os_datagram.h"
#include "world.h"

namespace tina::parity {

/// The lanes of an object, as in the declarations of its kind.
enum Lane : std::uint8_t { kRead = 0, kAccept = 0, kWrite = 1, kAll = 2, kResolve = 3 };

/// An I/O object of the system: a descriptor, and the slot whose lanes it uses.
struct Object {
  std::int32_t descriptor = -1;
  std::uint32_t slot = 0;
  std::uint16_t port = 0;  ///< of a listener
  unsigned shard = 0;      ///< whose backend it is at
};

/// A connected stream of the system and the peer at its other end.
struct Pair {
  Object stream;
  PeerId peer;
};

/// Bytes that tell where they are from.
inline std::string pattern(std::size_t size, unsigned salt = 0) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    const auto mixed = static_cast<std::uint32_t>(i + salt * 7919u) * 2654435761u;
    bytes[i] = static_cast<char>(mixed >> 24);
  }
  return bytes;
}

class Case : public testing::Test {
 protected:
  void open_world(Kind kind) {
    if (!available(kind)) GTEST_SKIP() << name(kind) << " is not available here";
    world_ = make_world(kind);
  }
  void TearDown() override {
    if (world_ == nullptr) return;
    end_all();
    world_->settle(completed_);
    EXPECT_EQ(world_->descriptors(), 0) << "descriptors are left";
  }

  World& world() { return *world_; }
  /// Ends and closes what is left.
  void end_all() {
    world_->exhaust_descriptors(false);
    for (auto& [token, run] : runs_) {
      if (!run.value) world_->calls().cancel(world_->backend(run.shard), Token{token});
    }
    EXPECT_TRUE(until([&] { return outstanding() == 0; })) << "operations that never end";
    while (!open_.empty()) close(*open_.begin()->second);
  }

  // Time.
  void pass() { world_->pass(completed_); }
  /// Runs until something is so. False if it never is.
  template <class Condition>
  bool until(Condition&& condition) {
    for (;;) {
      pass();
      if (condition()) return true;
      if (!world_->wait()) return false;
    }
  }
  /// Runs as long as anything may still happen.
  void settle() { world_->settle(completed_); }

  // Objects.
  /// What the backend answers when it is asked to open an object.
  std::int32_t opens(const internal::IoTable& io, const net::Address& address = {}) {
    return world_->calls().open(world_->backend(0), {io, address});
  }
  std::int32_t opens_listener(std::uint16_t port, std::uint32_t backlog = 64) {
    internal::IoTable io = table(internal::IoKind::kTcpListener);
    io.backlog = backlog;
    return opens(io, net::Address::v6({}, port));
  }
  std::int32_t opens_stream(const net::Address& to = net::Address::loopback(0)) {
    return opens(table(internal::IoKind::kTcpStream), to);
  }
  Object listen(std::uint32_t backlog = 64) {
    const std::uint16_t port = world_->free_port();
    return keep(opens_listener(port, backlog), port);
  }
  Object open_stream() { return keep(opens_stream(), 0); }
  void shut(const Object& object) { world_->calls().shut(backend(object), object.descriptor); }
  void close(Object& object) {
    world_->calls().close(backend(object), object.descriptor);
    open_.erase(object.descriptor);
    object.descriptor = -1;
  }
  /// A connection that nobody has used yet is from now on the other shard's.
  Object hand_over(const Object& object) {
    Object& moved = *open_.at(object.descriptor);
    moved.shard = 1 - moved.shard;
    if (world_->calls().take != nullptr) world_->calls().take(backend(moved), moved.descriptor);
    return moved;
  }
  /// Closes a connection whose message nobody took.
  void drop(Object& object) {
    const auto drops = world_->calls().drop;
    if (drops == nullptr) return close(object);
    drops(backend(object), object.descriptor);
    open_.erase(std::exchange(object.descriptor, -1));
  }
  /// The stream that an accept gave.
  Object adopt(std::int32_t accepted) { return keep(accepted, 0); }

  // Operations: they start, and `end` says how one has ended.
  void accept(const Object& listener) { start(listener, kAccept, OpCode::kAccept, {}, 0); }
  void receive(const Object& stream, std::size_t size) {
    start(stream, kRead, OpCode::kReceive, std::string(size, '.'), size);
  }
  void await(const Object& stream) { start(stream, kRead, OpCode::kAwait, {}, 0); }
  void send(const Object& stream, std::string bytes) {
    const std::size_t size = bytes.size();
    start(stream, kWrite, OpCode::kSend, std::move(bytes), size);
  }
  void send_gathered(const Object& stream, const std::vector<std::string>& parts) {
    start(stream, kWrite, OpCode::kSendGathered, {}, parts.size(), {}, parts);
  }
  void finish(const Object& stream) { start(stream, kWrite, OpCode::kFinish, {}, 0); }
  void connect(const Object& stream, std::uint16_t port) {
    connect(stream, net::Address::loopback(port));
  }
  void connect(const Object& stream, const net::Address& to) {
    start(stream, kAll, OpCode::kConnect, {}, 0, to);
  }
  void cancel(const Object& object, Lane lane) {
    world_->calls().cancel(backend(object), token(object, lane));
  }

  /// The value with which an operation ends; waits for it.
  std::int32_t end(const Object& object, Lane lane) {
    const std::uint64_t bits = token(object, lane).bits;
    const auto found = runs_.find(bits);
    if (found == runs_.end()) {
      ADD_FAILURE() << "nothing was started there";
      return -1;
    }
    Run& run = found->second;
    if (!until([&] { return run.value.has_value(); })) {
      ADD_FAILURE() << "the operation never ends";
      return -1;
    }
    const std::int32_t value = *run.value;
    last_ = value > 0 && lane == kRead
                ? run.bytes.substr(
                      0, std::min<std::size_t>(static_cast<std::size_t>(value), run.bytes.size()))
                : std::string();
    if (run.own_operand.empty()) {
      internal::read_raw(run.operand.who);
      internal::read_datagram(run.operand);
    }
    from_ = run.operand.who.address;
    cut_off_ = run.operand.cut_off;
    own_operand_ = std::move(run.own_operand);
    runs_.erase(found);
    return value;
  }
  /// What the receive whose end was taken last has brought.
  const std::string& last() const { return last_; }
  /// Whom the accept whose end was taken last has accepted.
  const net::Address& from() const { return from_; }
  /// Whether the datagram was longer than what it was received into.
  bool cut_off() const { return cut_off_; }
  /// The operand, of its own kind, of the operation whose end was taken last.
  template <class Operand>
  const Operand& operand() const {
    return *reinterpret_cast<const Operand*>(own_operand_.data());
  }
  /// Whether an operation still waits though all has happened that can.
  bool waits(const Object& object, Lane lane) {
    settle();
    const auto found = runs_.find(token(object, lane).bits);
    return found != runs_.end() && !found->second.value;
  }

  // Both at once.
  std::int32_t receives(const Object& stream, std::size_t size) {
    receive(stream, size);
    return end(stream, kRead);
  }
  std::int32_t sends(const Object& stream, std::string bytes) {
    send(stream, std::move(bytes));
    return end(stream, kWrite);
  }
  std::int32_t sends_gathered(const Object& stream, const std::vector<std::string>& parts) {
    send_gathered(stream, parts);
    return end(stream, kWrite);
  }
  std::int32_t finishes(const Object& stream) {
    finish(stream);
    return end(stream, kWrite);
  }
  std::int32_t connects(const Object& stream, std::uint16_t port) {
    connect(stream, port);
    return end(stream, kAll);
  }
  Object accepts(const Object& listener) {
    accept(listener);
    const std::int32_t accepted = end(listener, kAccept);
    EXPECT_GE(accepted, 0);
    return adopt(accepted);
  }
  /// Sends all, as many sends as it takes; buffers differ. Returns what was taken.
  std::size_t sends_all(const Object& stream, const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::int32_t sent = sends(stream, bytes.substr(at));
      if (sent <= 0) break;
      at += static_cast<std::size_t>(sent);
    }
    return at;
  }
  /// Receives until `size` bytes are there, or an end or error, which `ending` gets.
  std::string gather(const Object& stream, std::size_t size, std::size_t each = 4096,
                     std::int32_t* ending = nullptr) {
    std::string all;
    while (all.size() < size) {
      const std::int32_t got = receives(stream, each);
      if (ending != nullptr) *ending = got;
      if (got <= 0) break;
      all += last();
    }
    return all;
  }

  // Peers.
  /// A listener of the system, a peer that has connected to it, and the stream.
  Pair pair() {
    if (listener_.descriptor < 0) listener_ = listen();
    const PeerId peer = world_->connect(listener_.port);
    return {accepts(listener_), peer};
  }
  /// A stream of the system that has connected to a peer.
  Pair outgoing() {
    std::uint16_t port = 0;
    const PeerId peer = world_->listen(port);
    const Object stream = open_stream();
    EXPECT_EQ(connects(stream, port), 0);
    return {stream, peer};
  }
  bool peer_has(PeerId peer, std::string_view bytes) {
    return until([&] { return world_->seen(peer).bytes == bytes; });
  }
  bool peer_ended(PeerId peer) {
    return until([&] { return world_->seen(peer).ended; });
  }
  bool peer_reset(PeerId peer) {
    return until([&] { return world_->seen(peer).reset; });
  }

  std::size_t outstanding() const {
    std::size_t count = 0;
    for (const auto& [token, run] : runs_) count += run.value ? 0 : 1;
    return count;
  }

  // What families of kinds build on.
  /// A lent buffer has come back.
  virtual void came(Token, std::int32_t) { ADD_FAILURE() << "nothing was lent"; }
  static internal::IoTable table(internal::IoKind kind) {
    return {.name = "case", .kind = kind, .first_record = 0, .first_completion = 0, .lanes = 3};
  }

  void* backend(const Object& object) { return world_->backend(object.shard); }
  static Token token(const Object& object, Lane lane) { return Token::make(0, object.slot, lane); }
  Object keep(std::int32_t descriptor, std::uint16_t port) {
    Object& kept = objects_.emplace_back(
        Object{descriptor, static_cast<std::uint32_t>(objects_.size()), port, 0});
    if (descriptor >= 0) open_[descriptor] = &kept;
    return kept;
  }
  void start(const Object& object, Lane lane, OpCode op, std::string bytes, std::size_t size,
             net::Address to = {}, const std::vector<std::string>& strings = {}) {
    const Token name = token(object, lane);
    const auto [at, fresh] =
        runs_.try_emplace(name.bits, Run{.shard = object.shard, .bytes = std::move(bytes)});
    ASSERT_TRUE(fresh) << "two operations at once in one lane";
    internal::DatagramOperand& operand = at->second.operand;
    operand.who.address = to;
    point_at_parts(at->second, strings);
    const auto* data = reinterpret_cast<const std::byte*>(at->second.bytes.data());
    if (!strings.empty()) data = reinterpret_cast<const std::byte*>(at->second.parts.data());
    world_->calls().start(backend(object),
                          {name, op, object.descriptor, data, static_cast<std::uint32_t>(size), 0,
                           reinterpret_cast<std::byte*>(&operand)});
  }
  /// The same of an operation whose operand is of its own kind, as those of files are.
  template <class Operand>
  void start_with(const Object& object, Lane lane, OpCode op, const Operand& operand,
                  std::string bytes = {}, const std::vector<std::string>& strings = {},
                  std::size_t bytes_elsewhere = 0) {
    const Token name = token(object, lane);
    const auto [at, fresh] =
        runs_.try_emplace(name.bits, Run{.shard = object.shard, .bytes = std::move(bytes)});
    ASSERT_TRUE(fresh) << "two operations at once in one lane";
    Run& run = at->second;
    run.own_operand.resize(sizeof operand / sizeof(std::uint64_t));
    __builtin_memcpy(run.own_operand.data(), &operand, sizeof operand);
    point_at_parts(run, strings);
    const auto* data = reinterpret_cast<const std::byte*>(run.bytes.data());
    if (!strings.empty()) data = reinterpret_cast<const std::byte*>(run.parts.data());
    const std::size_t size = bytes_elsewhere > 0 ? bytes_elsewhere
                             : strings.empty()   ? run.bytes.size()
                                                 : strings.size();
    world_->calls().start(backend(object),
                          {name, op, object.descriptor, data, static_cast<std::uint32_t>(size), 0,
                           reinterpret_cast<std::byte*>(run.own_operand.data())});
  }

 private:
  struct Run {
    unsigned shard = 0;
    std::string bytes = {};
    std::optional<std::int32_t> value = {};
    internal::DatagramOperand operand{};  ///< begins as those of streams do
    std::vector<internal::GatherPart> parts = {};
    std::vector<std::uint64_t> own_operand = {};  ///< of an operation that has one of its own kind
  };

  static void point_at_parts(Run& run, const std::vector<std::string>& strings) {
    for (const std::string& part : strings) run.bytes += part;
    const auto* data = reinterpret_cast<const std::byte*>(run.bytes.data());
    for (std::size_t from = 0; const std::string& part : strings) {
      run.parts.push_back({data + from, part.size()});
      from += part.size();
    }
  }

  std::unique_ptr<World> world_;
  std::deque<Object> objects_;
  std::map<std::int32_t, Object*> open_;  ///< by descriptor
  std::map<std::uint64_t, Run> runs_;     ///< by token; stays where it is
  std::string last_;
  net::Address from_;
  bool cut_off_ = false;
  std::vector<std::uint64_t> own_operand_;
  Object listener_;
  Completed completed_ = [this](Token name, std::int32_t value) {
    if (name.took() || name.more()) came(name, value);
    if (name.more()) return;
    const auto found = runs_.find(name.plain().bits);
    ASSERT_NE(found, runs_.end()) << "a completion of what was never started";
    EXPECT_FALSE(found->second.value.has_value()) << "a second completion";
    found->second.value = value;
  };
};

/// A case that runs in each world.
class Parity : public Case, public testing::WithParamInterface<Kind> {
 protected:
  void SetUp() override { open_world(GetParam()); }
};

/// A case that runs in each world with each row of a table. A Row has a `name`.
template <class Row>
class Rows : public Case, public testing::WithParamInterface<std::tuple<Kind, Row>> {
 protected:
  void SetUp() override { open_world(std::get<0>(this->GetParam())); }
  const Row& row() const { return std::get<1>(this->GetParam()); }
};

inline const auto kEveryWorld = testing::Values(Kind::kIoUring, Kind::kEpoll, Kind::kSimulated);

inline std::string world_name(const testing::TestParamInfo<Kind>& test) { return name(test.param); }
template <class Row>
std::string row_name(const testing::TestParamInfo<std::tuple<Kind, Row>>& test) {
  return std::string(name(std::get<0>(test.param))) + "_" + std::get<1>(test.param).name;
}

}  // namespace tina::parity

/// Runs the cases of a suite in every world.
#define TINA_IN_EVERY_WORLD(suite) \
  INSTANTIATE_TEST_SUITE_P(In, suite, ::tina::parity::kEveryWorld, ::tina::parity::world_name)
/// Runs those of a suite of Rows with every row of a table.
#define TINA_ROWS_IN_EVERY_WORLD(suite, Row, table)                                       \
  INSTANTIATE_TEST_SUITE_P(                                                               \
      In, suite, testing::Combine(::tina::parity::kEveryWorld, testing::ValuesIn(table)), \
      ::tina::parity::row_name<Row>)
