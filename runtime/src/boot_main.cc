// SPDX-License-Identifier: Apache-2.0
// The command line of a generated program (see tina/main.h). Options are Abseil flags: those here
// belong to every program, those in the generated `main` are the spec's `config` values.
#include "tina/main.h"

#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <absl/flags/usage_config.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "src/boot.h"
#include "src/boot_check.h"
#include "src/boot_config.h"

namespace tina {

/// `--backend`, for Abseil.
struct BackendOption {
  internal::BackendWish wish = internal::BackendWish::kAuto;
};

bool AbslParseFlag(absl::string_view text, BackendOption* option, std::string* error) {
  if (internal::parse_backend(std::string(text), option->wish)) return true;
  *error = "say auto, io_uring or epoll";
  return false;
}

std::string AbslUnparseFlag(BackendOption option) { return internal::name(option.wish); }

}  // namespace tina

ABSL_FLAG(std::uint32_t, shards, 0, "run: how many shards; 0 means what the spec says");
ABSL_FLAG(std::string, config, "", "file with lines `name = value` for the values of the spec");
ABSL_FLAG(std::string, counters, "", "run: file for the counter page, which others may read");
ABSL_FLAG(bool, prefault, true, "run: make all memory present before serving");
ABSL_FLAG(tina::BackendOption, backend, {},
          "run: io_uring or epoll; auto takes io_uring unless it is refused here");
ABSL_FLAG(std::string, dns, "",
          "run: DNS servers to ask, such as 127.0.0.1:5353,[::1]:53, instead of the machine's");
ABSL_FLAG(std::optional<std::uint64_t>, seed, std::nullopt,
          "simulate: the seed that decides everything; 0, or those of the scenario");
ABSL_FLAG(std::string, scenario, "", "simulate: run this scenario of the spec");
ABSL_FLAG(bool, json, false, "simulate, budget, counters: print JSON");

namespace tina {
namespace {

std::string usage_of(const internal::SystemTable& system, const char* program) {
  return std::string("system ") + system.name + " from " + system.spec + "\n\n  " + program +
         " run [--shards N]      serve until SIGTERM\n  " + program +
         " simulate --seed N     run deterministically and print the trace hash\n  " + program +
         " budget                where every byte of a shard lies\n  " + program +
         " topology              shards, supervision tree, isolates\n  " + program +
         " counters FILE         the counters of a program run with --counters FILE";
}

bool has_flag_of_ours(absl::string_view file) {
  const std::string name(file);
  return name.find("boot_main.cc") != std::string::npos || internal::declares_config(name.c_str());
}

int refuse_command(const char* program, const std::string& what) {
  internal::refuse("%s; say one of run, simulate, budget, topology, counters FILE, or `%s --help`",
                   what.c_str(), program);
  return internal::kExitUsage;
}

}  // namespace

int run_main(const internal::SystemTable& system, const void* (*config)(), SimulateCommand simulate,
             int argc, char** argv) {
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = has_flag_of_ours;
  usage.contains_helpshort_flags = has_flag_of_ours;
  absl::SetFlagsUsageConfig(usage);
  absl::SetProgramUsageMessage(usage_of(system, argv[0]));
  if (!internal::read_config_file(argc, argv)) return internal::kExitFailed;
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  const std::size_t given = words.size() - 1;
  if (given == 0) return refuse_command(argv[0], "no command");
  const std::string command = words[1];
  const std::size_t wanted = command == "counters" ? 2 : 1;
  if (given > wanted) {
    return refuse_command(argv[0], std::string("`") + words[wanted + 1] + "` is one word too many");
  }
  const bool json = absl::GetFlag(FLAGS_json);
  if (command == "run") {
    const std::string counters = absl::GetFlag(FLAGS_counters);
    internal::RunOptions options;
    options.shards = absl::GetFlag(FLAGS_shards);
    options.counters = counters.empty() ? nullptr : counters.c_str();
    options.prefault = absl::GetFlag(FLAGS_prefault);
    options.backend = absl::GetFlag(FLAGS_backend).wish;
    options.dns = absl::GetFlag(FLAGS_dns);
    return internal::run_system(system, config(), options);
  }
  if (command == "simulate") {
    const std::string scenario = absl::GetFlag(FLAGS_scenario);
    return simulate(
        system, config(),
        {absl::GetFlag(FLAGS_seed), json, scenario.empty() ? nullptr : scenario.c_str()});
  }
  if (command == "budget") return internal::print_budget(system, json);
  if (command == "topology") return internal::print_topology(system);
  if (command == "counters" && given == 2) return internal::print_counters(words[2], json);
  if (command == "counters") return refuse_command(argv[0], "`counters` needs a file");
  return refuse_command(argv[0], "`" + command + "` is not a command");
}

}  // namespace tina
