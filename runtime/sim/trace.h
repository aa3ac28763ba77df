// SPDX-License-Identifier: Apache-2.0
// The trace: everything that happens in a run, hashed field by field into one chain. Two runs are
// the same if their chains are; where they part, the first event that differs is known with its
// content. Invariants: a field is an integer of the simulated world, never a pointer, a real time
// or padding, so the chain is equal on every machine, compiler and optimisation level. Simulation's
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "sim/chooser.h"

namespace tina::sim {

enum class TraceKind : std::uint8_t {
  kDispatch,    ///< shard, type, slot, generation, state, event | tag
  kStart,       ///< shard, token, operation, descriptor, size, peer of a connect
  kCompletion,  ///< shard, token, value, hash of the bytes
  kListen,      ///< shard, port, result
  kClose,       ///< shard, descriptor
  kConnect,     ///< connection, peer, port, address
  kRefused,     ///< connection
  kPeerBytes,   ///< connection, size, hash of the bytes
  kPeerClosed,  ///< connection, how
  kReset,       ///< connection: injected by the network
  kCrash,       ///< shard, type, slot, state, hash of the reason, injected
  kRestart,     ///< shard, restarts so far
  kSleep,       ///< shard, deadline
  kPeerNote,    ///< peer, its number, what it noted
  kStop,        ///< the simulated SIGTERM
  kOpen,        ///< shard, result
  kConnectOut,  ///< connection, shard, descriptor, port, address
  kFeed,        ///< size, hash of the bytes, whether that is the end
  kOutput,      ///< standard error, size, hash of the bytes
  kSignal,      ///< which, how many objects hear of it
  kResolve,     ///< shard, token, hash of the name, port
  kDatagram,    ///< from port, to port, size, hash of the bytes, lost, twice
  kHandOver,    ///< shard, descriptor, the shard from which it comes
  kPower,       ///< fails, or is back: 0 or 1
};

struct TraceEvent {
  TraceKind kind;
  std::uint64_t time_ns;
  std::array<std::uint64_t, 6> field;

  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

/// One line of text: kind, time and named fields.
[[gnu::cold]] std::string describe(const TraceEvent& event);

/// FNV-1a, 64 bits, over bytes in order. Source: Fowler, Noll and Vo, RFC 9923.
std::uint64_t hash_bytes(std::span<const std::byte> bytes);
std::uint64_t hash_text(const char* text);

class Trace {
 public:
  /// Compares each event with the one of `earlier` at the same place. Null: keeps events for a
  /// later comparison instead.
  explicit Trace(const Trace* earlier);

  using Fields = std::array<std::uint64_t, 6>;

  /// Allocates nothing: its memory is reserved, and present once it is used.
  void record(std::uint64_t time_ns, TraceKind kind, const Fields& field) {
    record_spread(time_ns, kind, field, spread(field[0]), spread(field[1]), spread(field[2]),
                  spread(field[3]), spread(field[4]), spread(field[5]));
  }
  /// The same where the caller knows the fields' spreads. Always inlined, for the one of each
  /// handler call: the words of a chain wait for each other, about as long as all else of a call
  /// takes, and both happen at once only where that is few instructions.
  template <class... Spreads>
  [[gnu::always_inline]] void record_spread(std::uint64_t time_ns, TraceKind kind,
                                            const Fields& field, Spreads... spreads) {
    static_assert(sizeof...(spreads) == std::tuple_size_v<Fields>);
    if (time_ns != time_ns_) {
      time_ns_ = time_ns;
      spread_time_ = spread(time_ns);
    }
    std::uint64_t chain = absorb(combine(chain_, static_cast<std::uint64_t>(kind)), spread_time_);
    ((chain = absorb(chain, spreads)), ...);
    chain_ = chain;
    const std::uint64_t index = size_++;
    if (index < same_until_ && expected_[index] == chain) return;
    if (index < kEventsKept || earlier_ != nullptr) return keep(index, {kind, time_ns, field});
    if (index < kChainsKept) chains_.push_back(chain);
  }

  std::uint64_t hash() const { return chain_; }
  std::uint64_t size() const { return size_; }
  /// Whether the runs have parted, also because this one ended early.
  bool diverged() const;
  /// What parted first: index and both events. Meaningful after diverged().
  [[gnu::cold]] std::string divergence() const;

 private:
  /// Beyond these the runs are compared by their chains alone: 48 MB and 64 MB.
  static constexpr std::size_t kEventsKept = std::size_t{3} << 18;
  static constexpr std::size_t kChainsKept = std::size_t{1} << 23;
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

  void keep(std::uint64_t index, const TraceEvent& event);

  const Trace* earlier_;
  std::uint64_t chain_ = 0x74696e61;
  std::uint64_t size_ = 0;
  std::uint64_t time_ns_ = 0, spread_time_ = spread(0);  ///< of the last event
  std::uint64_t same_until_ = 0;  ///< events whose chains are compared with the earlier run's
  const std::uint64_t* expected_ = nullptr;  ///< those
  std::vector<TraceEvent> events_;
  std::vector<std::uint64_t> chains_;
  std::uint64_t parted_at_ = kNowhere;
  TraceEvent parted_with_{};
};

}  // namespace tina::sim
