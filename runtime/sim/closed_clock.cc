// SPDX-License-Identifier: Apache-2.0
// See closed_clock.h.
#include "sim/closed_clock.h"

#include <sys/prctl.h>

namespace tina::sim {
namespace {

// A sanitizer's allocator reads the clock while it holds its locks, also in handlers.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

ClosedClock::ClosedClock()
    : works_(!kSanitized && ::prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0) == 0) {}

void ClosedClock::set(bool closed) {
  closed_ = closed;
  ::prctl(PR_SET_TSC, closed ? PR_TSC_SIGSEGV : PR_TSC_ENABLE, 0, 0, 0);
}

}  // namespace tina::sim
