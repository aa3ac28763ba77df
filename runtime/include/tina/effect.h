// SPDX-License-Identifier: Apache-2.0
// Effects: what a handler returns to say what happens next. An effect is a plain value; nothing
// starts before the handler has returned. The types carry the rules of the spec: `to<S>` converts
// only to a `Then` that lists S, and an operation starts only in a transition to a state that lists
// its completion. Invariant: trivially copyable; an isolate without operations returns 16 bytes.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tina/slot.h"

namespace tina {

/// Why an isolate crashes by its own decision. Holds a string literal, so it costs one pointer.
class Reason {
 public:
  template <std::size_t kSize>
  consteval Reason(const char (&text)[kSize]) : text_(text) {}  // NOLINT: implicit by design
  constexpr const char* text() const { return text_; }

 private:
  const char* text_;
};

namespace internal {

enum class Next : std::uint8_t { kStay, kTransition, kDone, kCrash };

/// The head of every effect. What follows is one word, written and read whole: a word stored in
/// parts and loaded at once would wait for its stores.
class EffectHead {
 public:
  constexpr EffectHead() = default;
  constexpr EffectHead(Next next, std::uint8_t target, unsigned ops, const char* reason = nullptr)
      : reason_(reason),
        word_(static_cast<std::uint64_t>(next) | std::uint64_t{target} << 8 |
              std::uint64_t{ops} << 16) {}

  /// The same effect, but a transition to `leaf` stays there: what it starts is started.
  constexpr EffectHead staying_in(std::uint8_t leaf) const {
    EffectHead head = *this;
    if (next() == Next::kTransition && target() == leaf) head.word_ &= ~std::uint64_t{0xffff};
    return head;
  }
  /// Neither a transition nor an operation: nothing to carry out.
  constexpr bool quiet() const { return word_ == 0; }
  constexpr Next next() const { return static_cast<Next>(word_ & 0xff); }
  constexpr std::uint8_t target() const { return static_cast<std::uint8_t>(word_ >> 8); }
  constexpr unsigned ops() const { return static_cast<unsigned>(word_ >> 16); }
  constexpr const char* reason() const { return reason_; }

 private:
  const char* reason_ = nullptr;
  std::uint64_t word_ = 0;
};
static_assert(static_cast<int>(Next::kStay) == 0);

/// An effect with places for `kOps` operations; the places past `head.ops` are not initialised.
template <unsigned kOps>
struct EffectRecord {
  EffectHead head;
  OpRecord op[kOps];
};
template <>
struct EffectRecord<0> {
  EffectHead head;
  static constexpr OpRecord* op = nullptr;
};
static_assert(sizeof(EffectRecord<0>) == 16);

/// One operation not yet started; `kCompletion` is the bit of its completion.
template <std::uint64_t kCompletion>
struct Op {
  OpRecord record;
};

/// Several operations to start together.
template <std::uint64_t kCompletions, unsigned kCount>
struct Start {
  OpRecord op[kCount == 0 ? 1 : kCount];
};

struct Crash {
  const char* reason;
};
struct Done {};
template <std::uint64_t kCompletions, unsigned kCount>
struct Begin {
  Start<kCompletions, kCount> start;
};
template <std::uint64_t kCompletions, unsigned kCount>
struct Stayed {
  Start<kCompletions, kCount> start;
};
template <class State, std::uint64_t kCompletions, unsigned kCount>
struct Transition {
  Start<kCompletions, kCount> start;
};

/// State `S` lists every completion in `kCompletions`. If this fails: the operation's completion is
/// not listed (`on …`) in the state that the effect leads to.
template <class S, std::uint64_t kCompletions>
concept ListsCompletion = (S::kListed & kCompletions) == kCompletions;

template <class S, class... Targets>
concept OneOf = (std::is_same_v<S, Targets> || ...);

/// The base of what handlers return: builds records of `kOps` places.
template <unsigned kOps>
class Returned {
 public:
  Returned(Crash crash) {  // NOLINT: implicit by design
    record_.head = EffectHead(Next::kCrash, 0, 0, crash.reason);
  }
  const EffectRecord<kOps>& record() const { return record_; }

 protected:
  Returned() = default;
  template <std::uint64_t kCompletions, unsigned kCount>
  Returned(Next next, std::uint8_t target, const Start<kCompletions, kCount>& start) {
    static_assert(kCount <= kOps, "[E0409] more operations at once than the isolate has lanes");
    record_.head = EffectHead(next, target, kCount);
    if constexpr (kOps > 0) {
      for (unsigned i = 0; i < kCount; ++i) record_.op[i] = start.op[i];
    }
  }

 private:
  EffectRecord<kOps> record_;
};

}  // namespace internal

/// The state in which a handler runs, as an argument that selects the overload.
template <class State>
struct In {};

/// Marks `stay` among the targets of a Then; `State` is the state in which the clause is written.
template <class State>
struct Stay {};

/// What `on … -> A | B` returns: `to<A>(…)`, `to<B>(…)`, `stay(…)` if listed, or `crash(reason)`.
template <unsigned kOps, class... Targets>
class Then : public internal::Returned<kOps> {
  template <class T>
  struct StayState {
    static constexpr bool kIs = false;
    static constexpr bool lists(std::uint64_t) { return true; }
  };
  template <class S>
  struct StayState<Stay<S>> {
    static constexpr bool kIs = true;
    static constexpr bool lists(std::uint64_t bits) { return (S::kListed & bits) == bits; }
  };

