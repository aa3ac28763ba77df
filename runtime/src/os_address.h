// SPDX-License-Identifier: Apache-2.0
// Addresses in the kernel's form and back. An IPv4 address goes to the kernel as one, or mapped
// into IPv6 where the socket is of that family; it comes back the same either way. Any thread.
#pragma once

#include <cstdint>

#include "tina/operand.h"

namespace tina::internal {

/// Whether a socket for this address is of the family AF_INET; otherwise of AF_INET6.
bool wants_v4(const net::Address& address);
/// Writes the kernel's form of `operand.address` into its `raw` and `raw_size`.
void write_raw(AddressOperand& operand);
/// Reads what the kernel has written there into `operand.address`; nothing if it wrote nothing.
void read_raw(AddressOperand& operand);
/// The address of descriptor `descriptor`'s own end; all zero: it has none.
net::Address own_address(std::int32_t descriptor);

}  // namespace tina::internal
