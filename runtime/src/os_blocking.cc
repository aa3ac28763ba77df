// SPDX-License-Identifier: Apache-2.0
// See os_blocking.h.
#include "src/os_blocking.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/os_file.h"
#include "src/os_socket.h"
#include "src/os_thread.h"

namespace tina::internal {
namespace {

/// These threads run wherever the process may, and not only on the processor of the shard that has
/// started them.
void leave_the_shards_processor() {
  cpu_set_t allowed;
  if (::sched_getaffinity(::getpid(), sizeof allowed, &allowed) == 0) {
    ::sched_setaffinity(0, sizeof allowed, &allowed);
  }
}

}  // namespace

void Blocking::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_count_ = 0;
  }
  work_.notify_all();
  for (; threads_ > 0; --threads_) ::pthread_join(thread_[threads_ - 1], nullptr);
}

std::int32_t Blocking::open(std::uint32_t lanes, int wake_descriptor) {
  if (lanes == 0) return 0;
  places_ = lanes;
  wake_descriptor_ = wake_descriptor;
  waiting_ = std::make_unique<Operation[]>(lanes);
  ended_ = std::make_unique<Ended[]>(lanes);
  for (; threads_ < std::min<std::uint32_t>(lanes, kThreadsMax); ++threads_) {
    const int error = start_thread(thread_[threads_], run_thread, this);
    if (error != 0) return -error;
  }
  return 0;
}

void Blocking::start(const Operation& operation) {
  {
    const std::lock_guard lock(mutex_);
    TINA_ASSERT(waiting_count_ < places_);
    waiting_[(waiting_first_ + waiting_count_++) % places_] = operation;
  }
  work_.notify_one();
}

bool Blocking::cancel(Token token) {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < waiting_count_; ++i) {
    if (waiting_[(waiting_first_ + i) % places_].token.bits != token.bits) continue;
    for (std::uint32_t next = i + 1; next < waiting_count_; ++next) {
      waiting_[(waiting_first_ + next - 1) % places_] = waiting_[(waiting_first_ + next) % places_];
    }
    --waiting_count_;
    push_ended({token, -ECANCELED});
    return true;
  }
  return false;
}

/// Under the mutex.
void Blocking::push_ended(const Ended& ended) {
  // relaxed: only written under the mutex.
  const std::uint32_t count = ended_count_.load(std::memory_order_relaxed);
  TINA_ASSERT(count < places_);
  ended_[(ended_first_ + count) % places_] = ended;
  // release: pairs with the acquire in has_news.
  ended_count_.store(count + 1, std::memory_order_release);
}

bool Blocking::take(Ended& ended) {
  if (!has_news()) return false;
  const std::lock_guard lock(mutex_);
  ended = ended_[ended_first_];
  ended_first_ = (ended_first_ + 1) % places_;
  // release: as in push_ended; relaxed: under the mutex.
  ended_count_.store(ended_count_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
  return true;
}

void* Blocking::run_thread(void* self) {
  name_thread("tina-blocking");
  leave_the_shards_processor();
  static_cast<Blocking*>(self)->run();
  return nullptr;
}

void Blocking::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || waiting_count_ > 0; });
    if (stopping_) return;
    const Operation operation = waiting_[waiting_first_];
    waiting_first_ = (waiting_first_ + 1) % places_;
    --waiting_count_;
    lock.unlock();
    const std::int32_t value = carry_out(operation);
    lock.lock();
    push_ended({operation.token, value});
    lock.unlock();
    wake_shard(wake_descriptor_);
    lock.lock();
    if (stopping_) return;
  }
}

}  // namespace tina::internal
