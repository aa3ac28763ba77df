// SPDX-License-Identifier: Apache-2.0
// Handlers of courier.tina's Office: parcel after parcel on another way. A way that is closed (no
// blob, no place, no slot) is not taken, and the parcel goes back as it came.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>

#include "courier.tina.h"

namespace courier {

struct Office : OfficeBase {
  struct Kept {
    tina::Ref<Connection> from;
    tina::Buffer data;
  };
  std::array<Kept, 4> kept = {};
  std::uint32_t parcels = 0;

  InitResult on_init(OfficeInit&&, Context&) { return ok(); }
  Effect on_parcel(Parcel&& parcel, Context& ctx) {
    switch (parcels++ % 4) {
      case 0:
        copy(parcel, ctx);
        break;
      case 1:
        keep(parcel, ctx);
        break;
      case 2: {
        ClerkInit init{.parcel_of = parcel.from, .data = std::move(parcel.data)};
        if (!ctx.spawn(std::move(init)).ok()) parcel.data = std::move(init.data);
        break;
      }
      default:
        break;
    }
    if (parcel.data) pass_on(parcel, ctx);
    return receive();
  }
  Effect on_flush(const tina::Fired&, Context& ctx) {
    for (Kept& place : kept) {
      if (!place.data) continue;
      Parcel parcel{.from = place.from, .data = std::move(place.data)};
      if (!pass_on(parcel, ctx)) ctx.give_back(std::move(parcel.data));
    }
    return receive();
  }

 private:
  static bool pass_on(Parcel& parcel, Context& ctx) {
    return ctx.send(parcel.from, std::move(parcel)) == tina::SendResult::kQueued;
  }
  static void copy(Parcel& parcel, Context& ctx) {
    Crate crate{.data = ctx.blob<BUF>()};
    if (!crate.data) return;
    const auto bytes = parcel.data.bytes();
    crate.data.resize(bytes.size());
    std::copy(bytes.begin(), bytes.end(), crate.data.bytes().begin());
    if (ctx.send(parcel.from, std::move(crate)) == tina::SendResult::kQueued) {
      parcel.data = tina::Buffer{};  // reclaimed when the handler ends
    }
  }
  void keep(Parcel& parcel, Context& ctx) {
    for (Kept& place : kept) {
      if (place.data) continue;
      if (ctx.keep(std::move(parcel.data), place.data) != tina::KeepResult::kKept) return;
      place.from = parcel.from;
      ctx.flush.arm(std::chrono::milliseconds(2));
      return;
    }
  }
};

}  // namespace courier
