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

/// One round, from either end: a type that is made busy in it is visited in the next at the latest.
std::uint32_t run_round(ShardParts& shard) {
  const unsigned words = shard.busy_types.words_of(shard.type_count);
  const unsigned step = shard.backwards ? ~0U : 1;
  std::uint32_t calls = 0;
  // Below the first word is none either: the number wraps.
  for (unsigned word = step == 1 ? 0 : words - 1; word < words; word += step) {
    std::uint64_t busy = shard.busy_types.word(word);
    if (busy == 0) continue;
    do {
      const auto bit =
          static_cast<unsigned>(step == 1 ? std::countr_zero(busy) : 63 - std::countl_zero(busy));
      busy &= ~(std::uint64_t{1} << bit);
      const TypeBlock& type = shard.types[word * 64 + bit];
      calls += run_trapped(shard, type.table->dispatch, std::max(type.share >> shard.pace, 1U));
      if (shard.tree.halted()) [[unlikely]]
        return calls;
    } while (busy != 0);
  }
  return calls;
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
  std::uint32_t calls = 0;
  std::uint32_t looked_at = 0;
  while (shard.busy_types.any() && !shard.tree.halted()) {
    calls += run_round(shard);
    bool spent = calls >= kCallsPerPass;
    if (calls - looked_at >= kCallsPerLook >> shard.pace && clock.read_ns != nullptr) {
      const std::uint64_t now_ns = clock.read_ns(clock.clock);
      const std::uint64_t took_ns = now_ns - shard.looked_ns;
      if (took_ns > kSlowNs && shard.pace < kPaceMax) ++shard.pace;
      if (took_ns < kQuickNs && shard.pace > 0) --shard.pace;
      shard.looked_ns = now_ns;
      looked_at = calls;
      spent = spent || now_ns - shard.now.ns >= kPassTimeNs;
    }
    if (!spent) continue;
    shard.backwards = !shard.backwards;
    break;
  }
  return calls;
}

}  // namespace tina::internal
