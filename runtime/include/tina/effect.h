// SPDX-License-Identifier: Apache-2.0
// Effects: what a handler returns to say what happens next. An effect is a plain value; nothing
// starts before the handler has returned. The types carry the rules of the spec: `to<S>` converts
// only to a `Then` that lists S, an operation or call starts only in a transition to a state that
// lists all its ends, and the handler of a call returns an `Answer`, which needs a `reply`.
// Invariant: trivially copyable; an isolate without operations and calls returns 16 bytes.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tina/effect_parts.h"

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

/// The state in which a handler runs, as an argument that selects the overload.
template <class State>
struct In {};

/// Marks `stay` among the targets of a Then; `State` is the state in which the clause is written.
template <class State>
struct Stay {};

namespace internal {

struct Crash {
  const char* reason;
};
template <class Started>
struct Done {
  Started parts;
};
template <class Started>
struct Begin {
  Started parts;
};
template <class Started>
struct Stayed {
  Started parts;
};
template <class State, class Started>
struct Transition {
  Started parts;
};

/// State `S` lists every completion in `kCompletions`. If this fails: the operation's completion or
/// an end of the call is not listed (`on …`) in the state that the effect leads to.
template <class S, std::uint64_t kCompletions>
concept ListsCompletion = (S::kListed & kCompletions) == kCompletions;

template <class S, class... Targets>
concept OneOf = (std::is_same_v<S, Targets> || ...);

/// What `Target` says of staying: only `Stay<S>` allows it, for what S lists.
template <class Target>
struct Staying {
  static constexpr bool kIs = false;
  static constexpr std::uint64_t kListed = Target::kListed;
  static constexpr bool lists(std::uint64_t) { return true; }
};
template <class S>
struct Staying<Stay<S>> {
  static constexpr bool kIs = true;
  static constexpr std::uint64_t kListed = S::kListed;
  static constexpr bool lists(std::uint64_t bits) { return (S::kListed & bits) == bits; }
};

/// Where a handler's effect may lead by its type, and which completions its target lists then:
/// `kListed` any of them, `kListedStaying` that it stays in.
template <class... Targets>
struct LeadsTo {
  static constexpr bool kStays = (Staying<Targets>::kIs || ...);
  static constexpr std::uint64_t kListed = (Staying<Targets>::kListed | ...);
  static constexpr std::uint64_t kListedStaying =
      ((Staying<Targets>::kIs ? Staying<Targets>::kListed : 0) | ...);
};

/// The base of what handlers return: builds records of the isolate's shape.
template <class Shape>
class Returned {
 public:
  [[gnu::cold]] Returned(Crash crash) {  // NOLINT: implicit by design
    record_.head = EffectHead(Next::kCrash, 0, 0, 0, crash.reason);
  }
  const EffectRecord<Shape>& record() const { return record_; }
  /// What an inherited clause returned in `leaf`: a transition to it leaves nothing.
  void stay_in(std::uint8_t leaf) { record_.head = record_.head.staying_in(leaf); }

 protected:
  Returned() = default;
  template <class Started>
  Returned(Next next, std::uint8_t target, const Started& parts) {
    static_assert(Started::kOps <= Shape::kOps,
                  "[E0409] more operations at once than the isolate has lanes");
    static_assert(Started::kCalls <= Shape::kCalls,
                  "[E0410] more calls at once than the isolate's budget `calls`");
    record_.head = EffectHead(next, target, Started::kOps, Started::kCalls);
    Cursor cursor;
    parts.put(record_, cursor);
  }

 private:
  EffectRecord<Shape> record_;
};

}  // namespace internal

