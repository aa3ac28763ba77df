// SPDX-License-Identifier: Apache-2.0
// Handlers of blocks.tina's Desk.
#pragma once

#include <array>

#include "acts.h"
#include "blocks.tina.h"

namespace blocks {

struct Desk : DeskBase {
  Act mode = Act::LEAVE;
  std::array<tina::Buffer, 2> parcels = {};
  std::array<tina::Blob<64>, 3> blobs = {};

  InitResult on_init(DeskInit&&, Context&) { return ok(); }
  Then<Stay<Open>, Closed> on_order(in<Open>, const Order& m, Context& ctx) {
    if (m.act == Act::CLOSE) return to<Closed>();
    obey(m, ctx);
    if (m.crash) return crash("told to crash");
    return stay();
  }
  Then<Stay<Closed>, Open> on_order(in<Closed>, const Order& m, Context&) {
    misbehave(m.act);
    return to<Open>();
  }
  Then<Stay<Open>> on_parcel(in<Open>, Parcel&& m, Context& ctx) {
    see("desk.parcel", m.data.size());
    switch (mode) {
      case Act::FORWARD:
        sent.push_back(ctx.send(m.from, {.from = m.from, .data = std::move(m.data)}));
        break;
      case Act::KEEP:
        for (tina::Buffer& place : parcels) {
          if (place) continue;
          see("desk.keep", static_cast<std::uint64_t>(ctx.keep(std::move(m.data), place)));
          break;
        }
        break;
      default: {
        const tina::Buffer taken = std::move(m.data);
        see("desk.taken", taken.size());
        misbehave(mode);
      }
    }
    return stay();
  }

 private:
  void obey(const Order& m, Context& ctx) {
    switch (m.act) {
      case Act::MODE:
        mode = static_cast<Act>(m.value);
        break;
      case Act::TAKE:
        see("desk.blob", ctx.blob<200>() ? 1 : 0);
        break;
      case Act::KEEP: {
        tina::Blob<64> blob = ctx.blob<64>();
        blob.bytes()[0] = std::byte{9};
        see("desk.keep", static_cast<std::uint64_t>(ctx.keep(std::move(blob), blobs[m.value])));
        see("desk.still", blob ? 1 : 0);
        break;
      }
      case Act::HIDE:
        blobs[m.value] = ctx.blob<64>();
        break;
      case Act::GIVE:
        ctx.give_back(std::move(blobs[m.value]));
        ctx.give_back(std::move(parcels[0]));
        break;
      default:
        pass_on(m, ctx);
    }
  }

  void pass_on(const Order& m, Context& ctx) {
    tina::Blob<64> fresh;
    if (m.act == Act::AGAIN) fresh = ctx.blob<64>();  // the block that an old handle was for
    if (m.act == Act::STALE || m.act == Act::LETTER || m.act == Act::AGAIN) {
      Post::Letter letter{.data =
                              m.act != Act::LETTER ? std::move(blobs[m.value]) : ctx.blob<64>()};
      if (m.act == Act::LETTER) letter.data.bytes()[0] = std::byte{5};
      sent.push_back(ctx.send(tina::ProtocolRef<Post>(m.to), std::move(letter)));
    }
    if (m.act == Act::SPAWN) {
      HolderInit init{.act = static_cast<Act>(m.value), .seed = ctx.blob<64>()};
      if (init.seed) init.seed.bytes()[0] = std::byte{7};
      const auto spawned = ctx.spawn(std::move(init));
      see("desk.spawned", static_cast<std::uint64_t>(spawned.status));
      see("desk.seed", init.seed ? 1 : 0);
      if (spawned.ok()) last_holder = spawned.ref;
    }
    if (m.act == Act::CRATE) {
      Crate crate{.value = m.value, .data = ctx.blob<64>(), .more = ctx.blob<200>()};
      if (crate.data) crate.data.bytes()[0] = std::byte{3};
      crate.more.resize(20);
      sent.push_back(ctx.send(m.to, std::move(crate)));
      see("desk.crate", crate.data ? 1 : 0);
    }
  }
};

}  // namespace blocks
