// SPDX-License-Identifier: Apache-2.0
// How configs of a spec are given on the command line, for those types that the flags library does
// not know. Only a generated `main` includes this. Used by the thread that starts the program.
#pragma once

#include <string>

#include "tina/string.h"

namespace tina {

/// Reads `--NAME=text` of a config of type `string<N>`; found by the flags library, whose own type
/// of view `Text` is.
template <class Text, std::size_t kCapacity>
bool AbslParseFlag(Text text, String<kCapacity>* value, std::string* error) {
  if (value->try_assign({text.data(), text.size()})) return true;
  *error = "longer than " + std::to_string(kCapacity) + " bytes";
  return false;
}

/// The same text again.
template <std::size_t kCapacity>
std::string AbslUnparseFlag(const String<kCapacity>& value) {
  return std::string(value.view());
}

}  // namespace tina
