// SPDX-License-Identifier: Apache-2.0
// See boot_config.h.
#include "src/boot_config.h"

#include <absl/flags/commandlineflag.h>
#include <absl/flags/reflection.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "src/boot_check.h"

namespace tina::internal {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kOption = "--config";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// The path that the command line gives, or null. The last one wins, as for any option.
const char* config_path(int argc, char** argv) {
  const char* path = nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    if (!word.starts_with(kOption)) continue;
    if (word.size() == kOption.size() && i + 1 < argc) path = argv[i + 1];
    if (word.size() > kOption.size() && word[kOption.size()] == '=') {
      path = argv[i] + kOption.size() + 1;
    }
  }
  return path;
}

/// The names of the spec's values, for the line that refuses another one.
std::string known_names() {
  std::vector<std::string> found;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (declares_config(flag->Filename().c_str())) found.emplace_back(name);
  }
  std::ranges::sort(found);
  std::string names;
  for (const std::string& name : found) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "it has none" : "it has " + names;
}

bool take_line(const char* path, int number, std::string_view line) {
  const std::string_view text = trimmed(line.substr(0, line.find('#')));
  if (text.empty()) return true;
  const std::size_t equals = text.find('=');
  const std::string name(trimmed(text.substr(0, equals)));
  if (equals == std::string_view::npos || name.empty()) {
    refuse("%s:%d: `%.*s` is not of the form `name = value`", path, number,
           static_cast<int>(text.size()), text.data());
    return false;
  }
  absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
  if (flag == nullptr || !declares_config(flag->Filename().c_str())) {
    refuse("%s:%d: the program has no config value `%s`; %s", path, number, name.c_str(),
           known_names().c_str());
    return false;
  }
  const std::string value(trimmed(text.substr(equals + 1)));
  std::string why;
  if (flag->ParseFrom(value, &why)) return true;
  refuse("%s:%d: `%s` cannot be `%s`%s%s", path, number, name.c_str(), value.c_str(),
         why.empty() ? "" : ": ", why.c_str());
  return false;
}

}  // namespace

bool declares_config(const char* file) { return std::strstr(file, ".system.cc") != nullptr; }

bool read_config_file(int argc, char** argv) {
  const char* const path = config_path(argc, argv);
  if (path == nullptr) return true;
  errno = 0;
  std::ifstream file(path);
  std::string line;
  int number = 0;
  while (std::getline(file, line)) {
    if (!take_line(path, ++number, line)) return false;
  }
  if (file.eof() && !file.bad() && errno == 0) return true;
  refuse("the configuration file %s cannot be read: %s", path, std::strerror(errno));
  return false;
}

}  // namespace tina::internal
