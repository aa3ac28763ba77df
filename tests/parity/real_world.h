// SPDX-License-Identifier: Apache-2.0
// A production backend on real sockets, peers in the same thread.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "real_peers.h"
#include "src/os_clock.h"
#include "src/returns.h"

namespace tina::parity {

/// Lanes that a case may use.
inline constexpr std::uint32_t kSlots = 256, kLanesPerSlot = 4;

template <class P>
class RealWorld final : public World {
 public:
  /// `open(platform, wake)` makes the platform ready.
  template <class Open>
  explicit RealWorld(Open&& open) : wake_(::eventfd(0, EFD_CLOEXEC)) {
    sigset_t beyond;
    sigemptyset(&beyond);
    sigaddset(&beyond, SIGXFSZ);  // as take_signals does it
    EXPECT_EQ(::pthread_sigmask(SIG_BLOCK, &beyond, nullptr), 0);
    returns_.open(kSlots * kLanesPerSlot, sleeper_, wake_);
    platform_.listen_to(returns_);
    EXPECT_EQ(open(platform_, wake_), 0);
    started_ = open_descriptors();
    latest_ns_ = internal::monotonic_ns() + kLimitNs;
  }
  ~RealWorld() override {
    exhaust_descriptors(false);
    limit_files(~std::uint64_t{0});
    ::close(wake_);
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  const BackendCalls& calls() const override { return P::calls(); }
  void* backend() override { return &platform_; }
  void pass(const Completed& completed) override {
    peers_.work();
    platform_.collect(kCompletions, completed);
    platform_.submit();
  }
  bool wait() override {
    const std::uint64_t now = internal::monotonic_ns();
    let_time_go(now);
    return now < latest_ns_;
  }
  void settle(const Completed& completed) override {
    // Loopback delivers within the call that sends; a few passes see what there is to see.
    for (int i = 0; i < 4; ++i) {
      pass(completed);
      let_time_go(internal::monotonic_ns());
    }
    pass(completed);
  }
  std::uint16_t free_port() override { return peers_.free_port(); }
  void exhaust_descriptors(bool exhausted) override {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (exhausted) {
      // Nothing new fits below the lowest free number.
      const int lowest = ::fcntl(wake_, F_DUPFD_CLOEXEC, 0);
      ::close(lowest);
      if (unlimited_ == 0) unlimited_ = limit.rlim_cur;
      limit.rlim_cur = static_cast<rlim_t>(lowest);
    } else if (unlimited_ != 0) {
      limit.rlim_cur = unlimited_;
    }
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  std::int64_t descriptors() const override {
    return open_descriptors() - started_ - peers_.descriptors();
  }

  std::string folder() override {
    std::string name = std::filesystem::temp_directory_path() / "tina_parity.XXXXXX";
    if (folder_.empty() && ::mkdtemp(name.data()) != nullptr) folder_ = name;
    return folder_;
  }
  std::string full_file() override { return "/dev/full"; }
  void limit_files(std::uint64_t bytes) override {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }

  PeerId connect(std::uint16_t port) override { return peers_.connect(port); }
  PeerId listen(std::uint16_t& port) override { return peers_.listen(port); }
  std::uint16_t silent_port() override { return peers_.silent_port(); }
  void send(PeerId peer, std::string_view bytes) override { peers_.send(peer, bytes); }
  void finish(PeerId peer) override { peers_.finish(peer); }
  void close(PeerId peer) override { peers_.close(peer); }
  void reset(PeerId peer) override { peers_.reset(peer); }
  void hold(PeerId peer, bool held) override { peers_.hold(peer, held); }
  const Seen& seen(PeerId peer) const override { return peers_.seen(peer); }

 private:
  static constexpr std::uint32_t kCompletions = 4096;
  static constexpr std::uint64_t kLookNs = 1'000'000;
  static constexpr std::uint64_t kLimitNs = 20'000'000'000;

  /// Until something is ready, or a look's time: a peer may have to work before anything is.
  void let_time_go(std::uint64_t now) {
    sleeper_.announce_sleep();
    (platform_.*(&P::sleep))(now + kLookNs);
    sleeper_.clear();
  }
  static std::int64_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  }

  int wake_;
  internal::SleepFlag sleeper_;
  internal::Returns returns_;
  P platform_;
  RealPeers peers_;
  std::int64_t started_ = 0;
  std::string folder_;
  std::uint64_t latest_ns_ = 0;
  rlim_t unlimited_ = 0;
};

}  // namespace tina::parity
