// SPDX-License-Identifier: Apache-2.0
// Transitions of machines whose states nest (tina/dispatch.h). A machine is always in a leaf, and
// so in every state around it. Invariants: `meta.state` is a leaf, from the moment of the
// transition, so that a crash in the middle of a chain of entries is reported in the state that was
// to be entered; a timeout runs exactly while its state is around the leaf. Depth is bounded by the
// generator, so the walks are short. Runs on the shard's thread.
#include "src/call.h"
#include "src/isolate_timer.h"
#include "src/mailbox.h"

namespace tina::internal {
namespace {

using States = std::span<const StateTable>;

std::uint8_t leaf_of(States states, std::uint8_t state) {
  while (states[state].initial != kNoState) state = states[state].initial;
  return state;
}

/// The innermost state around both; kNoState: the machine itself. A state is not around itself, so
/// a transition to the active leaf or to a state around it leaves that state.
std::uint8_t around_both(States states, std::uint8_t leaf, std::uint8_t target) {
  std::uint8_t around = states[target].parent;
  for (; around != kNoState; around = states[around].parent) {
    for (std::uint8_t at = states[leaf].parent; at != kNoState; at = states[at].parent) {
      if (at == around) return around;
    }
  }
  return around;
}

/// Goes on inwards from `entered` (kNoState: from the machine) to the next state with an
/// `on_enter`; ends the isolate if it arrives at a final leaf.
std::uint8_t next_entry(ShardParts& shard, TypeBlock& type, std::uint32_t slot,
                        std::uint8_t entered) {
  const States states = type.table->states;
  const std::uint8_t leaf = type.meta[slot].state;
  while (entered != leaf) {
    std::uint8_t inner = leaf;
    while (states[inner].parent != entered) inner = states[inner].parent;
    if (states[inner].enter) return inner;
    entered = inner;
  }
  if (states[leaf].final) end_isolate(shard, type, slot, Exit::kNormal);
  return kNoState;
}

}  // namespace

std::uint8_t apply_nested(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                          const EffectHead& head, const StartList& starts, bool started) noexcept {
  ShardParts& shard = parts(core);
  SlotMeta& meta = type.meta[slot];
  const std::uint32_t generation = meta.generation;
  const bool moves = started || head.next() == Next::kTransition;
  const std::uint8_t target = started ? type.table->initial : head.target();
  if (moves) {
    const std::uint64_t listed = type.table->states[leaf_of(type.table->states, target)].listed;
    if (type.records[slot].calls > 0) abandon_calls(type, slot, listed);
    if (type.table->connects) shard.reactor.give_up_connects(shard, type, slot, listed);
  }
  apply_effect(core, type, slot, head.staying_in(head.target()), starts, false);
  if (meta.generation != generation) return kNoState;
  if (!moves) return kNoState;
  const States states = type.table->states;
  std::uint8_t around = kNoState;
  if (started) {
    begin_running(shard, type, slot);
  } else {
    around = around_both(states, meta.state, target);
    for (std::uint8_t left = meta.state; left != around; left = states[left].parent) {
      if (states[left].after_ns != 0) leave_after(shard, type, slot, states[left].level);
    }
  }
  meta.state = leaf_of(states, target);
  for (std::uint8_t in = meta.state; in != around; in = states[in].parent) {
    const std::int64_t after_ns = states[in].after_ns;
    if (after_ns != 0) start_after(shard, type, slot, after_ns, states[in].level);
  }
  recheck_held(core, type, slot);
  return next_entry(shard, type, slot, around);
}

std::uint8_t apply_entry(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                         const EffectHead& head, const StartList& starts,
                         std::uint8_t state) noexcept {
  const std::uint32_t generation = type.meta[slot].generation;
  apply_effect(core, type, slot, head, starts, false);
  if (type.meta[slot].generation != generation) return kNoState;
  return next_entry(parts(core), type, slot, state);
}

}  // namespace tina::internal
