// SPDX-License-Identifier: Apache-2.0
// See os_datagram.h.
#include "src/os_datagram.h"

#include <sys/uio.h>

#include <new>

#include "src/os_address.h"

namespace tina::internal {
namespace {

static_assert(sizeof(msghdr) == sizeof(DatagramOperand::message));
static_assert(sizeof(msghdr) == sizeof(GatheredOperand::message));
static_assert(sizeof(iovec) == sizeof(DatagramOperand::part));
static_assert(sizeof(iovec) == sizeof(GatherPart));

msghdr* header_of(const Operation& operation) {
  auto& operand = operation.as<DatagramOperand>();
  iovec* const part =
      ::new (operand.part.data()) iovec{const_cast<std::byte*>(operation.data), operation.size};
  auto* const header = ::new (operand.message.data()) msghdr{};
  header->msg_name = operand.who.raw.data();
  header->msg_iov = part;
  header->msg_iovlen = 1;
  return header;
}

}  // namespace

msghdr* datagram_to_receive(const Operation& operation) {
  msghdr* const header = header_of(operation);
  header->msg_namelen = sizeof(AddressOperand::raw);
  return header;
}

msghdr* datagram_to_send(const Operation& operation) {
  msghdr* const header = header_of(operation);
  auto& operand = operation.as<DatagramOperand>();
  write_raw(operand.who);
  header->msg_namelen = operand.who.raw_size;
  return header;
}

msghdr* gathered_to_send(const Operation& operation) {
  auto* const header = ::new (operation.as<GatheredOperand>().message.data()) msghdr{};
  header->msg_iov = reinterpret_cast<iovec*>(const_cast<std::byte*>(operation.data));
  header->msg_iovlen = operation.size;
  return header;
}

void read_datagram(DatagramOperand& operand) {
  const auto& header = *std::launder(reinterpret_cast<const msghdr*>(operand.message.data()));
  if (header.msg_name == nullptr) return;
  operand.cut_off = (header.msg_flags & MSG_TRUNC) != 0;
  operand.who.raw_size = header.msg_namelen;
  operand.who.address = {};
  read_raw(operand.who);
}

}  // namespace tina::internal
