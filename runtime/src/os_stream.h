// SPDX-License-Identifier: Apache-2.0
// Standard streams on their way to isolates. Descriptors 0 to 2 belong to the process and are
// shared with whoever started it: they are never closed, and their flags never change. An object
// gets one of its own: pipes and terminals are opened anew, so that flags are its own too; what
// cannot be, or has a place in it that is shared (a file), is a duplicate, of which every read and
// write is preceded by a look whether it would wait. Any thread; reserve_standard() at the start.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tina/table.h"

namespace tina::internal {

/// Bytes that a pipe takes whole (PIPE_BUF): lines up to this long arrive in one piece, whoever
/// else writes there.
inline constexpr std::uint32_t kWholeWrite = 4096;

/// Gives the numbers 0 to 2 to nobody else: those that are closed become /dev/null. Before anything
/// is opened.
void reserve_standard();
/// The stream that an object is declared for: a descriptor, or minus an errno; EBADF if the process
/// was started without it.
std::int32_t open_standard(const IoTable& io, bool never_waits);
/// How much of `data` to write at once: whole lines, as far as they fit.
std::uint32_t whole_lines(const std::byte* data, std::uint32_t size);

/// Carries out a read or a write if it would not wait: its value, or -EAGAIN.
std::int32_t try_read(std::int32_t descriptor, std::byte* data, std::uint32_t size);
std::int32_t try_write(std::int32_t descriptor, const std::byte* data, std::uint32_t size);

}  // namespace tina::internal
