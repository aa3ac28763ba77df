// SPDX-License-Identifier: Apache-2.0
// Unix sockets: their addresses in the kernel's form and back, and the files that stand for bound
// ones. A file that a program has left behind, which nobody is bound to any more, makes way for the
// next one; what is no socket, or has somebody bound to it, never does. Source: unix(7). Any
// thread.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>

#include "src/os_backend.h"
#include "src/os_socket.h"

namespace tina::internal {

/// Writes the kernel's form of an address that `why_not` finds nothing wrong with; its size.
socklen_t write_unix(const net::UnixAddress& address, sockaddr_un& raw);
/// The address that the kernel has written; none of a socket without one.
net::UnixAddress read_unix(const sockaddr_un& raw, socklen_t size);

/// A socket of the object's kind, listening or connected. A connect never waits: where the other
/// side's backlog is full, it is -EAGAIN.
std::int32_t open_unix(const OpenRequest& request, SocketMode mode);
/// The header of a receive into the operation's bytes, and of a send of them to the address in its
/// operand. One that is none goes to the kernel as such, which says EINVAL.
msghdr* unix_datagram_to_receive(const Operation& operation);
msghdr* unix_datagram_to_send(const Operation& operation);
/// Reads what the kernel has written; nothing if that was not asked.
void read_unix_datagram(UnixDatagramOperand& operand);
/// Removes the file of a bound socket if its path still leads there; once.
void remove_file(std::int32_t descriptor, BoundFile& file);

}  // namespace tina::internal
