// SPDX-License-Identifier: Apache-2.0
// The simulated backend with simulated peers, without any fault: what is left to chance is when
// things happen, as on a real machine.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "sim/backend.h"
#include "sim/disk.h"
#include "world.h"

namespace tina::parity {
namespace {

using sim::Closed;
using sim::EventKind;
using sim::NetworkFaults;

constexpr NetworkFaults no_faults() {
  NetworkFaults faults;
  faults.short_read = faults.short_write = faults.reset = faults.accept_error = 0;
  faults.connect_error = faults.slow_segment = 0;
  faults.names.error = faults.names.change = 0;
  faults.datagram_loss = faults.datagram_twice = faults.datagram_late = 0;
  return faults;
}

constexpr sim::DiskFaults no_disk_faults() {
  return {.short_read = 0, .short_write = 0, .strict = true};
}

class SimWorld final : public World, public sim::NetworkUser {
 public:
  SimWorld()
      : network_(clock_, chooser_, trace_, *this, no_faults()),
        disk_(clock_, chooser_, trace_, *this, no_disk_faults()),
        platforms_{sim::SimPlatform(clock_, network_, &disk_, real_, 0),
                   sim::SimPlatform(clock_, network_, &disk_, real_, 1)} {}
  ~SimWorld() override {
    for (const std::string& why : failures_) ADD_FAILURE() << why;
  }

  const BackendCalls& calls() const override { return sim::SimPlatform::calls(); }
  void* backend(unsigned shard) override { return &platforms_[shard]; }
  void pass(const Completed& completed) override {
    for (sim::SimPlatform& platform : platforms_) {
      platform.collect(kCompletions, completed);
      platform.submit();
    }
  }
  bool wait() override {
    if (clock_.idle() || clock_.now_ns() > kLatestNs) return false;
    happen(clock_.next());
    return true;
  }
  void settle(const Completed& completed) override {
    pass(completed);
    clock_.in(kSettleNs, EventKind::kStop, 0, 0);
    for (bool over = false; !over; pass(completed)) {
      const sim::Event event = clock_.next();
      over = event.kind == EventKind::kStop;
      if (!over) happen(event);
    }
  }
  std::uint16_t free_port() override { return next_port_++; }
  void exhaust_descriptors(bool exhausted) override {
    network_.limit_descriptors(exhausted ? network_.open_descriptors() : ~std::uint64_t{0});
    disk_.limit_descriptors(exhausted ? disk_.open_descriptors() : ~std::uint64_t{0});
  }
  std::int64_t descriptors() const override {
    return static_cast<std::int64_t>(network_.open_descriptors() + disk_.open_descriptors()) -
           silent_;
  }

  void signal(unsigned which) override { network_.signal(which); }
  void standard_is(Behind) override {}  // a stream is a stream
  std::int32_t open_standard(const internal::IoTable& io) override {
    return calls().open(backend(0), {io, {}});
  }
  void feed(std::string_view bytes) override { network_.feed(std::as_bytes(std::span(bytes))); }
  void end_input() override { network_.end_input(); }
  const std::string& written(bool error) override { return written_[error ? 1 : 0]; }
  void hold_output(bool held) override { network_.hold_output(held); }
  void leave_output() override { network_.leave_output(); }

  void open_names() override {}
  void name(std::string_view name, const std::vector<net::Address>& addresses) override {
    network_.names()->set(name, addresses);
  }
  void name_fails(std::string_view name, std::int32_t error) override {
    network_.names()->fail(name, error);
  }

  std::string folder() override { return ""; }  // all of the disk
  std::string full_file() override {
    disk_.resize(0);
    disk_.put_file("full");
    return "/full";
  }
  void limit_files(std::uint64_t bytes) override { disk_.limit_files(bytes); }

