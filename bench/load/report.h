// SPDX-License-Identifier: Apache-2.0
//
// The words and the JSON in which a load run reports itself. Pure functions from values to text, so
// that tests and other tools can rely on the fields: they are described at each function.

#ifndef TINA_BENCH_LOAD_REPORT_H_
#define TINA_BENCH_LOAD_REPORT_H_

#include <string>

#include "load/generator.h"
#include "load/options.h"

namespace tina::load {

/// True if no byte and no connection was lost that was not poisoned, and all that was asked for
/// (requests, poisoned connections) was done.
[[nodiscard]] bool Clean(const Options& options, const Outcome& outcome);

/// One line of JSON for the whole run: `requests` and `latency_us` cover the measured window,
/// `totals`, `poison` and `lost` the whole run.
[[nodiscard]] std::string JsonReport(const Options& options, const Outcome& outcome);

/// One line of JSON for one interval: rates and latencies of the interval, counts since the start.
[[nodiscard]] std::string LiveLine(const LiveSample& sample);

/// The report for people, several lines.
[[nodiscard]] std::string TextReport(const Options& options, const Outcome& outcome);

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_REPORT_H_
