// SPDX-License-Identifier: Apache-2.0
// See real_standard.h.
#include "real_standard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace tina::parity {
namespace {

/// A file without a name, and a second place in it.
void make_file(int& one, int& other) {
  one = ::memfd_create("standard", MFD_CLOEXEC);
  const std::string path = "/proc/self/fd/" + std::to_string(one);
  other = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
}

}  // namespace

RealStandard::~RealStandard() {
  for (Stream& stream : streams_) {
    end(stream.systems);
    end(stream.ours);
    end(stream.original);
  }
}

void RealStandard::end(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

void RealStandard::make(Behind behind, unsigned number) {
  Stream& stream = streams_[number];
  int ends[2] = {-1, -1};
  switch (behind) {
    case Behind::kPipe:
      EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
      if (number != 0) std::swap(ends[0], ends[1]);
      break;
    case Behind::kSocket:
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
      break;
    case Behind::kFile:
      make_file(ends[0], ends[1]);
      break;
  }
  stream.systems = ends[0];
  stream.ours = ends[1];
  ::fcntl(stream.ours, F_SETFL, O_NONBLOCK);
}

void RealStandard::prepare(Behind behind) {
  for (unsigned number = 0; number < streams_.size(); ++number) {
    make(behind, number);
    streams_[number].original = ::fcntl(static_cast<int>(number), F_DUPFD_CLOEXEC, 3);
  }
}

std::int32_t RealStandard::open_in_place(const std::function<std::int32_t()>& open) {
  std::fflush(nullptr);
  for (int number = 0; number < 3; ++number) {
    ::dup2(streams_[static_cast<unsigned>(number)].systems, number);
  }
  const std::int32_t opened = open();
  for (int number = 0; number < 3; ++number) {
    ::dup2(streams_[static_cast<unsigned>(number)].original, number);
  }
  return opened;
}

std::int64_t RealStandard::descriptors() const {
  std::int64_t open = 0;
  for (const Stream& stream : streams_) {
    open += (stream.systems >= 0) + (stream.ours >= 0) + (stream.original >= 0);
  }
  return open;
}

void RealStandard::work() {
  int& input = streams_[0].ours;
  while (input >= 0 && !unsent_.empty()) {
    const ssize_t sent = ::write(input, unsent_.data(), unsent_.size());
    if (sent < 0) {
      EXPECT_EQ(errno, EAGAIN);
      break;
    }
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  if (ending_ && unsent_.empty()) end(input);
  if (held_) return;
  read(streams_[1]);
  read(streams_[2]);
}

void RealStandard::read(Stream& from) const {
  std::array<char, 65536> buffer;
  while (from.ours >= 0) {
    const ssize_t got = ::read(from.ours, buffer.data(), buffer.size());
    if (got <= 0) return;
    from.read.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void RealStandard::leave_output() {
  end(streams_[1].ours);
  end(streams_[2].ours);
}

}  // namespace tina::parity