  PeerId connect(std::uint16_t port) override {
    const PeerId peer = new_peer();
    take(peer, network_.connect(peer, port, kOwnAddress));
    return peer;
  }
  PeerId listen(std::uint16_t& port) override {
    const PeerId peer = new_peer();
    port = next_port_++;
    network_.offer(peer, port);
    return peer;
  }
  std::uint16_t silent_port() override {
    const std::uint16_t port = next_port_++;
    const internal::IoTable full{.name = "full",
                                 .kind = internal::IoKind::kTcpListener,
                                 .first_record = 0,
                                 .first_completion = 0,
                                 .lanes = 1,
                                 .backlog = 1};
    network_.listen(kNobodysShard, {full, net::Address::v6({}, port)});
    ++silent_;
    connect(port);
    return port;
  }
  void send(PeerId peer, std::string_view bytes) override {
    network_.send(connection_[peer], std::as_bytes(std::span(bytes)));
  }
  void finish(PeerId peer) override { network_.finish(connection_[peer]); }
  void close(PeerId peer) override { network_.leave(connection_[peer], false); }
  void reset(PeerId peer) override { network_.leave(connection_[peer], true); }
  void hold(PeerId peer, bool held) override { network_.hold(connection_[peer], held); }
  const Seen& seen(PeerId peer) const override { return seen_[peer]; }

  void completed(unsigned shard, Token token, std::int32_t value) override {
    platforms_[shard].arrive(token, value);
  }
  void wrote(bool error, std::span<const std::byte> bytes) override {
    written_[error ? 1 : 0].append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  std::int32_t read_file(unsigned shard, std::int32_t file, std::uint64_t offset,
                         std::span<std::byte> to) override {
    return disk_.read_for_send(shard, file, offset, to);
  }
  void peer_connected(std::uint32_t peer) override { seen_[peer].connected = true; }
  void peer_accepted(std::uint32_t peer, std::uint32_t number) override {
    seen_[peer].connected = true;
    take(peer, number);
  }
  void peer_finished(std::uint32_t peer) override { seen_[peer].ended = true; }
  void peer_bytes(std::uint32_t peer, std::span<const std::byte> bytes) override {
    seen_[peer].bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void peer_closed(std::uint32_t peer, Closed how) override {
    if (how == Closed::kEnd) seen_[peer].ended = true;
    if (how == Closed::kReset) seen_[peer].reset = true;
    if (how == Closed::kRefused || how == Closed::kUnreachable) seen_[peer].refused = true;
  }
  void failed(const std::string& why) override { failures_.push_back(why); }

 private:
  static constexpr unsigned kNobodysShard = 2;
  static constexpr std::uint32_t kCompletions = 4096;
  static constexpr std::uint32_t kOwnAddress = 0x7f000001;
  static constexpr std::uint64_t kSettleNs = 200'000'000;
  static constexpr std::uint64_t kLatestNs = 60'000'000'000;

  void happen(const sim::Event& event) {
    if (event.kind == EventKind::kDisk) return disk_.happen(event);
    network_.happen(event);
  }
  /// TINA_SEED, to see that a verdict does not depend on it; 1 otherwise.
  static std::uint64_t seed() {
    const char* const given = std::getenv("TINA_SEED");
    return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  }
  PeerId new_peer() {
    seen_.emplace_back();
    connection_.push_back(0);
    return static_cast<PeerId>(seen_.size() - 1);
  }
  /// As a socket does, the peer keeps its side until it is told to close it, and expects anything.
  void take(PeerId peer, std::uint32_t number) {
    connection_[peer] = number;
    network_.connection(number).kept = true;
    network_.connection(number).end_expected = true;
  }

  sim::Clock clock_;
  sim::Chooser chooser_{seed()};
  sim::Trace trace_{nullptr};
  sim::Network network_;
  sim::Disk disk_;
  sim::ClosedClock real_;
  std::array<sim::SimPlatform, 2> platforms_;
  std::array<std::string, 2> written_;
  std::vector<Seen> seen_;
  std::vector<std::uint32_t> connection_;
  std::vector<std::string> failures_;
  std::uint16_t next_port_ = 9000;
  std::int64_t silent_ = 0;
};

}  // namespace

std::unique_ptr<World> make_simulated_world() { return std::make_unique<SimWorld>(); }

}  // namespace tina::parity