/// What `on … -> A | B` returns: `to<A>(…)`, `to<B>(…)`, `stay(…)` if listed, or `crash(reason)`.
template <class Shape, class... Targets>
class Then : public internal::Returned<Shape> {
 public:
  using Leads = internal::LeadsTo<Targets...>;
  using internal::Returned<Shape>::Returned;
  template <class S, class Started>
  Then(const internal::Transition<S, Started>& transition)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kTransition, S::kIndex, transition.parts) {
    static_assert(Started::kAnswers == 0,
                  "[E0411] `reply` answers a call; this handler has none to answer");
    static_assert(internal::OneOf<S, Targets...>,
                  "[E0404] the clause does not list (`-> …`) the state that this leads to");
    static_assert(
        internal::ListsCompletion<S, Started::kCompletions>,
        "[E0406] the target state does not list (`on …`) the completion of this operation");
  }
  template <class Started>
  Then(const internal::Stayed<Started>& stayed)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kStay, 0, stayed.parts) {
    static_assert(Started::kAnswers == 0,
                  "[E0411] `reply` answers a call; this handler has none to answer");
    static_assert((internal::Staying<Targets>::kIs || ...),
                  "[E0405] the clause does not list `stay`, so its handler cannot stay");
    static_assert((internal::Staying<Targets>::lists(Started::kCompletions) && ...),
                  "[E0406] this state does not list (`on …`) the completion of this operation");
  }
};

/// What `on_enter` returns: `start(…)`, or `crash(reason)`.
template <class Shape, class State>
class Entry : public internal::Returned<Shape> {
 public:
  using internal::Returned<Shape>::Returned;
  template <class Started>
  Entry(const internal::Begin<Started>& begin)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kStay, 0, begin.parts) {
    static_assert(Started::kAnswers == 0,
                  "[E0411] `reply` answers a call; this handler has none to answer");
    static_assert(internal::ListsCompletion<State, Started::kCompletions>,
                  "[E0406] this state does not list (`on …`) the completion of this operation");
  }

 protected:
  explicit Entry(internal::Next next) : internal::Returned<Shape>(next, 0, internal::Parts<>{}) {}
};

/// What `on_init` returns: `ok(…)`, `done()`, or `crash(reason)`. `State` is the initial state.
template <class Shape, class State>
class InitResult : public Entry<Shape, State> {
 public:
  using Entry<Shape, State>::Entry;
  // Of its own, so that a compiler names the handler and not the line above.
  template <class Started>
  InitResult(const internal::Begin<Started>& begin)  // NOLINT: implicit by design
      : Entry<Shape, State>(begin) {}
  InitResult(internal::Done<internal::Parts<>>)  // NOLINT: implicit by design
      : Entry<Shape, State>(internal::Next::kDone) {}
};

/// What the handlers of an isolate without a machine return: `receive()`, `io(…)`, `call(…)`, both
/// within `stay(…)`, `done()`, or `crash(reason)`. `State` is its one implicit state.
template <class Shape, class State>
class Effect : public internal::Returned<Shape> {
 public:
  using Leads = internal::LeadsTo<Stay<State>>;
  using internal::Returned<Shape>::Returned;
  template <class Started>
  Effect(const internal::Done<Started>& done)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kDone, 0, done.parts) {
    static_assert(Started::kAnswers == 0,
                  "[E0411] `reply` answers a call; this handler has none to answer");
  }
  template <class... Items>
  Effect(const internal::Parts<Items...>& parts)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kStay, 0, parts) {
    static_assert(internal::Parts<Items...>::kAnswers == 0,
                  "[E0411] `reply` answers a call; this handler has none to answer");
    static_assert(internal::ListsCompletion<State, internal::Parts<Items...>::kCompletions>,
                  "[E0406] this isolate does not list (`on …`) the completion of this operation");
  }
  template <class Started>
  Effect(const internal::Stayed<Started>& stayed) : Effect(stayed.parts) {}  // NOLINT: implicit
};

/// What the handler of a call returns: an effect with `reply(results)` in it, or `crash(reason)`.
/// `Targets` are those of a Then.
template <class Shape, class Call, class... Targets>
class Answer : public internal::Returned<Shape> {
 public:
  using Result = typename Call::Result;
  using Leads = internal::LeadsTo<Targets...>;

