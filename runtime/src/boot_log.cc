// SPDX-License-Identifier: Apache-2.0
// See boot_log.h.
#include "src/boot_log.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "src/os_thread.h"

namespace tina::internal {
namespace {

constexpr std::size_t kLineMax = 768;

/// Writes all of it, waiting where stderr makes us wait. Gives up on an error: nobody listens.
void write_all(const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(STDERR_FILENO, text, size);
    if (written <= 0) return;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
}

}  // namespace

int LogReader::start(std::span<ShardParts* const> shards) {
  shards_ = shards;
  lost_said_.assign(shards.size(), 0);
  wake_descriptor_ = ::eventfd(0, EFD_CLOEXEC);
  done_descriptor_ = ::eventfd(0, EFD_CLOEXEC);
  if (wake_descriptor_ < 0 || done_descriptor_ < 0) return errno;
  return start_thread(thread_, run, this);
}

void* LogReader::run(void* self) {
  name_thread("tina-log");
  static_cast<LogReader*>(self)->loop();
  return nullptr;
}

void LogReader::loop() {
  for (;;) {
    const bool finishing = finishing_.load();
    if (drain()) continue;
    if (finishing) break;
    // seq_cst: a shard writes its record, then reads this; we write this, then read the rings.
    sleeping_.exchange(true, std::memory_order_seq_cst);
    if (drain() || finishing_.load()) {
      sleeping_.store(false);
      continue;
    }
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake_descriptor_, &count, sizeof count);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(done_descriptor_, &one, sizeof one);
}

bool LogReader::drain() {
  std::array<char, kLineMax> line;
  bool any = false;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    ShardParts& shard = *shards_[i];
    while (const LogRecord* record = shard.log.peek()) {
      const std::size_t size = format_line(*record, *shard.role, line);
      write_all(line.data(), size);
      shard.log.pop();
      any = true;
    }
    say_lost(shard, lost_said_[i]);
  }
  return any;
}

void LogReader::say_lost(const ShardParts& shard, std::uint64_t& said) {
  const std::uint64_t lost = shard.log.lost();
  if (lost == said) return;
  char text[128];
  const int size =
      std::snprintf(text, sizeof text, "level=warning shard=%u event=log_lost lines=%llu\n",
                    index(shard.shard), static_cast<unsigned long long>(lost - said));
  said = lost;
  write_all(text, static_cast<std::size_t>(size));
}

void LogReader::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_descriptor_, &one, sizeof one);
}

bool LogReader::finish(int limit_ms) {
  finishing_.store(true);
  wake();
  pollfd done{done_descriptor_, POLLIN, 0};
  if (::poll(&done, 1, limit_ms) != 1) return false;
  ::pthread_join(thread_, nullptr);
  ::close(wake_descriptor_);
  ::close(done_descriptor_);
  return true;
}

}  // namespace tina::internal
