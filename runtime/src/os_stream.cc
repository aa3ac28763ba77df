// SPDX-License-Identifier: Apache-2.0
// See os_stream.h.
#include "src/os_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace tina::internal {
namespace {

/// Those of 0 to 2 that the process was started without. Written once, before there are threads.
std::array<bool, 3> g_missing{};

std::int32_t result(ssize_t value) { return value < 0 ? -errno : static_cast<std::int32_t>(value); }

/// A pipe without a name or a terminal: opened anew, it is the same. A named pipe would then not
/// say that its last writer has gone; of the other side of a terminal it would be a new one.
bool can_open_anew(int number, const char* path) {
  struct stat facts{};
  if (::fstat(number, &facts) != 0) return false;
  if (S_ISFIFO(facts.st_mode)) {
    std::array<char, 16> target{};
    const ssize_t size = ::readlink(path, target.data(), target.size());
    return size > 0 &&
           std::string_view(target.data(), static_cast<std::size_t>(size)).starts_with("pipe:[");
  }
  unsigned other_side = 0;
  return S_ISCHR(facts.st_mode) && ::isatty(number) == 1 &&
         ::ioctl(number, TIOCGPTN, &other_side) != 0;
}

std::int32_t open_anew(const char* path, bool writes, bool never_waits) {
  const int flags = (writes ? O_WRONLY : O_RDONLY) | O_CLOEXEC | O_NOCTTY;
  const int opened = ::open(path, flags | O_NONBLOCK);
  if (opened >= 0 && !never_waits) ::fcntl(opened, F_SETFL, flags & O_ACCMODE);
  return result(opened);
}

bool ready(std::int32_t descriptor, short events) {
  pollfd polled{descriptor, events, 0};
  return ::poll(&polled, 1, 0) != 0;  // what cannot be asked never waits
}

}  // namespace

void reserve_standard() {
  for (int number = 0; number < 3; ++number) {
    if (::fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    g_missing[static_cast<std::size_t>(number)] = true;
    [[maybe_unused]] const int taken = ::open("/dev/null", O_RDWR);  // the lowest number: this one
  }
}

std::int32_t open_standard(const IoTable& io, bool never_waits) {
  const bool writes = io.kind == IoKind::kOutput;
  const int number = !writes ? STDIN_FILENO : io.error ? STDERR_FILENO : STDOUT_FILENO;
  if (g_missing[static_cast<std::size_t>(number)]) return -EBADF;
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", number);
  if (can_open_anew(number, path.data())) {
    const std::int32_t opened = open_anew(path.data(), writes, never_waits);
    if (opened >= 0 || opened == -EMFILE || opened == -ENFILE) return opened;
  }
  return result(::fcntl(number, F_DUPFD_CLOEXEC, 3));
}

std::uint32_t whole_lines(const std::byte* data, std::uint32_t size) {
  if (size <= kWholeWrite) return size;
  const void* const last = ::memrchr(data, '\n', kWholeWrite);
  if (last == nullptr) return kWholeWrite;
  return static_cast<std::uint32_t>(static_cast<const std::byte*>(last) - data) + 1;
}

std::int32_t try_read(std::int32_t descriptor, std::byte* data, std::uint32_t size) {
  if (!ready(descriptor, POLLIN)) return -EAGAIN;
  return result(::read(descriptor, data, size));
}

std::int32_t try_write(std::int32_t descriptor, const std::byte* data, std::uint32_t size) {
  if (!ready(descriptor, POLLOUT)) return -EAGAIN;
  return result(::write(descriptor, data, whole_lines(data, size)));
}

}  // namespace tina::internal
