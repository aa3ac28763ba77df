// SPDX-License-Identifier: Apache-2.0
// Operations on files as system calls, for whoever may wait: the threads behind a shard. What
// io_uring needs of them in the kernel's own form is here too. Any thread.
#pragma once

#include <fcntl.h>
#include <sys/uio.h>

#include <cstdint>

#include "src/os_backend.h"

struct statx;

namespace tina::internal {

/// Carries it out, however long that takes. Its value: bytes, a descriptor, or minus an errno.
std::int32_t carry_out(const Operation& operation);

/// 0, or the errno of a path of an operation on names that cannot go to a kernel. That of an open
/// has been looked at before it started.
std::int32_t why_no_path(const Operation& operation);

/// How a directory is opened.
inline constexpr int kOpenDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
/// The flags of open(2) for those of an open: they are O_CLOEXEC, too.
int open_flags_of(const OpenOperand& operand);
/// What to ask statx(2) for, and where it says it.
unsigned status_mask();
struct statx* raw_status(StatusOperand& operand);
/// Bytes that a read asks for: what it wants, and what fits.
std::uint32_t read_size(const Operation& operation);
/// The parts of an operation that has a list, as readv(2) and writev(2) have them.
const iovec* vectors_of(const Operation& operation);

}  // namespace tina::internal
