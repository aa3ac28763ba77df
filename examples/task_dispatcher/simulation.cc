// SPDX-License-Identifier: Apache-2.0
// The outside world of the dispatcher in simulation: clients that ask for numbers of primes, some
// of them many lines ahead, and know what the answers must be: right if the job's number is not
// divisible by three, and otherwise that the job has crashed. A job whose worker an injected fault
// has taken is told the same, and counted.
#include <array>
#include <charconv>
#include <string>

#include "tasks.tina.h"
#include "tasks_properties.h"
#include "tina/sim.h"

namespace tasks {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kClients = 20;
constexpr std::uint64_t kJobsMax = 40;
constexpr std::array<std::pair<unsigned, unsigned>, 4> kKnown{
    {{0, 0}, {100, 25}, {1000, 168}, {3000, 430}}};

class Client final : public tina::sim::Peer {
 public:
  Client(std::uint16_t port, std::uint32_t deadly) : port_(port), deadly_(deadly) {}

  void on_start() override {
    left_ = 1 + choose(kJobsMax);
    connect(port_);
  }
  void on_connected() override {
    heard_.clear();
    asked_.clear();
    if (left_ > 0) return ask();
    close();
    done();
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    for (const std::byte byte : bytes) {
      if (byte != std::byte{'\n'}) {
        heard_ += static_cast<char>(byte);
      } else if (!right(std::exchange(heard_, {}))) {
        return;
      }
    }
    if (!asked_.empty()) return;
    if (left_ > 0) return ask();
    close();
    done();
  }
  void on_timer() override { connect(port_); }
  void on_closed(tina::sim::Closed) override { after(milliseconds(20)); }

 private:
  /// Up to five lines at once.
  void ask() {
    std::string text;
    for (std::uint64_t lines = 1 + choose(5); lines > 0 && left_ > 0; --lines, --left_) {
      const std::size_t which = choose(kKnown.size());
      asked_ += static_cast<char>('0' + which);
      text += "primes " + std::to_string(kKnown[which].first) + "\n";
    }
    send(text);
  }

  /// Whether an answer fits the oldest question. One that the dispatcher has not survived tells
  /// nothing.
  bool right(const std::string& line) {
    if (asked_.empty()) return wrong(line);
    const unsigned primes = kKnown[static_cast<std::size_t>(asked_.front() - '0')].second;
    asked_.erase(0, 1);
    verified(line.size());
    if (line.starts_with("no answer") || line.starts_with("not taken")) return true;
    std::uint64_t number = 0;
    const std::size_t colon = line.find(": ");
    if (!line.starts_with("job ") || colon == std::string::npos) return wrong(line);
    std::from_chars(line.data() + 4, line.data() + colon, number);
    const std::string_view said = std::string_view(line).substr(colon + 2);
    if (said.starts_with("crashed")) {
      unlucky += number % deadly_ != 0;
      return true;
    }
    return (number % deadly_ != 0 && said.starts_with(std::to_string(primes) + " primes")) ||
           wrong(line);
  }
  bool wrong(const std::string& line) {
    fail("an answer is wrong: " + line);
    return false;
  }

  std::uint16_t port_;
  std::uint32_t deadly_;
  std::uint64_t left_ = 0;
  std::string asked_;  ///< a digit for each question without an answer
  std::string heard_;  ///< the beginning of an answer
};

}  // namespace
}  // namespace tasks

void tina_simulated_peers(tina::sim::Peers& peers) {
  const tasks::Config& config = peers.config<tasks::Config>();
  tasks::unlucky = 0;
  for (unsigned i = 0; i < tasks::kClients; ++i) {
    peers.add<tasks::Client>(config.port, config.deadly);
  }
}
