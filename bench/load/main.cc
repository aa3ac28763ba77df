// SPDX-License-Identifier: Apache-2.0
//
// tina_load: the command line of the load generator. It checks the flags, runs the generator on
// this thread and reports. Exit status: 0 clean; 1 a byte or a connection was lost that was not
// poisoned, or what was asked for was not done; 2 the run could not start; 128 + n ended by signal
// n.

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "load/generator.h"
#include "load/options.h"
#include "load/report.h"
#include "load/socket.h"

ABSL_FLAG(std::string, host, "127.0.0.1", "server to connect to");
ABSL_FLAG(int32_t, port, 0, "port to connect to");
ABSL_FLAG(int32_t, connections, 1, "connections to keep open, up to 60000");
ABSL_FLAG(double, seconds, 0,
          "how long to measure (default 10, unless --requests or "
          "--poison_connections bounds the run)");
ABSL_FLAG(double, warmup, 0, "seconds of load before the measuring starts");
ABSL_FLAG(int64_t, requests, 0, "requests to send in all; 0 is no bound");
ABSL_FLAG(int32_t, size, 64, "bytes per request");
ABSL_FLAG(int32_t, depth, 1, "requests outstanding per connection");
ABSL_FLAG(int32_t, pin, -1, "CPU to pin the generator to; -1 does not pin");
ABSL_FLAG(std::string, source, "", "local address to connect from");
ABSL_FLAG(int32_t, poison_per_10000, 0,
          "how many in 10000 of the connections poison themselves, again and again (at least one)");
ABSL_FLAG(int64_t, poison_connections, 0,
          "poison exactly this many connections in all (one connection in ten at a time, unless "
          "--poison_per_10000 says otherwise)");
ABSL_FLAG(int32_t, poison_after, 20, "good requests on a connection before its poison");
ABSL_FLAG(double, open_loop, 0, "requests per second on a fixed schedule; 0 is a closed loop");
ABSL_FLAG(int32_t, spin_us, 50, "microseconds to poll for answers before sleeping");
ABSL_FLAG(std::string, engine, "auto",
          "io_uring or epoll; auto takes io_uring where it is there and depth x size is small");
ABSL_FLAG(bool, json, false, "end with one line of JSON instead of words");
ABSL_FLAG(bool, live, false, "one line of JSON per interval while running");
ABSL_FLAG(int32_t, live_interval_ms, 1000, "length of such an interval");

