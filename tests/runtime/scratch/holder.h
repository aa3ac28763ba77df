// SPDX-License-Identifier: Apache-2.0
// Handlers of scratch.tina's Holder: reads at an index that the test chooses.
#pragma once

#include <tina/inline_map.h>
#include <tina/list.h>
#include <tina/ring_buffer.h>
#include <tina/string.h>

#include "scratch.tina.h"

namespace scratch {

struct Holder : HolderBase {
  tina::List<std::uint32_t, 4> list{7};
  tina::Bytes<8> bytes{7};
  tina::String<8> text{"x"};
  tina::RingBuffer<std::uint32_t, 4> ring;
  tina::InlineMap<std::uint32_t, std::uint32_t, 4> map;

  InitResult on_init(HolderInit&&, Context&) {
    ring.push_back(7);
    if (!map.insert_or_assign(0, 7)) return crash("full");
    return ok();
  }
  Effect on_order(const Order& order, Context&) {
    if (order.act == Act::Push) {
      while (true) list.push_back(order.number);
    }
    if (read(order) != 7) return crash("another");
    return receive();
  }

 private:
  std::uint32_t read(const Order& order) {
    switch (order.act) {
      case Act::List:
        return list[order.number];
      case Act::Bytes:
        return static_cast<std::uint32_t>(bytes[order.number]);
      case Act::Text:
        return text[order.number] == 'x' ? 7 : 0;
      case Act::Ring:
        return ring[order.number];
      case Act::Map:
        return map.at(order.number);
      default:
        return 7;
    }
  }
};

}  // namespace scratch
