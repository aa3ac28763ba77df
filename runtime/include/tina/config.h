// SPDX-License-Identifier: Apache-2.0
// How configs of a spec are given on the command line, for those types that the flags library does
// not know. Only a generated `main` includes this. Used by the thread that starts the program.
#pragma once

#include <string>
#include <string_view>

#include "tina/address_text.h"
#include "tina/path.h"
#include "tina/string.h"
#include "tina/unix_address.h"

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

namespace net {

/// Reads `--NAME=127.0.0.1:80` or `--NAME=[::1]:80` of a config of type `net.address`.
template <class Text>
bool AbslParseFlag(Text text, Address* value, std::string* error) {
  const auto found = parse({text.data(), text.size()});
  if (found) *value = *found;
  if (!found) *error = "not an address: write 127.0.0.1:80 or [::1]:80";
  return found.has_value();
}
inline std::string AbslUnparseFlag(const Address& value) {
  return std::string(AddressText(value).view());
}

/// Reads `--NAME=/run/x.sock` or `--NAME=@x` of a config of type `net.unix_address`.
template <class Text>
bool AbslParseFlag(Text text, UnixAddress* value, std::string* error) {
  *value = UnixAddress(std::string_view(text.data(), text.size()));
  if (!value->why_not()) return true;
  *error = "not an address of a Unix socket: write a path of up to 107 bytes, or @ and a name";
  return false;
}
inline std::string AbslUnparseFlag(const UnixAddress& value) { return std::string(value.text()); }

}  // namespace net

namespace fs {

/// Reads `--NAME=some/path` of a config of type `fs.path`.
template <class Text>
bool AbslParseFlag(Text text, Path* value, std::string* error) {
  *value = Path(std::string_view(text.data(), text.size()));
  if (!value->why_not()) return true;
  *error = "not a path: write up to 255 bytes";
  return false;
}
inline std::string AbslUnparseFlag(const Path& value) { return std::string(value.text()); }

}  // namespace fs
}  // namespace tina
