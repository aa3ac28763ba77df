// SPDX-License-Identifier: Apache-2.0
// The worker of the probe system: answers its feeder, and shows the bug that it was told to have.
#pragma once

#include "probe.tina.h"

namespace probe {

/// What a worker takes into its decisions though it must not.
enum class Plant : std::uint32_t {
  kNothing,
  kSteadyClock,
  kTimeStampCounter,
  kClockSystemCall,
  kAddress,
  kStaticCounter,
};

struct Worker : WorkerBase {
  Plant plant = Plant::kNothing;

  InitResult on_init(WorkerInit&&, Context&);
  Effect on_job(const Job&, Context&);
};

}  // namespace probe
