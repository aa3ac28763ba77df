// SPDX-License-Identifier: Apache-2.0
// See partition.h.
#include "partition.h"

namespace kv_store {

Partition::InitResult Partition::on_init(PartitionInit&& init, Context&) {
  part = init.part;
  index = init.index;
  fault = init.fault;
  return ok();
}

Partition::Answer<Store::Get, Partition::Stay<Partition::Serving>> Partition::on_store_get(
    in<Serving>, const Store::Get& get, Context& ctx) {
  if (at_fault()) return crash("told to");
  const Held* held = entries.find(get.key);
  return stay(
      reply(Store::Get::Result{.value = held != nullptr ? *held : Held{}, .place = place(ctx)}));
}

Partition::Answer<Store::Put, Partition::Stay<Partition::Serving>> Partition::on_store_put(
    in<Serving>, const Store::Put& put, Context& ctx) {
  if (at_fault()) return crash("told to");
  const bool done = entries.insert_or_assign(put.key, put.value);
  return stay(reply(
      Store::Put::Result{.change = done ? Change::Done : Change::NoRoom, .place = place(ctx)}));
}

Partition::Answer<Store::Erase, Partition::Stay<Partition::Serving>> Partition::on_store_erase(
    in<Serving>, const Store::Erase& erase, Context& ctx) {
  if (at_fault()) return crash("told to");
  Held erased;
  if (Held* held = entries.find(erase.key)) std::swap(erased, *held);
  return stay(reply(Store::Erase::Result{.erased = erased, .place = place(ctx)}));
}

Partition::Then<Partition::Compacting, Partition::Rebuilding> Partition::on_store_compact(
    in<Serving>, const Store::Compact& compact, Context&) {
  whom_ = compact.whom;
  round_ = compact.round;
  // Each partition takes its turn to be rebuilt.
  if (round_ % (2 * PARTITIONS) == index) return to<Rebuilding>();
  return to<Compacting>();
}

Partition::Entry<Partition::Sweep> Partition::on_enter(in<Sweep>, Context& ctx) {
  decltype(entries) kept;
  entries.for_each([&](const Key& key, const Held& held) {
    if (held.has_value()) TINA_ASSERT(kept.insert_or_assign(key, held));
  });
  const auto dropped = static_cast<std::uint32_t>(entries.size() - kept.size());
  entries = kept;
  const Sweeping::Compacted report{
      .round = round_, .kept = static_cast<std::uint32_t>(kept.size()), .dropped = dropped};
  unheard += ctx.send(whom_, report) != tina::SendResult::kQueued;
  return start();
}

}  // namespace kv_store
