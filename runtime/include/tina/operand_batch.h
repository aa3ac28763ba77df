// SPDX-License-Identifier: Apache-2.0
// Datagrams that move together: where those of a receive lie until their handler has them, and
// where those of a list go. They lie in the arena beside their object, behind the operands of
// single datagrams. Invariant: the first `received + held` places, and no others, have a receive
// buffer. Owned by the shard's thread; a backend writes here only while it is called.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tina/address.h"
#include "tina/block.h"

namespace tina {

namespace net {

/// One datagram of several. Its buffer may be empty, and may be moved on, as any other.
struct Datagram {
  Buffer data;
  Address from;
  bool cut_off = false;  ///< it was longer than its buffer: its end is lost
};
static_assert(sizeof(Datagram) == 56);

}  // namespace net

namespace internal {

/// An address, as handlers and as the kernel write it. Of a connect and a send: where to. Of an
/// accept and a receive: who came.
struct AddressOperand {
  net::Address address;
  std::uint32_t raw_size;
  std::uint32_t given;  ///< of a datagram in a list: it has an address, other than its socket's
  std::array<std::byte, 32> raw;
};
static_assert(sizeof(AddressOperand) == 64);

/// The header of one of several datagrams, in the kernel's form.
struct DatagramForm {
  alignas(8) std::array<std::byte, 64> message;
};

/// What the kernel says of one datagram that arrives.
struct BatchPlace {
  AddressOperand who;
  alignas(8) std::array<std::byte, 16> part;
};
static_assert(sizeof(BatchPlace) == 80);

/// The head. Behind it come those that arrive, what the kernel needs for them, and for those that
/// are sent, and where these go.
struct Batch {
  std::uint32_t places;    ///< datagrams of one receive: the setting `batch`
  std::uint32_t list;      ///< datagrams in the list: the setting `gather`
  std::uint32_t received;  ///< that wait for their handler
  std::uint32_t held;      ///< buffers of places, while nothing has arrived in them
  std::uint32_t wanted;  ///< places for the next receive; more than `places`: even all are too few
  std::int32_t error;    ///< of a send under way: minus the first errno, or 0

  net::Datagram* datagrams() { return reinterpret_cast<net::Datagram*>(this + 1); }
  DatagramForm* arriving() { return reinterpret_cast<DatagramForm*>(datagrams() + places); }
  BatchPlace* at() { return reinterpret_cast<BatchPlace*>(arriving() + places); }
  DatagramForm* leaving() { return reinterpret_cast<DatagramForm*>(at() + places); }
  AddressOperand* to() { return reinterpret_cast<AddressOperand*>(leaving() + list); }
};
static_assert(sizeof(Batch) == 24);

constexpr std::size_t batch_size(std::uint32_t places, std::uint32_t list) {
  if (places == 0 && list == 0) return 0;
  return sizeof(Batch) +
         places * (sizeof(net::Datagram) + sizeof(DatagramForm) + sizeof(BatchPlace)) +
         list * (sizeof(DatagramForm) + sizeof(AddressOperand));
}

}  // namespace internal
}  // namespace tina
