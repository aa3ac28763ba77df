// SPDX-License-Identifier: Apache-2.0
// Datagrams and gathered sends in the kernel's form and back: a message header, and a datagram's
// one part, lie in the operand of their operation, since the kernel reads and writes them until its
// completion. Any thread.
#pragma once

#include <sys/socket.h>

#include "src/os_backend.h"

namespace tina::internal {

/// The header of a receive into the operation's bytes.
msghdr* datagram_to_receive(const Operation& operation);
/// The header of a send of the operation's bytes to the address in its operand.
msghdr* datagram_to_send(const Operation& operation);
/// The header of a send of the operation's parts.
msghdr* gathered_to_send(const Operation& operation);
/// Moves the datagrams of a batch that move now: how many, or minus an errno; -EAGAIN: none.
std::int32_t move_batch(const Operation& operation);
/// Reads what the kernel has written; nothing if that was not asked.
void read_datagram(DatagramOperand& operand);

}  // namespace tina::internal
