// SPDX-License-Identifier: Apache-2.0
// What a shard knows of its peers: the word in which each says how it stands, what waits for its
// answers here, and the news of it that isolates are to hear. Invariants: a word is written by its
// own shard alone; its epoch only grows; an isolate that lists a kind of news hears each change
// after its start at least once in its newest form, and needs no room in its mailbox for it. Owned
// by the shard's thread, except the word, which any shard may read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "tina/shard_core.h"

namespace tina::internal {

struct ShardParts;

/// How a shard stands. Only a serving one takes calls.
enum class Standing : std::uint8_t { kServing, kStopped, kQuarantined };

/// The word of a shard: its standing, and how often it has been restarted.
class StateWord {
 public:
  struct Value {
    std::uint32_t epoch = 0;
    Standing standing = Standing::kServing;

    friend bool operator==(Value, Value) = default;
    bool over() const { return standing >= Standing::kStopped; }
  };

  /// Any shard. What the word's shard had published before it wrote this is seen, too.
  Value read() const {
    // acquire: pairs with the exchange in write(), so that who drains its ring after this finds all
    // that was answered before. Nothing that the reader has written must be seen by the word's
    // shard in turn, so no more than that is needed.
    return unpack(word_.load(std::memory_order_acquire));
  }
  /// The recheck of a sleeper, after SleepFlag::announce_sleep().
  Value read_for_sleeper() const {
    // seq_cst: pairs with the exchange in write(), as in Ring::empty_for_sleeper().
    return unpack(word_.load(std::memory_order_seq_cst));
  }
  /// The word's own shard. The caller then asks the peers' SleepFlags.
  void write(Value value) {
    // seq_cst: release pairs with the acquire in read(); the total order pairs with the load in
    // read_for_sleeper(), so that this write and the look at a SleepFlag cannot both be missed.
    word_.exchange(std::uint64_t{value.epoch} << 8 | static_cast<std::uint8_t>(value.standing),
                   std::memory_order_seq_cst);
  }

 private:
  static Value unpack(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> 8), static_cast<Standing>(word & 0xff)};
  }

  std::atomic<std::uint64_t> word_{0};
};

/// How far a walk over the slots of all types has come.
struct SlotCursor {
  std::uint32_t type = 0;
  std::uint32_t slot = 0;
};

/// What a shard waits for from another one, and has to say of it.
struct PeerLink {
  std::uint32_t promised = 0;  ///< answers and Downs on their way
  std::uint32_t promises = 0;  ///< at most
  std::uint32_t watched = 0;   ///< Downs among them
  std::uint32_t watches = 0;   ///< at most: the places that the other shard has for them
  StateWord::Value state;      ///< as last seen
  SlotCursor cursor;           ///< how far the end of calls has come, after the peer has given up
  std::uint32_t monitor = 0;   ///< before that, of monitors: the next record
  bool ended = false;
  std::array<std::uint32_t, kNewsKinds>
      news{};  ///< serial of its last change of each kind; 0: none
};

/// What the isolates of a shard are to hear of its peers.
struct PeerNews {
  std::array<std::uint32_t, kNewsKinds> newest{};  ///< serial of the last change of each kind
  std::uint32_t serial = 0;                        ///< of the last change of all
  SlotCursor cursor;                               ///< who has been made ready for it
  bool telling = false;
};

/// Says how this shard stands; its peers are woken with the next publish.
void say(ShardParts& shard, Standing standing);
/// Says that this shard has been restarted: whoever lived here before is dead, and all has been
/// told.
void say_restarted(ShardParts& shard);
/// Looks at what the peers say of themselves: ends what waits for one that is over, tells those who
/// list it. Once per pass, bounded; returns the work done.
std::uint32_t watch_peers(ShardParts& shard);
/// Whether a peer says something else than when it was looked at last. For a sleeper.
bool peers_changed(const ShardParts& shard);

/// An isolate hears what changes from now on.
void begin_news(const ShardParts& shard, TypeBlock& type, std::uint32_t slot);
/// Whether there is news that the slot has not heard, whether its state defers it or not.
bool news_waits(const ShardParts& shard, const TypeBlock& type, std::uint32_t slot);
/// Takes the slot's oldest news that its state does not defer into the core; returns its kind.
/// kNewsKinds: there is none. O(shards).
unsigned take_news(ShardParts& shard, TypeBlock& type, std::uint32_t slot);

}  // namespace tina::internal
