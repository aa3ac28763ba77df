// SPDX-License-Identifier: Apache-2.0
// See os_datagram.h.
#include "src/os_datagram.h"

#include <sys/uio.h>

#include <cerrno>
#include <new>
#include <span>

#include "src/os_address.h"

namespace tina::internal {
namespace {

static_assert(sizeof(msghdr) == sizeof(DatagramOperand::message));
static_assert(sizeof(msghdr) == sizeof(GatheredOperand::message));
static_assert(sizeof(iovec) == sizeof(DatagramOperand::part));
static_assert(sizeof(iovec) == sizeof(GatherPart));

static_assert(sizeof(mmsghdr) == sizeof(DatagramForm));
static_assert(sizeof(iovec) == sizeof(BatchPlace::part));

mmsghdr& form_in(DatagramForm& form) {
  return *std::launder(reinterpret_cast<mmsghdr*>(form.message.data()));
}

std::int32_t receive_batch(const Operation& operation) {
  auto& batch = operation.as<Batch>();
  for (std::uint32_t i = 0; i < operation.size; ++i) {
    BatchPlace& place = batch.at()[i];
    const BlockHandle& buffer = batch.datagrams()[i].data.handle();
    mmsghdr* const form = ::new (batch.arriving()[i].message.data()) mmsghdr{};
    form->msg_hdr.msg_name = place.who.raw.data();
    form->msg_hdr.msg_namelen = sizeof place.who.raw;
    form->msg_hdr.msg_iov = ::new (place.part.data()) iovec{buffer.data, buffer.size};
    form->msg_hdr.msg_iovlen = 1;
  }
  const int moved = ::recvmmsg(operation.descriptor, &form_in(batch.arriving()[0]), operation.size,
                               MSG_DONTWAIT, nullptr);
  if (moved < 0) return -errno;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(moved); ++i) {
    BatchPlace& place = batch.at()[i];
    const mmsghdr& form = form_in(batch.arriving()[i]);
    net::Datagram& datagram = batch.datagrams()[i];
    datagram.data.handle().size = form.msg_len;
    datagram.cut_off = (form.msg_hdr.msg_flags & MSG_TRUNC) != 0;
    place.who.raw_size = form.msg_hdr.msg_namelen;
    place.who.address = {};
    read_raw(place.who);
    datagram.from = place.who.address;
  }
  return moved;
}

std::int32_t send_batch(const Operation& operation) {
  auto& batch = operation.as<Batch>();
  const std::span<const GatherPart> parts = operation.parts();
  for (std::uint32_t i = 0; i < operation.size; ++i) {
    AddressOperand& to = batch.to()[operation.done + i];
    mmsghdr* const form = ::new (batch.leaving()[i].message.data()) mmsghdr{};
    if (to.given != 0) {
      write_raw(to);
      form->msg_hdr.msg_name = to.raw.data();
      form->msg_hdr.msg_namelen = to.raw_size;
    }
    form->msg_hdr.msg_iov = reinterpret_cast<iovec*>(const_cast<GatherPart*>(&parts[i]));
    form->msg_hdr.msg_iovlen = 1;
  }
  const int moved = ::sendmmsg(operation.descriptor, &form_in(batch.leaving()[0]), operation.size,
                               MSG_DONTWAIT | MSG_NOSIGNAL);
  return moved < 0 ? -errno : moved;
}

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

std::int32_t move_batch(const Operation& operation) {
  return operation.op == OpCode::kReceiveBatch ? receive_batch(operation) : send_batch(operation);
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
