// SPDX-License-Identifier: Apache-2.0
// See os_blocking.h.
#include "src/os_blocking.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/os_file.h"
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

std::int32_t Blocking::open(std::uint32_t lanes, Returns* returns) {
  if (lanes == 0) return 0;
  TINA_ASSERT(returns != nullptr && returns->is_open());
  places_ = lanes;
  returns_ = returns;
  waiting_ = std::make_unique<Operation[]>(lanes);
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
    returns_->push(token, -ECANCELED);
    return true;
  }
  return false;
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
    returns_->push(operation.token, carry_out(operation));
    lock.lock();
    if (stopping_) return;
  }
}

}  // namespace tina::internal
