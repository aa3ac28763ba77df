// SPDX-License-Identifier: Apache-2.0
// Handlers of scratch.tina's Taker and Modest: they take what they are told to, and remember it.
#pragma once

#include <cstring>
#include <vector>

#include "scratch.tina.h"

namespace scratch {

/// What handlers have seen, for the test: addresses and sizes of pieces.
inline std::vector<std::pair<std::byte*, std::size_t>> pieces;
inline unsigned inits = 0;

template <class Context>
const char* act(const Order& order, Context& ctx) {
  auto piece = ctx.scratch().template take<std::byte>(order.number);
  for (const std::byte value : piece) {
    if (value != std::byte{0}) return "not zero";
  }
  if (!piece.empty()) std::memset(piece.data(), 0xee, piece.size());
  if (order.act == Act::Stale) {
    std::byte* volatile old = pieces.back().first;
    *old = std::byte{1};
    return nullptr;
  }
  pieces.emplace_back(piece.data(), piece.size());
  std::byte* volatile end = piece.data() + piece.size();
  if (order.act == Act::Overrun) *end = std::byte{1};
  if (order.act == Act::Crash) return "told to";
  volatile int* volatile nowhere = nullptr;
  if (order.act == Act::Recover) *nowhere = 1;
  return nullptr;
}

struct Taker : TakerBase {
  InitResult on_init(TakerInit&&, Context&) {
    ++inits;
    return ok();
  }
  Effect on_order(const Order& order, Context& ctx) {
    const char* trouble = act(order, ctx);
    if (trouble != nullptr) return crash("told to");
    return receive();
  }
};

struct Modest : ModestBase {
  InitResult on_init(ModestInit&&, Context&) { return ok(); }
  Effect on_order(const Order& order, Context& ctx) {
    if (act(order, ctx) != nullptr) return crash("told to");
    return receive();
  }
};

struct Absent : AbsentBase {
  InitResult on_init(AbsentInit&&, Context&) { return ok(); }
  Effect on_order(const Order&, Context&) { return receive(); }
};

}  // namespace scratch
