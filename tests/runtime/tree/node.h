// SPDX-License-Identifier: Apache-2.0
// Handlers of tree.tina's Node, and the script that all handlers of tree.tina follow.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tree.tina.h"

namespace tree {

/// What an isolate is to do when it starts or is asked to end. kStay: it does not end by itself.
enum class Does : std::uint8_t { kGood, kCrash, kEnd, kStay };

/// What has happened, as `init 3` or `stop 3`, with `.index` behind it in a child `* N`.
inline std::vector<std::string> story;
inline std::map<std::uint32_t, Does> at_init, at_stop;  // by number
inline std::vector<tina::SpawnStatus> spawned;
inline std::vector<tina::SendResult> sent;

inline Does plan_of(const std::map<std::uint32_t, Does>& plan, std::uint32_t number) {
  const auto found = plan.find(number);
  return found == plan.end() ? Does::kGood : found->second;
}
inline void tell(const char* what, std::uint32_t number, std::uint32_t index = 0) {
  std::string line = std::string(what) + " " + std::to_string(number);
  if (number == 10 || number == 2000) line += "." + std::to_string(index);
  story.push_back(line);
}

struct Node : NodeBase {
  std::uint32_t number = 0;
  std::uint32_t index = 0;

  InitResult on_init(NodeInit&& init, Context&) {
    number = init.number;
    index = init.index;
    tell("init", number, index);
    switch (plan_of(at_init, number)) {
      case Does::kCrash:
        return crash("told to crash in init");
      case Does::kEnd:
        return done();
      default:
        return ok();
    }
  }
  Then<Stay<Up>, Gone> on_order(in<Up>, const Order& order, Context& ctx) {
    if (order.act == Act::CRASH) return crash("told to crash");
    if (order.act == Act::END) return to<Gone>();
    if (order.act == Act::SPAWN) spawned.push_back(ctx.spawn(GuestInit{.number = 50}).status);
    const Order poke{.act = Act::POKE};
    const auto there = static_cast<tina::ShardId>(order.value >> 16);
    const std::uint32_t which = order.value & 0xffff;
    if (order.act == Act::THIRD) sent.push_back(ctx.send(ctx.child<Rest::third>(), poke));
    if (order.act == Act::POOL) {
      sent.push_back(ctx.send(ctx.child<main::Rest::pool>(there, which), poke));
    }
    if (order.act == Act::POKE) tell("poke", number, index);
    return stay();
  }
  Then<Stay<Up>, Gone> on_sys_shutdown(in<Up>, const sys::Shutdown&, Context&) {
    tell("stop", number, index);
    switch (plan_of(at_stop, number)) {
      case Does::kCrash:
        return crash("told to crash while it stops");
      case Does::kStay:
        return stay();
      default:
        return to<Gone>();
    }
  }
};

}  // namespace tree
