// SPDX-License-Identifier: Apache-2.0
// An operation on a file as an entry of io_uring's submission queue. Shard's thread.
#pragma once

#include <liburing.h>

#include "src/os_backend.h"

namespace tina::internal {

/// Fills an entry, but for its token. The operation is one that `learn_operations` has found.
void prepare_file(io_uring_sqe* sqe, const Operation& operation);

}  // namespace tina::internal
