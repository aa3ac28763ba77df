// SPDX-License-Identifier: Apache-2.0
// Handlers of kv_store.tina's Partition. An erased key keeps its entry until all is compacted.
#pragma once

#include "kv_store.tina.h"
#include "tina/inline_map.h"

namespace kv_store {

struct Partition : PartitionBase {
  using Held = tina::Option<Value>;

  tina::InlineMap<Key, Held, ROOM> entries;
  std::uint32_t part = 0;
  std::uint32_t index = 0;
  std::uint32_t fault = 0;
  std::uint32_t calls = 0;
  std::uint32_t unheard = 0;  ///< reports for which the sweeper had no place

  InitResult on_init(PartitionInit&&, Context&);
  Answer<Store::Get, Stay<Serving>> on_store_get(in<Serving>, const Store::Get&, Context&);
  Answer<Store::Put, Stay<Serving>> on_store_put(in<Serving>, const Store::Put&, Context&);
  Answer<Store::Erase, Stay<Serving>> on_store_erase(in<Serving>, const Store::Erase&, Context&);
  Then<Compacting, Rebuilding> on_store_compact(in<Serving>, const Store::Compact&, Context&);
  Entry<Sweep> on_enter(in<Sweep>, Context&);

 private:
  Place place(const Context& ctx) const {
    return {.life = ctx.self(), .part = part, .index = index};
  }
  bool at_fault() { return ++calls == fault; }

  tina::ProtocolRef<Sweeping> whom_{};  ///< who wants to hear of this round
  std::uint32_t round_ = 0;
};

}  // namespace kv_store