  Answer(internal::Crash crash) : internal::Returned<Shape>(crash) {}  // NOLINT: implicit
  template <class S, class Started>
  Answer(const internal::Transition<S, Started>& transition)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kTransition, S::kIndex, transition.parts) {
    static_assert(internal::OneOf<S, Targets...>,
                  "[E0404] the clause does not list (`-> …`) the state that this leads to");
    static_assert(
        internal::ListsCompletion<S, Started::kCompletions>,
        "[E0406] the target state does not list (`on …`) the completion of this operation");
    take(transition.parts);
  }
  template <class Started>
  Answer(const internal::Stayed<Started>& stayed)  // NOLINT: implicit by design
      : internal::Returned<Shape>(internal::Next::kStay, 0, stayed.parts) {
    static_assert((internal::Staying<Targets>::kIs || ...),
                  "[E0405] the clause does not list `stay`, so its handler cannot stay");
    static_assert((internal::Staying<Targets>::lists(Started::kCompletions) && ...),
                  "[E0406] this state does not list (`on …`) the completion of this operation");
    take(stayed.parts);
  }
  const Result& result() const { return result_; }

 protected:
  template <class Started>
  Answer(internal::Next next, const Started& parts) : internal::Returned<Shape>(next, 0, parts) {
    take(parts);
  }

 private:
  template <class Started>
  void take(const Started& parts) {
    static_assert(
        Started::kAnswers == 1,
        "[E0412] a call is answered exactly once: put one `reply(results)` into this effect");
    if constexpr (Started::kAnswers == 1) {
      constexpr bool kSame = std::is_same_v<typename Started::Result, Result>;
      static_assert(kSame, "[E0413] `reply` holds the results of another call");
      if constexpr (kSame) result_ = *parts.template answer<Result>();
    }
  }

  Result result_;
};

/// The same for an isolate without a machine: also `reply(results)` alone, or within `done(…)`.
template <class Shape, class State, class Call>
class AnswerEffect : public Answer<Shape, Call, Stay<State>> {
  using Base = Answer<Shape, Call, Stay<State>>;

 public:
  using Base::Base;
  template <class Result>
  AnswerEffect(const internal::Answering<Result>& reply)  // NOLINT: implicit by design
      : Base(internal::Next::kStay, internal::parts_of(reply)) {}
  template <class... Items>
  AnswerEffect(const internal::Parts<Items...>& parts)  // NOLINT: implicit by design
      : Base(internal::Next::kStay, parts) {}
  template <class Started>
  AnswerEffect(const internal::Done<Started>& done)  // NOLINT: implicit by design
      : Base(internal::Next::kDone, done.parts) {}
};

/// The words that handlers build effects from. Isolates inherit them through their generated base.
struct Effects {
  /// Start operations and wait for whatever the state lists.
  template <internal::AnOp... Ops>
  static constexpr auto io(const Ops&... ops) {
    return internal::parts_of(ops...);
  }
  /// Send calls and wait for their ends.
  template <std::uint64_t... kEnds, class... Requests>
  static constexpr auto call(const internal::CallOp<kEnds, Requests>&... calls) {
    return internal::parts_of(calls...);
  }
  /// Answer the call that is being handled.
  template <class Result>
  static constexpr internal::Answering<Result> reply(const Result& results) {
    return {{}, results};
  }
  /// Wait for the next message.
  static constexpr internal::Parts<> receive() { return {}; }
  /// Move to state `S`, starting `parts` there.
  template <class S, internal::Item... Items>
  static constexpr auto to(const Items&... parts) {
    using Started = decltype(internal::parts_of(parts...));
    return internal::Transition<S, Started>{internal::parts_of(parts...)};
  }
  /// Remain in the state, starting `parts` there: no exit, no entry, its timeout runs on.
  template <internal::Item... Items>
  static constexpr auto stay(const Items&... parts) {
    return internal::Stayed<decltype(internal::parts_of(parts...))>{internal::parts_of(parts...)};
  }
  /// From `on_enter`: start operations and calls.
  template <internal::Item... Items>
  static constexpr auto start(const Items&... parts) {
    return internal::Begin<decltype(internal::parts_of(parts...))>{internal::parts_of(parts...)};
  }
  /// From `on_init`: the isolate runs; start `parts`.
  template <internal::Item... Items>
  static constexpr auto ok(const Items&... parts) {
    return internal::Begin<decltype(internal::parts_of(parts...))>{internal::parts_of(parts...)};
  }
  /// End normally; with `reply(results)`, after answering.
  template <internal::Item... Items>
  static constexpr auto done(const Items&... parts) {
    return internal::Done<decltype(internal::parts_of(parts...))>{internal::parts_of(parts...)};
  }
  /// End abnormally: the supervisor decides what follows.
  [[gnu::cold]] static constexpr internal::Crash crash(Reason reason) { return {reason.text()}; }
};

}  // namespace tina
