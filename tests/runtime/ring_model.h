// SPDX-License-Identifier: Apache-2.0
// A small machine that runs the ring and the sleep flag step by step under the C++ memory model, so
// that ring_model_test.cc can try *every* interleaving and *every* stale read within small bounds.
//
// Why: threads on one x86 machine show few of the behaviours that the language allows, and a lost
// wake-up may need a store that waits in a buffer for exactly the wrong moment.
//
// How: each location keeps all its writes in order. Each thread has a view, the newest write of
// each location that it must know; a load may return any write from there on. So a write that
// others do not see yet is what a store buffer holds, and a load that is satisfied early is an old
// write read late: both are choices of the search. A release write carries its thread's view, an
// acquire load joins it; a seq_cst load may not miss the last seq_cst write to its location. Plain
// locations (slots) must not race: who reads or overwrites one must have the last access in its
// view. This is the promise-free part of "A promising semantics for relaxed-memory concurrency"
// (Kang et al., POPL 2017) with seq_cst per location; loads never see writes that are still to
// come. Invariant: a step is one memory access. The program is a transcription of src/ring.h and
// src/sleep_flag.h: whoever changes an order or a sequence there changes it here.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace tina::internal::model {

inline constexpr unsigned kRings = 2;  // at most; each has a sender of its own
inline constexpr unsigned kCapacity = 2;
inline constexpr unsigned kReceiver = kRings;
inline constexpr unsigned kThreads = kRings + 1;
inline constexpr unsigned kWritesMax = 24;

/// What is wrong with the program: nothing, or one planted bug.
enum class Bug : std::uint8_t {
  kNone,
  kRecheckOmitted,
  kRecheckBeforeAnnounce,
  kRecheckOfOneRingOnly,
  kRecheckAcquire,
  kAnnounceRelaxed,
  kPublishReleaseStore,
  kPublishAcqRel,
  kPublishRelaxed,
  kPublishBeforeFill,
  kAskRelaxed,
  kAskBeforePublish,
  kWakeWithoutExchange,
  kPeekRelaxed,
  kReserveRelaxed,
  kReleaseRelaxed,
  kReleaseBeforeRead,
};

enum class Order : std::uint8_t { kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst };

// Atomic locations first, then plain ones: a slot, and the mark of its last read.
inline constexpr unsigned kSleeping = 0;
constexpr unsigned tail_of(unsigned ring) { return 1 + 2 * ring; }
constexpr unsigned head_of(unsigned ring) { return 2 + 2 * ring; }
inline constexpr unsigned kAtomics = 1 + 2 * kRings;
constexpr unsigned slot_of(unsigned ring, unsigned index) {
  return kAtomics + 2 * (ring * kCapacity + index % kCapacity);
}
constexpr unsigned read_mark_of(unsigned ring, unsigned index) { return slot_of(ring, index) + 1; }
inline constexpr unsigned kLocations = kAtomics + 2 * kRings * kCapacity;

using View = std::array<std::uint8_t, kLocations>;

inline void join(View& into, const View& from) {
  for (unsigned at = 0; at < kLocations; ++at) into[at] = std::max(into[at], from[at]);
}

struct Write {
  std::uint8_t value;
  View view;
};

enum class At : std::uint8_t {
  kReserve,
  kFill,
  kPublish,
  kAsk,
  kTake,
  kWake,
  kPeek,
  kRead,
  kRelease,
  kAnnounce,
  kRecheck,
  kBlock,
  kClear,
  kDone,
};

struct Thread {
  At at;
  std::uint8_t ring;        // which one it works on
  std::uint8_t batch_left;  // sender: messages before its next publish
  View view;
};

/// Indices of one ring that only one side knows.
struct Local {
  std::uint8_t written, published, cached_head;  // the sender's
  std::uint8_t read, cached_tail;                // the receiver's
};

/// The whole world between two steps.
struct State {
  std::array<Thread, kThreads> threads;
  std::array<Local, kRings> locals;
  std::array<std::uint8_t, kAtomics> writes;  // of each atomic
  std::array<std::uint8_t, kAtomics> last_seq_cst;
  View last_access;  // plain locations: the newest write (of a slot) or read (of a mark)
  std::array<std::uint8_t, kRings * kCapacity> slot_values;
  View wake_view;
  std::uint8_t wakes;  // pending in the descriptor
  std::uint8_t sleeps_announced, wakes_sent;
  std::array<std::array<Write, kWritesMax>, kAtomics> history;
};
static_assert(std::is_trivially_copyable_v<State>);
static_assert(std::has_unique_object_representations_v<State>, "states are compared by bytes");

struct Bounds {
  unsigned rings;
  unsigned messages;  // of each sender
  unsigned batch;     // messages per publish
};

/// What a search found: the first violation with the steps that lead to it, or none.
struct Verdict {
  std::string violation;
  std::string trace;
  std::size_t states = 0;
};

/// Searches every reachable state of one program.
class Explorer {
 public:
  Explorer(Bounds bounds, Bug bug) : bounds_(bounds), bug_(bug) {}
  Verdict run();

 private:
  bool has(Bug bug) const { return bug_ == bug; }
  void visit(const State& state);
  void fail(std::string violation);
  std::string key_of(const State& state) const;
  void step(const State& state, unsigned thread);
  void step_sender(const State& state, unsigned thread);
  void step_receiver(const State& state);
  void step_sleeper(const State& state);
  void after_asking(State& state, unsigned thread);
  void go_to_sleep(State& state);

  template <typename Then>
  void load(const State& state, unsigned thread, unsigned location, Order order, Then then);
  void store(State& state, unsigned thread, unsigned location, std::uint8_t value, Order order);
  std::uint8_t exchange(State& state, unsigned thread, unsigned location, std::uint8_t value,
                        Order order);
  void append(State& state, unsigned thread, unsigned location, std::uint8_t value, Order order);

  Bounds bounds_;
  Bug bug_;
  Verdict verdict_;
  bool moved_ = false;
  std::vector<std::string> path_;
  std::unordered_set<std::string> seen_;
};

}  // namespace tina::internal::model
