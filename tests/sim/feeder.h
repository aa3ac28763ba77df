// SPDX-License-Identifier: Apache-2.0
// The feeder of the probe system: keeps eight workers alive and gives each a job per round.
#pragma once

#include "probe.tina.h"

namespace probe {

struct Feeder : FeederBase {
  static constexpr unsigned kWorkers = 8;

  tina::Ref<Worker> workers[kWorkers];
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint32_t plant = 0;

  InitResult on_init(FeederInit&&, Context&);
  Entry<Feeding> on_enter(in<Feeding>, Context&);
  Then<Stay<Machine>> on_done(in<Machine>, const Done&, Context&);
};

}  // namespace probe
