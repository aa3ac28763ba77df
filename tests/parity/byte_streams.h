// SPDX-License-Identifier: Apache-2.0
// What the parity cases of pipes and standard streams are written in: reads and writes as the
// reactor does them. Test's thread.
#pragma once

#include <string>
#include <utility>

#include "parity.h"

namespace tina::parity {

/// Cases of all worlds, or those of a table in all worlds.
template <class Cases>
class ByteStreamsOf : public Cases {
 protected:
  std::int32_t opens_standard(internal::IoKind kind, bool error = false) {
    internal::IoTable io = Case::table(kind);
    io.error = error;
    return this->world().open_standard(io);
  }
  /// A standard stream.
  Object opened(internal::IoKind kind, bool error = false) {
    const std::int32_t descriptor = opens_standard(kind, error);
    EXPECT_GE(descriptor, 0);
    return this->adopt(descriptor);
  }
  /// As the reactor reads: it first waits until a read would not.
  std::int32_t reads(const Object& from, std::size_t size) {
    this->await(from);
    const std::int32_t ready = this->end(from, kRead);
    if (ready < 0) return ready;
    this->start(from, kRead, OpCode::kInput, std::string(size, '.'), size);
    return this->end(from, kRead);
  }
  void write(const Object& to, std::string bytes) {
    const std::size_t size = bytes.size();
    this->start(to, kRead, OpCode::kOutput, std::move(bytes), size);
  }
  std::int32_t writes(const Object& to, std::string bytes) {
    write(to, std::move(bytes));
    return this->end(to, kRead);
  }
  /// Fills what takes the bytes; how many went in, the last write waits.
  std::size_t fill(const Object& to) {
    std::size_t sent = 0;
    for (;;) {
      write(to, std::string(4096, 'x'));
      if (this->waits(to, kRead)) return sent;
      sent += static_cast<std::size_t>(this->end(to, kRead));
    }
  }
};

using ByteStreams = ByteStreamsOf<Parity>;

}  // namespace tina::parity
