// SPDX-License-Identifier: Apache-2.0
// The clients of the name server in simulation, and the names that there are. A client knows every
// name's addresses, and so which lines are true: where nothing is wrong exactly one, under faults
// also those with fewer addresses, in another order, or with an error.
#include "tina/sim.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "names.tina.h"
#include "names_properties.h"
#include "tina/address_text.h"

namespace names {
namespace {

using std::chrono::milliseconds;
using tina::net::Address;
using tina::sim::Closed;

constexpr unsigned kAskers = 8;
constexpr std::uint64_t kAnswersMax = 12;

/// A name, its addresses, and what it is answered where nothing fails.
struct Name {
  const char* text;
  std::vector<Address> addresses;
  std::string line;
};

std::string text_of(const Address& one) { return std::string(tina::net::AddressText(one).view()); }

std::vector<Name> all_names() {
  constexpr auto v4 = [](std::uint32_t host) { return Address::v4(host, 80); };
  std::vector<Name> all{
      {"one.test", {v4(0x0a000001)}, {}},
      {"Two.Test.", {v4(0x0a000002), Address::v6({0xfd, 2}, 80)}, {}},
      {"many.test", {v4(1), v4(2), v4(3), v4(4), v4(5), v4(6), v4(7), v4(8), v4(9)}, {}},
      {"empty.test", {}, "error 2 61"},
      {"missing.test", {}, "error 1 2"},
      {"no spaces", {}, "error 6 22"},
      {"10.1.2.3", {v4(0x0a010203)}, {}},
  };
  for (Name& name : all) {
    if (!name.addresses.empty()) name.line = "ok";
    const std::size_t told = std::min<std::size_t>(name.addresses.size(), tina::net::kResolvedMax);
    for (std::size_t i = 0; i < told; ++i) name.line += " " + text_of(name.addresses[i]);
  }
  return all;
}
const std::vector<Name>& known() {
  static const std::vector<Name> all = all_names();
  return all;
}

/// Asks a number of names, one after the other.
class Asker final : public tina::sim::Peer {
 public:
  explicit Asker(std::uint16_t port) : port_(port) {}

  void on_start() override {
    answers_ = 1 + choose(kAnswersMax);
    after(milliseconds(20));  // the server listens by then
  }
  void on_timer() override { connected() ? ask() : connect(port_); }
  void on_connected() override { ask(); }
  void on_bytes(std::span<const std::byte> bytes) override {
    line_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!line_.ends_with('\n')) return;
    line_.pop_back();
    verified(line_.size());
    hear();
    if (--answers_ == 0) {
      close();
      return done();
    }
    after(milliseconds(choose(10)));
  }
  void on_closed(Closed) override { after(milliseconds(1 + choose(20))); }

 private:
  void ask() {
    line_.clear();
    name_ = &known()[choose(known().size())];
    hasty_ = choose(4) == 0;
    asked_at_ = now();
    send((hasty_ ? "?" : "") + std::string(name_->text) + "\n");
  }
  void hear() {
    if (line_ == "late") {
      ++late_lines;
      if (!hasty_) fail("nobody was in haste");
      return;
    }
    found_lines += line_.starts_with("ok ");
    other_lines += line_ != name_->line;
    if (line_.starts_with("error 5 ")) return hear_silence();
    if (line_ == name_->line || line_.starts_with("error ")) return;
    if (!has_true_addresses()) fail("not the answer to " + std::string(name_->text) + ": " + line_);
  }
  /// No server has answered: two tries, of 200 ms and of 400.
  void hear_silence() {
    const tina::Duration waited = now() - asked_at_;
    if (waited < milliseconds(600) || waited > milliseconds(1000)) {
      fail("no answer, but not after what the settings say");
    }
  }
  /// Each is one of the name's, at most once.
  bool has_true_addresses() const {
    std::vector<std::string> left;
    for (const Address& one : name_->addresses) left.push_back(text_of(one));
    if (!line_.starts_with("ok ")) return false;
    for (std::size_t at = 3; at < line_.size();) {
      const std::size_t end = std::min(line_.find(' ', at), line_.size());
      const auto found = std::find(left.begin(), left.end(), line_.substr(at, end - at));
      if (found == left.end()) return false;
      left.erase(found);
      at = end + 1;
    }
    return true;
  }

  std::uint16_t port_;
  std::uint64_t answers_ = 0;
  const Name* name_ = nullptr;
  bool hasty_ = false;
  tina::Instant asked_at_{};
  std::string line_;
};

}  // namespace
}  // namespace names

void tina_simulated_peers(tina::sim::Peers& peers) {
  names::found_lines = names::late_lines = names::other_lines = 0;
  for (const names::Name& one : names::known()) {
    const bool exists = !one.addresses.empty() || one.line == "error 2 61";
    if (exists) peers.name(one.text, one.addresses);
  }
  for (unsigned i = 0; i < names::kAskers; ++i) {
    peers.add<names::Asker>(peers.config<names::Config>().port);
  }
}
