// SPDX-License-Identifier: Apache-2.0
// See peer.h.
#include "src/peer.h"

#include "src/call.h"
#include "src/isolate_streams.h"
#include "src/mailbox.h"
#include "src/monitor.h"

namespace tina::internal {
namespace {

/// Slots that one pass looks at, to make those ready who are to hear of a peer.
constexpr std::uint32_t kSlotsPerPass = 4096;

constexpr unsigned bit(unsigned kind) { return 1u << kind; }

void note(ShardParts& shard, PeerLink& link, News kind) {
  PeerNews& news = shard.news;
  const auto number = static_cast<unsigned>(kind);
  link.news[number] = news.newest[number] = ++news.serial;
  news.cursor = {};
  news.telling = true;
}

/// Makes those ready who list what has happened, as far as one pass goes.
void tell_some(ShardParts& shard) {
  SlotCursor& at = shard.news.cursor;
  std::uint32_t left = kSlotsPerPass;
  for (; at.type < shard.type_count; ++at.type, at.slot = 0) {
    TypeBlock& type = shard.types[at.type];
    if (type.table->news == 0) continue;
    for (; at.slot < type.slots; ++at.slot, --left) {
      if (left == 0) return;
      if ((type.meta[at.slot].flags & kLive) != 0 && news_waits(shard, type, at.slot)) {
        push_ready(shard, type, at.slot);
      }
    }
  }
  shard.news.telling = false;
}

}  // namespace

void say(ShardParts& shard, Standing standing) {
  const StateWord::Value said = shard.state.read();
  if (said.standing == standing) return;
  shard.state.write({said.epoch, standing});
  shard.announces = standing != Standing::kStopped;
}

void say_restarted(ShardParts& shard) {
  shard.state.write({shard.state.read().epoch + 1, Standing::kServing});
  shard.announces = true;
}

std::uint32_t watch_peers(ShardParts& shard) {
  std::uint32_t work = shard.ending_monitors == kNoPlace ? 0 : send_ending(shard);
  for (unsigned i = 0; i < shard.links.size(); ++i) {
    PeerLink& link = shard.links[i];
    if (i == index(shard.shard)) continue;
    const StateWord::Value state = shard.peers[i]->state.read();
    if (state != link.state) {
      const bool restarted =
          state.epoch != link.state.epoch && state.standing == Standing::kServing;
      link.state = state;
      if (restarted) note(shard, link, News::kShardRestarted);
      if (state.standing == Standing::kQuarantined) note(shard, link, News::kShardQuarantined);
      if (state.over()) give_up_streams_to(shard, i);
    }
    if (link.ended || !state.over()) continue;
    if (link.promised == 0) {  // nothing waits for it, and nothing will
      link.ended = true;
      continue;
    }
    const ShardId peer{static_cast<std::uint16_t>(i)};
    link.ended = !end_monitors_towards(shard, peer, link.monitor) &&
                 !end_calls_towards(shard, peer, link.cursor);
    ++work;
  }
  if (shard.news.telling) {
    tell_some(shard);
    ++work;
  }
  return work;
}

bool peers_changed(const ShardParts& shard) {
  for (unsigned i = 0; i < shard.links.size(); ++i) {
    if (i == index(shard.shard)) continue;
    if (shard.peers[i]->state.read_for_sleeper() != shard.links[i].state) return true;
  }
  return false;
}

void begin_news(const ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  if (type.table->news != 0) type.heard[slot].kinds = shard.news.newest;
}

bool news_waits(const ShardParts& shard, const TypeBlock& type, std::uint32_t slot) {
  if (type.table->news == 0) return false;
  for (unsigned kind = 0; kind < kNewsKinds; ++kind) {
    if ((type.table->news & bit(kind)) != 0 &&
        type.heard[slot].kinds[kind] < shard.news.newest[kind]) {
      return true;
    }
  }
  return false;
}

unsigned take_news(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  if (!news_waits(shard, type, slot)) return kNewsKinds;
  const unsigned wanted = type.table->news & ~type.table->states[type.meta[slot].state].defers_news;
  std::array<std::uint32_t, kNewsKinds>& heard = type.heard[slot].kinds;
  unsigned found = kNewsKinds;
  unsigned peer = 0;
  for (unsigned i = 0; i < shard.links.size(); ++i) {
    for (unsigned kind = 0; kind < kNewsKinds; ++kind) {
      const std::uint32_t serial = shard.links[i].news[kind];
      if ((wanted & bit(kind)) == 0 || serial <= heard[kind]) continue;
      if (found != kNewsKinds && serial > shard.links[peer].news[found]) continue;
      found = kind;
      peer = i;
    }
  }
  if (found == kNewsKinds) return found;
  heard[found] = shard.links[peer].news[found];
  const ShardId who{static_cast<std::uint16_t>(peer)};
  if (found == static_cast<unsigned>(News::kShardRestarted)) {
    shard.shard_restarted = {who, shard.links[peer].state.epoch};
  } else {
    shard.shard_quarantined = {who};
  }
  return found;
}

}  // namespace tina::internal
