// SPDX-License-Identifier: Apache-2.0
// A production backend on real sockets, peers in the same thread.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "real_names.h"
#include "real_peers.h"
#include "real_standard.h"
#include "src/os_clock.h"
#include "src/os_signals.h"
#include "src/returns.h"

namespace tina::parity {

/// Lanes that a case may use.
inline constexpr std::uint32_t kSlots = 256, kLanesPerSlot = 4;
/// The last of them; no other kind has so many.
inline constexpr std::uint8_t kResolverLane = kLanesPerSlot - 1;

/// What a shard has to itself.
template <class P>
struct RealShard {
  internal::SleepFlag sleeper;
  internal::Returns returns;
  P platform;
};

template <class P>
class RealWorld final : public World {
 public:
  /// Makes a platform ready, with what wakes it.
  using Open = std::int32_t (*)(P& platform, int wake);

  explicit RealWorld(Open open) : open_(open), wake_(::eventfd(0, EFD_CLOEXEC)) {
    sigset_t ignored;  // as take_signals has them
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGXFSZ);
    sigaddset(&ignored, SIGPIPE);
    EXPECT_EQ(::pthread_sigmask(SIG_BLOCK, &ignored, nullptr), 0);
    open_shard(0);
    started_ = open_descriptors();
    latest_ns_ = internal::monotonic_ns() + kLimitNs;
  }
  ~RealWorld() override {
    exhaust_descriptors(false);
    limit_files(~std::uint64_t{0});
    for (const auto& shard : shards_) {
      if (shard) shard->platform.stop();
    }
    internal::forget_signals();
    ::close(wake_);
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  const BackendCalls& calls() const override { return P::calls(); }
  void* backend(unsigned shard) override {
    if (!shards_[shard]) beside([&] { open_shard(shard); });
    return &shards_[shard]->platform;
  }
  void pass(const Completed& completed) override {
    peers_.work();
    standard_.work();
    names_.server().work();
    for (const auto& shard : shards_) {
      if (!shard) continue;
      shard->platform.collect(kCompletions, completed);
      shard->platform.submit();
    }
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
    return open_descriptors() - started_ - peers_.descriptors() - standard_.descriptors();
  }

  void signal(unsigned which) override { internal::deliver_signal(which); }
  void standard_is(Behind behind) override { standard_.prepare(behind); }
  std::int32_t open_standard(const internal::IoTable& io) override {
    return standard_.open_in_place([&] { return calls().open(backend(0), {io, {}}); });
  }
  void feed(std::string_view bytes) override { standard_.feed(bytes); }
  void end_input() override { standard_.end_input(); }
  const std::string& written(bool error) override { return standard_.written(error); }
  void hold_output(bool held) override { standard_.hold_output(held); }
  void leave_output() override { standard_.leave_output(); }

  void open_names() override {
    beside([&] {
      names_.open(shards_[0]->returns, kSlots, kResolverLane);
      shards_[0]->platform.resolve_by(names_.lanes());
    });
  }
  void name(std::string_view name, const std::vector<net::Address>& addresses) override {
    names_.server().name(name, addresses);
  }
  void name_fails(std::string_view name, std::int32_t error) override {
    names_.server().name_fails(name, error);
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

  void open_shard(unsigned number) {
    shards_[number] = std::make_unique<RealShard<P>>();
    RealShard<P>& shard = *shards_[number];
    shard.returns.open(kSlots * kLanesPerSlot, shard.sleeper, wake_);
    shard.platform.listen_to(shard.returns);
    EXPECT_EQ(open_(shard.platform, wake_), 0);
  }
  /// Does what opens descriptors that are the world's.
  template <class Opens>
  void beside(Opens&& opens) {
    const std::int64_t before = open_descriptors();
    opens();
    started_ += open_descriptors() - before;
  }
  /// Until something is ready, or a look's time: a peer may have to work before anything is.
  void let_time_go(std::uint64_t now) {
    RealShard<P>& shard = *shards_[0];
    shard.sleeper.announce_sleep();
    (shard.platform.*(&P::sleep))(now + kLookNs);
    shard.sleeper.clear();
  }
  static std::int64_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  }

  Open open_;
  int wake_;
  RealNames names_;  // before the shards, which its lanes serve
  std::array<std::unique_ptr<RealShard<P>>, 2> shards_;
  RealPeers peers_;
  RealStandard standard_;
  std::int64_t started_ = 0;
  std::string folder_;
  std::uint64_t latest_ns_ = 0;
  rlim_t unlimited_ = 0;
};

}  // namespace tina::parity
