// SPDX-License-Identifier: Apache-2.0
// Handlers of blocks.tina's Holder.
#pragma once

#include "acts.h"
#include "blocks.tina.h"

namespace blocks {

struct Holder : HolderBase {
  tina::Blob<64> kept = {};

  InitResult on_init(HolderInit&& init, Context& ctx) {
    see("holder.seed", init.seed ? static_cast<std::uint64_t>(init.seed.bytes()[0]) : 0);
    if (init.act == Act::KEEP) see("holder.keep", keep(ctx, std::move(init.seed)));
    misbehave(init.act);
    return ok();
  }
  Then<Stay<Machine>, Deaf, Gone> on_order(in<Machine>, const Order& m, Context&) {
    misbehave(m.act);
    if (m.act == Act::END) return to<Gone>();
    if (m.act == Act::CLOSE) return to<Deaf>();
    return stay();
  }
  Then<Stay<Idle>> on_crate(in<Idle>, Crate&& m, Context& ctx) {
    see("holder.crate", static_cast<std::uint64_t>(m.data.bytes()[0]));
    see("holder.more", m.more.size());
    if (m.value == 1) see("holder.keep", keep(ctx, std::move(m.data)));
    return stay();
  }
  Then<Stay<Idle>> on_post_letter(in<Idle>, Post::Letter&& m, Context&) {
    see("holder.letter", static_cast<std::uint64_t>(m.data.bytes()[0]));
    return stay();
  }

 private:
  std::uint64_t keep(Context& ctx, tina::Blob<64>&& blob) {
    return static_cast<std::uint64_t>(ctx.keep(std::move(blob), kept));
  }
};

}  // namespace blocks