 public:
  using internal::Returned<kOps>::Returned;
  template <class S, std::uint64_t kCompletions, unsigned kCount>
  Then(const internal::Transition<S, kCompletions, kCount>& transition)  // NOLINT: implicit
      : internal::Returned<kOps>(internal::Next::kTransition, S::kIndex, transition.start) {
    static_assert(internal::OneOf<S, Targets...>,
                  "[E0404] the clause does not list (`-> …`) the state that this leads to");
    static_assert(
        internal::ListsCompletion<S, kCompletions>,
        "[E0406] the target state does not list (`on …`) the completion of this operation");
  }
  template <std::uint64_t kCompletions, unsigned kCount>
  Then(const internal::Stayed<kCompletions, kCount>& stayed)  // NOLINT: implicit
      : internal::Returned<kOps>(internal::Next::kStay, 0, stayed.start) {
    static_assert((StayState<Targets>::kIs || ...),
                  "[E0405] the clause does not list `stay`, so its handler cannot stay");
    static_assert((StayState<Targets>::lists(kCompletions) && ...),
                  "[E0406] this state does not list (`on …`) the completion of this operation");
  }
};

/// What `on_enter` returns: `start(…)`, or `crash(reason)`.
template <unsigned kOps, class State>
class Entry : public internal::Returned<kOps> {
 public:
  using internal::Returned<kOps>::Returned;
  template <std::uint64_t kCompletions, unsigned kCount>
  Entry(const internal::Begin<kCompletions, kCount>& begin)  // NOLINT: implicit by design
      : internal::Returned<kOps>(internal::Next::kStay, 0, begin.start) {
    static_assert(internal::ListsCompletion<State, kCompletions>,
                  "[E0406] this state does not list (`on …`) the completion of this operation");
  }
};

/// What `on_init` returns: `ok(…)`, `done()`, or `crash(reason)`. `State` is the initial state.
template <unsigned kOps, class State>
class InitResult : public Entry<kOps, State> {
 public:
  using Entry<kOps, State>::Entry;
  // Of its own, so that a compiler names the handler and not the line above.
  template <std::uint64_t kCompletions, unsigned kCount>
  InitResult(const internal::Begin<kCompletions, kCount>& begin)  // NOLINT: implicit by design
      : Entry<kOps, State>(begin) {}
  InitResult(internal::Done)  // NOLINT: implicit by design
      : Entry<kOps, State>(internal::Begin<0, 0>{}) {
    done_ = true;
  }
  internal::EffectRecord<kOps> record() const {
    internal::EffectRecord<kOps> effect = Entry<kOps, State>::record();
    if (done_) effect.head = internal::EffectHead(internal::Next::kDone, 0, 0);
    return effect;
  }

 private:
  bool done_ = false;
};

/// What the handlers of an isolate without a machine return: `receive()`, `io(…)`, `done()`, or
/// `crash(reason)`. `State` is its one implicit state.
template <unsigned kOps, class State>
class Effect : public internal::Returned<kOps> {
 public:
  using internal::Returned<kOps>::Returned;
  Effect(internal::Done)  // NOLINT: implicit by design
      : internal::Returned<kOps>(internal::Next::kDone, 0, internal::Start<0, 0>{}) {}
  template <std::uint64_t kCompletions, unsigned kCount>
  Effect(const internal::Start<kCompletions, kCount>& start)  // NOLINT: implicit by design
      : internal::Returned<kOps>(internal::Next::kStay, 0, start) {
    static_assert(internal::ListsCompletion<State, kCompletions>,
                  "[E0406] this isolate does not list (`on …`) the completion of this operation");
  }
};

/// The words that handlers build effects from. Isolates inherit them through their generated base.
struct Effects {
  /// Start operations and wait for whatever the state lists.
  template <std::uint64_t... kCompletions>
  static constexpr internal::Start<(kCompletions | ... | 0), sizeof...(kCompletions)> io(
      const internal::Op<kCompletions>&... ops) {
    return {{ops.record...}};
  }
  /// Wait for the next message.
  static constexpr internal::Start<0, 0> receive() { return {}; }
  /// Move to state `S`, starting `operations` there.
  template <class S, std::uint64_t kCompletions = 0, unsigned kCount = 0>
  static constexpr internal::Transition<S, kCompletions, kCount> to(
      const internal::Start<kCompletions, kCount>& operations = {}) {
    return {operations};
  }
  /// Remain in the state, starting `operations` there: no exit, no entry, its timeout runs on.
  template <std::uint64_t kCompletions = 0, unsigned kCount = 0>
  static constexpr internal::Stayed<kCompletions, kCount> stay(
      const internal::Start<kCompletions, kCount>& operations = {}) {
    return {operations};
  }
  /// From `on_enter`: start operations.
  template <std::uint64_t... kCompletions>
  static constexpr internal::Begin<(kCompletions | ... | 0), sizeof...(kCompletions)> start(
      const internal::Op<kCompletions>&... ops) {
    return {{{ops.record...}}};
  }
  /// From `on_init`: the isolate runs; start `operations`.
  template <std::uint64_t kCompletions = 0, unsigned kCount = 0>
  static constexpr internal::Begin<kCompletions, kCount> ok(
      const internal::Start<kCompletions, kCount>& operations = {}) {
    return {operations};
  }
  /// End normally.
  static constexpr internal::Done done() { return {}; }
  /// End abnormally: the supervisor decides what follows.
  static constexpr internal::Crash crash(Reason reason) { return {reason.text()}; }
};

}  // namespace tina
