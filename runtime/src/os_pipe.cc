// SPDX-License-Identifier: Apache-2.0
// See os_pipe.h.
#include "src/os_pipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tina::internal {
namespace {

constexpr mode_t kOwner = S_IRUSR | S_IWUSR;
constexpr mode_t kAll = kOwner | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;  // less the umask

/// Makes a pipe where nothing is.
bool make(const OpenRequest& request) {
  const mode_t mode = request.io.owner_only ? kOwner : kAll;
  return ::mkfifo(request.path->c_str(), mode) == 0 || errno == EEXIST;
}

/// Asked before the open, since that of a device may do something.
std::int32_t check(const char* path) {
  struct stat facts{};
  if (::stat(path, &facts) != 0) return -errno;
  return S_ISFIFO(facts.st_mode) ? 0 : -EINVAL;
}

bool is_pipe_still(int descriptor) {
  struct stat facts{};
  return ::fstat(descriptor, &facts) == 0 && S_ISFIFO(facts.st_mode);
}

}  // namespace

std::int32_t open_pipe(const OpenRequest& request, SocketMode mode) {
  const std::int32_t wrong = request.path->why_not();
  if (wrong != 0) return -wrong;
  if (request.io.create && !make(request)) return -errno;
  const std::int32_t checked = check(request.path->c_str());
  if (checked < 0) return checked;
  const int access = request.io.kind == IoKind::kPipeWriter ? O_WRONLY : O_RDONLY;
  const int opened = ::open(request.path->c_str(), access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (opened < 0) return -errno;
  // A ring waits by itself only for those that may wait.
  const bool set = mode == SocketMode::kNeverWaits || ::fcntl(opened, F_SETFL, access) == 0;
  if (set && is_pipe_still(opened)) return opened;
  ::close(opened);
  return -EINVAL;
}

}  // namespace tina::internal
