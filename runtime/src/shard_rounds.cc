// SPDX-License-Identifier: Apache-2.0
// See shard_rounds.h.
#include "src/shard_rounds.h"

#include <algorithm>
#include <bit>

namespace tina::internal {
namespace {

/// Between two looks no more than this should pass, and a pace at which it is this little is too
/// slow.
constexpr std::uint64_t kSlowNs = kPassTimeNs / 2;
constexpr std::uint64_t kQuickNs = kPassTimeNs / 16;

/// Runs a batch of a type. A fault jumps out of it: then it counts as spent.
void run_batch(ShardParts& shard, const TypeBlock& type) {
  std::uint32_t& calls = shard.rounds.calls;
  const std::uint32_t before = calls;
  const std::uint32_t share = std::max(type.share >> shard.pace, 1U);
  calls = before + share;
  calls = before + type.table->dispatch(shard, share);
}

/// One round, from either end, or what is left of it: a type that is made busy in it is visited in
/// the next at the latest.
void run_round(ShardParts& shard) {
  Rounds& rounds = shard.rounds;
  const unsigned step = shard.backwards ? ~0U : 1;
  if (rounds.words == 0) {
    rounds.words = shard.busy_types.words_of(shard.type_count);
    rounds.word = step == 1 ? 0 : rounds.words - 1;
    rounds.busy = shard.busy_types.word(rounds.word);
  }
  std::uint64_t busy = rounds.busy;
  for (;;) {
    while (busy != 0) {
      const auto bit =
          static_cast<unsigned>(step == 1 ? std::countr_zero(busy) : 63 - std::countl_zero(busy));
      busy ^= std::uint64_t{1} << bit;
      rounds.busy = busy;
      run_batch(shard, shard.types[rounds.word * 64 + bit]);
    }
    rounds.word += step;
    if (rounds.word >= rounds.words) break;  // below the first word is none either: it wraps
    busy = shard.busy_types.word(rounds.word);
  }
  rounds.words = 0;
}

/// Whether the pass has spent its calls or its time. Looks at the clock from time to time.
bool spent(ShardParts& shard) {
  Rounds& rounds = shard.rounds;
  if (rounds.calls >= kCallsPerPass) return true;
  const PassClock& clock = rounds.clock;
  if (rounds.calls - rounds.looked_at < kCallsPerLook >> shard.pace || clock.read_ns == nullptr) {
    return false;
  }
  const std::uint64_t now_ns = clock.read_ns(clock.clock);
  const std::uint64_t took_ns = now_ns - shard.looked_ns;
  if (took_ns > kSlowNs && shard.pace < kPaceMax) ++shard.pace;
  if (took_ns < kQuickNs && shard.pace > 0) --shard.pace;
  shard.looked_ns = now_ns;
  rounds.looked_at = rounds.calls;
  return now_ns - shard.now.ns >= kPassTimeNs;
}

/// Runs rounds from where they stand on.
void run_rounds(ShardParts& shard) {
  while (!shard.tree.halted()) {
    run_round(shard);
    if (!shard.busy_types.any()) return;
    if (!spent(shard)) continue;
    shard.backwards = !shard.backwards;
    return;
  }
}

}  // namespace

void share_out(ShardParts& shard) {
  std::uint64_t weights = 0;
  for (const TypeTable& type : shard.role->types) weights += type.slots == 0 ? 0 : type.weight;
  const std::uint64_t round = std::min<std::uint64_t>(weights * kCallsPerWeight, kCallsPerPass);
  for (unsigned i = 0; i < shard.type_count; ++i) {
    TypeBlock& type = shard.types[i];
    if (type.slots == 0) continue;
    type.share = std::max(static_cast<std::uint32_t>(type.table->weight * round / weights), 1U);
  }
}

void begin_rounds(ShardParts& shard, std::uint64_t now_ns) {
  // From its begin to that of the next one, which follows at once.
  if (shard.worked) {
    shard.counters.pass_ns_max = std::max(shard.counters.pass_ns_max, now_ns - shard.now.ns);
  }
  // A pass with few calls has not looked at the clock; this is how slow ones among them are found.
  if (shard.worked && now_ns - shard.looked_ns > kSlowNs && shard.pace < kPaceMax) ++shard.pace;
  shard.looked_ns = now_ns;
  shard.now = Instant{now_ns};
}

std::uint32_t dispatch_ready(ShardParts& shard, const PassClock& clock) {
  if (!shard.busy_types.any()) return 0;
  shard.rounds = {.clock = clock};
  while (!run_trapped(shard, run_rounds)) {
  }
  return shard.rounds.calls;
}

}  // namespace tina::internal
