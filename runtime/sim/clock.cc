// SPDX-License-Identifier: Apache-2.0
// See clock.h.
#include "sim/clock.h"

#include <algorithm>

namespace tina::sim {
namespace {

bool later(const Event& a, const Event& b) {
  return a.time_ns != b.time_ns ? a.time_ns > b.time_ns : a.sequence > b.sequence;
}

}  // namespace

void Clock::in(std::uint64_t delay_ns, EventKind kind, std::uint32_t number, std::uint64_t serial,
               std::uint8_t part) {
  events_.push_back({now_ns_ + delay_ns, sequence_++, kind, part, number, serial});
  std::push_heap(events_.begin(), events_.end(), later);
}

Event Clock::next() {
  std::pop_heap(events_.begin(), events_.end(), later);
  const Event event = events_.back();
  events_.pop_back();
  now_ns_ = event.time_ns;
  return event;
}

}  // namespace tina::sim