namespace tina::load {
namespace {

constexpr int kExitNotClean = 1;
constexpr int kExitCannotStart = 2;

volatile std::sig_atomic_t stop_signal = 0;

void OnSignal(int number) { stop_signal = number; }

void InstallSignals() {
  struct sigaction action{};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  // A second Ctrl-C finds the default action, in case the first one cannot be honoured.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

struct Range {
  const char* flag;
  double value;
  double low;
  double high;
};

absl::Status CheckRanges() {
  const std::vector<Range> ranges = {
      {"--port", static_cast<double>(absl::GetFlag(FLAGS_port)), 1, 65535},
      {"--connections", static_cast<double>(absl::GetFlag(FLAGS_connections)), 1, 60000},
      {"--seconds", absl::GetFlag(FLAGS_seconds), 0, 1e6},
      {"--warmup", absl::GetFlag(FLAGS_warmup), 0, 1e6},
      {"--requests", static_cast<double>(absl::GetFlag(FLAGS_requests)), 0, 1e15},
      {"--size", static_cast<double>(absl::GetFlag(FLAGS_size)), 1, 1 << 20},
      {"--depth", static_cast<double>(absl::GetFlag(FLAGS_depth)), 1, 4096},
      {"--pin", static_cast<double>(absl::GetFlag(FLAGS_pin)), -1, 1023},
      {"--poison_per_10000", static_cast<double>(absl::GetFlag(FLAGS_poison_per_10000)), 0, 10000},
      {"--poison_connections", static_cast<double>(absl::GetFlag(FLAGS_poison_connections)), 0,
       1e12},
      {"--poison_after", static_cast<double>(absl::GetFlag(FLAGS_poison_after)), 0, 1e9},
      {"--open_loop", absl::GetFlag(FLAGS_open_loop), 0, 1e9},
      {"--spin_us", static_cast<double>(absl::GetFlag(FLAGS_spin_us)), 0, 1e6},
      {"--live_interval_ms", static_cast<double>(absl::GetFlag(FLAGS_live_interval_ms)), 10, 6e4},
  };
  for (const Range& range : ranges) {
    if (range.value >= range.low && range.value <= range.high) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(range.flag, " must be from ", range.low, " to ", range.high));
  }
  const std::string engine = absl::GetFlag(FLAGS_engine);
  if (engine == "auto" || engine == "epoll" || engine == "io_uring") return absl::OkStatus();
  return absl::InvalidArgumentError("--engine must be auto, epoll or io_uring");
}

Engine ChosenEngine() {
  const std::string engine = absl::GetFlag(FLAGS_engine);
  if (engine == "epoll") return Engine::kEpoll;
  return engine == "io_uring" ? Engine::kIoUring : Engine::kAuto;
}

Options ReadFlags() {
  constexpr double kSecondsDefault = 10;
  constexpr uint32_t kPoisonShareDefault = 1000;
  Options options;
  options.host = absl::GetFlag(FLAGS_host);
  options.port = static_cast<uint16_t>(absl::GetFlag(FLAGS_port));
  options.connections = static_cast<uint32_t>(absl::GetFlag(FLAGS_connections));
  options.seconds = absl::GetFlag(FLAGS_seconds);
  options.warmup_seconds = absl::GetFlag(FLAGS_warmup);
  options.requests = static_cast<uint64_t>(absl::GetFlag(FLAGS_requests));
  options.size_bytes = static_cast<uint32_t>(absl::GetFlag(FLAGS_size));
  options.depth = static_cast<uint32_t>(absl::GetFlag(FLAGS_depth));
  options.source = absl::GetFlag(FLAGS_source);
  options.poison_per_10000 = static_cast<uint32_t>(absl::GetFlag(FLAGS_poison_per_10000));
  options.poison_connections = static_cast<uint64_t>(absl::GetFlag(FLAGS_poison_connections));
  options.poison_after = static_cast<uint32_t>(absl::GetFlag(FLAGS_poison_after));
  options.open_loop_per_s = absl::GetFlag(FLAGS_open_loop);
  options.spin_us = static_cast<uint32_t>(absl::GetFlag(FLAGS_spin_us));
  options.engine = ChosenEngine();
  options.live = absl::GetFlag(FLAGS_live);
  options.live_interval_ms = static_cast<uint32_t>(absl::GetFlag(FLAGS_live_interval_ms));
  if (options.poison_connections > 0 && options.poison_per_10000 == 0) {
    options.poison_per_10000 = kPoisonShareDefault;
  }
  const bool bounded = options.requests > 0 || options.poison_connections > 0;
  if (options.seconds <= 0 && !bounded) options.seconds = kSecondsDefault;
  return options;
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "tina_load: %s\n", std::string(status.message()).c_str());
  return kExitCannotStart;
}

void PrintLine(const std::string& line) {
  std::fprintf(stdout, "%s\n", line.c_str());
  std::fflush(stdout);
}

int Main() {
  if (const absl::Status status = CheckRanges(); !status.ok()) return Fail(status);
  const Options options = ReadFlags();
  if (const int cpu = absl::GetFlag(FLAGS_pin); cpu >= 0) {
    if (const absl::Status status = PinTo(cpu); !status.ok()) return Fail(status);
  }
  InstallSignals();
  Generator generator(
      options, [](const LiveSample& sample) { PrintLine(LiveLine(sample)); }, stop_signal);
  if (const absl::Status status = generator.Run(); !status.ok()) return Fail(status);
  const Outcome& outcome = generator.outcome();
  for (const std::string& failure : outcome.tally.failures) {
    std::fprintf(stderr, "tina_load: %s\n", failure.c_str());
  }
  if (absl::GetFlag(FLAGS_json)) {
    PrintLine(JsonReport(options, outcome));
  } else {
    std::fputs(TextReport(options, outcome).c_str(), stdout);
  }
  if (!Clean(options, outcome)) return kExitNotClean;
  return outcome.interrupted ? 128 + static_cast<int>(stop_signal) : 0;
}

}  // namespace
}  // namespace tina::load

int main(int argc, char** argv) {
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) {
    return absl::EndsWith(file, "load/main.cc");
  };
  absl::SetFlagsUsageConfig(usage);
  absl::SetProgramUsageMessage(
      "drives a TCP echo server and verifies every byte\n"
      "  tina_load --port 9000 --connections 50 --depth 16 --seconds 5\n"
      "  tina_load --port 9000 --connections 50 --poison_connections 1000");
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    std::fprintf(stderr, "tina_load: unexpected argument: %s\n", rest[1]);
    return 2;
  }
  return tina::load::Main();
}
