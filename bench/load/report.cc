// SPDX-License-Identifier: Apache-2.0
//
// Formatting only: see report.h.

#include "load/report.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tina::load {
namespace {

double Us(uint64_t ns) { return static_cast<double>(ns) / 1e3; }

double Rate(const Outcome& outcome) {
  if (outcome.measured_ns == 0) return 0;
  return static_cast<double>(outcome.latency.count()) * 1e9 /
         static_cast<double>(outcome.measured_ns);
}

double Busy(const Outcome& outcome) {
  if (outcome.measured_ns == 0) return 0;
  return 1.0 - static_cast<double>(outcome.idle_ns) / static_cast<double>(outcome.measured_ns);
}

std::string LatencyJson(const Histogram& latency) {
  return absl::StrFormat(R"({"p50":%.1f,"p99":%.1f,"p999":%.1f,"p9999":%.1f,"max":%.1f})",
                         Us(latency.ValueAt(0.5)), Us(latency.ValueAt(0.99)),
                         Us(latency.ValueAt(0.999)), Us(latency.ValueAt(0.9999)),
                         Us(latency.max()));
}

std::string LossJson(const Tally& tally) {
  std::string json = absl::StrCat(R"({"total":)", tally.lost());
  for (size_t index = 0; index < kLossNames.size(); ++index) {
    absl::StrAppend(&json, ",\"", kLossNames[index], "\":", tally.losses[index]);
  }
  return absl::StrCat(json, "}");
}

}  // namespace

bool Clean(const Options& options, const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  if (tally.lost() > 0 || tally.bytes_mismatched > 0 || tally.bytes_unanswered > 0) return false;
  if (outcome.gave_up || tally.bytes_sent != tally.bytes_verified) return false;
  if (outcome.interrupted) return true;
  if (options.seconds <= 0 && options.requests > 0 && tally.requests_answered < options.requests) {
    return false;
  }
  return tally.poison_sent >= options.poison_connections;
}

std::string JsonReport(const Options& options, const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  std::string json = absl::StrFormat(
      R"({"tool":"tina_load","host":"%s","port":%d,"connections":%d,"depth":%d,"size":%d,)"
      R"("open_loop_per_s":%.0f,"seconds":%.3f,"requests":%d,"requests_per_s":%.0f,)",
      options.host, options.port, options.connections, options.depth, options.size_bytes,
      options.open_loop_per_s, static_cast<double>(outcome.measured_ns) / 1e9,
      outcome.latency.count(), Rate(outcome));
  absl::StrAppend(&json, R"("latency_us":)", LatencyJson(outcome.latency));
  absl::StrAppendFormat(
      &json,
      R"(,"totals":{"requests":%d,"bytes_sent":%d,"bytes_verified":%d,"bytes_mismatched":%d,)"
      R"("bytes_unanswered":%d,"connections_opened":%d,"connections_closed_by_us":%d},)",
      tally.requests_answered, tally.bytes_sent, tally.bytes_verified, tally.bytes_mismatched,
      tally.bytes_unanswered, tally.connections_opened, tally.connections_closed_by_us);
  const Histogram& close = outcome.poison_close;
  absl::StrAppendFormat(&json,
                        R"("poison":{"sent":%d,"closed":%d,"not_closed":%d,"answered":%d,)"
                        R"("close_us":{"p50":%.1f,"p99":%.1f,"max":%.1f}},)",
                        tally.poison_sent, tally.poison_closed, tally.loss(Loss::kPoisonNotClosed),
                        tally.loss(Loss::kPoisonAnswered), Us(close.ValueAt(0.5)),
                        Us(close.ValueAt(0.99)), Us(close.max()));
  absl::StrAppend(&json, R"("lost":)", LossJson(tally));
  absl::StrAppendFormat(&json, R"(,"engine":"%s","generator_busy":%.3f,"interrupted":%s,"ok":%s})",
                        outcome.used_io_uring ? "io_uring" : "epoll", Busy(outcome),
                        outcome.interrupted ? "true" : "false",
                        Clean(options, outcome) ? "true" : "false");
  return json;
}

std::string LiveLine(const LiveSample& sample) {
  const Tally& tally = *sample.tally;
  const double interval_s = sample.interval_s > 0 ? sample.interval_s : 1;
  std::string json = absl::StrFormat(R"({"live":true,"t":%.3f,"requests_per_s":%.0f,"latency_us":)",
                                     sample.seconds_since_start,
                                     static_cast<double>(sample.latency->count()) / interval_s);
  absl::StrAppend(&json, LatencyJson(*sample.latency));
  absl::StrAppendFormat(
      &json,
      R"(,"connections":%d,"requests":%d,"bytes_verified":%d,"connections_opened":%d,)"
      R"("poison_sent":%d,"poison_closed":%d,"lost":%d,"bytes_mismatched":%d})",
      sample.connections_serving, tally.requests_answered, tally.bytes_verified,
      tally.connections_opened, tally.poison_sent, tally.poison_closed, tally.lost(),
      tally.bytes_mismatched);
  return json;
}

std::string TextReport(const Options& options, const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  const Histogram& latency = outcome.latency;
  std::string text = absl::StrFormat(
      "%d connections x depth %d, %d bytes, %.2f s: %.0f requests/s (generator %.0f %% busy)\n",
      options.connections, options.depth, options.size_bytes,
      static_cast<double>(outcome.measured_ns) / 1e9, Rate(outcome), 100 * Busy(outcome));
  absl::StrAppendFormat(&text,
                        "latency     p50 %.1f us, p99 %.1f us, p99.9 %.1f us, p99.99 %.1f us, "
                        "max %.1f us\n",
                        Us(latency.ValueAt(0.5)), Us(latency.ValueAt(0.99)),
                        Us(latency.ValueAt(0.999)), Us(latency.ValueAt(0.9999)), Us(latency.max()));
  absl::StrAppendFormat(
      &text, "bytes       %d sent, %d verified, %d different, %d without an answer\n",
      tally.bytes_sent, tally.bytes_verified, tally.bytes_mismatched, tally.bytes_unanswered);
  absl::StrAppendFormat(&text, "connections %d opened, %d closed at the end, %d lost\n",
                        tally.connections_opened, tally.connections_closed_by_us, tally.lost());
  if (tally.poison_sent > 0) {
    absl::StrAppendFormat(&text,
                          "poison      %d sent, %d closed by the server: p50 %.1f us, p99 %.1f us, "
                          "max %.1f us\n",
                          tally.poison_sent, tally.poison_closed,
                          Us(outcome.poison_close.ValueAt(0.5)),
                          Us(outcome.poison_close.ValueAt(0.99)), Us(outcome.poison_close.max()));
  }
  for (size_t index = 0; index < kLossNames.size(); ++index) {
    if (tally.losses[index] == 0) continue;
    absl::StrAppendFormat(&text, "lost        %d %s\n", tally.losses[index], kLossNames[index]);
  }
  if (tally.poison_sent < options.poison_connections) {
    absl::StrAppendFormat(&text, "poison      %d connections asked for, %d reached\n",
                          options.poison_connections, tally.poison_sent);
  }
  if (outcome.gave_up) absl::StrAppend(&text, "gave up: too many connections lost\n");
  absl::StrAppend(&text, Clean(options, outcome) ? "clean\n" : "NOT CLEAN\n");
  return text;
}

}  // namespace tina::load
