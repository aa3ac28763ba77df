// SPDX-License-Identifier: Apache-2.0
// The ends of named pipes. Opening one never waits for the other end: a reader hears of its first
// writer by waiting for bytes, a writer without a reader is refused. Source: fifo(7). Any thread.
#pragma once

#include <cstdint>

#include "src/os_backend.h"
#include "src/os_socket.h"

namespace tina::internal {

/// The end that the object's kind says, of the pipe at the request's path, which is made first if
/// the setting `create` wants that: a descriptor, or minus an errno.
std::int32_t open_pipe(const OpenRequest& request, SocketMode mode);

}  // namespace tina::internal
