// SPDX-License-Identifier: Apache-2.0
// The standard streams of the worlds with real sockets: pipes, sockets or files of the case's own,
// which take the places of descriptors 0 to 2 while an object is opened, and no longer: what the
// test itself prints goes where it always does. Test's thread.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "world.h"

namespace tina::parity {

class RealStandard {
 public:
  RealStandard() = default;
  RealStandard(const RealStandard&) = delete;
  RealStandard& operator=(const RealStandard&) = delete;
  ~RealStandard();

  /// Makes the streams, and keeps the descriptors that opening one takes.
  void prepare(Behind behind);
  /// Calls `open` while the streams are those of the process.
  std::int32_t open_in_place(const std::function<std::int32_t()>& open);
  /// Gives and reads what can be without waiting.
  void work();
  /// Descriptors that are open on this side.
  std::int64_t descriptors() const;

  void feed(std::string_view bytes) { unsent_ += bytes; }
  void end_input() { ending_ = true; }
  const std::string& written(bool error) const { return streams_[error ? 2 : 1].read; }
  void hold_output(bool held) { held_ = held; }
  void leave_output();

 private:
  struct Stream {
    int systems = -1;  ///< the end that the process gets
    int ours = -1;
    int original = -1;  ///< what the process has had in its place
    std::string read;
  };

  void make(Behind behind, unsigned number);
  void read(Stream& from) const;
  static void end(int& descriptor);

  std::array<Stream, 3> streams_;
  std::string unsent_;
  bool ending_ = false;
  bool held_ = false;
};

}  // namespace tina::parity
