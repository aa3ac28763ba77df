// SPDX-License-Identifier: Apache-2.0
// The pieces that an effect is put together from: operations, calls, an answer, and how many of
// each an isolate can start at once. A part is a value that does nothing; its type says which
// completions it leads to, so that the target state can be held to listing them. Invariant: an
// isolate without operations and calls has effects of 16 bytes. Included by tina/effect.h.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "tina/child.h"
#include "tina/slot.h"

namespace tina {

/// The most operations and calls that one effect of an isolate starts, the bytes of its largest
/// request, and those that an operation may need besides. Generated: `Base::Shape`.
template <unsigned kOpCount, unsigned kCallCount = 0, unsigned kRequestSize = 0,
          unsigned kExtraSize = 0>
struct Shape {
  static constexpr unsigned kOps = kOpCount;
  static constexpr unsigned kCalls = kCallCount;
  static constexpr unsigned kRequestBytes = kRequestSize;
  static constexpr unsigned kExtraBytes = kExtraSize;
};

namespace internal {

enum class Next : std::uint8_t { kStay, kTransition, kDone, kCrash };

/// The head of every effect. What follows is one word, written and read whole: a word stored in
/// parts and loaded at once would wait for its stores.
class EffectHead {
 public:
  constexpr EffectHead() = default;
  constexpr EffectHead(Next next, std::uint8_t target, unsigned ops, unsigned calls = 0,
                       const char* reason = nullptr)
      : reason_(reason),
        word_(static_cast<std::uint64_t>(next) | std::uint64_t{target} << 8 |
              std::uint64_t{ops} << 16 | std::uint64_t{calls} << 32) {}

  /// The same effect, but a transition to `leaf` stays there: what it starts is started.
  constexpr EffectHead staying_in(std::uint8_t leaf) const {
    EffectHead head = *this;
    if (next() == Next::kTransition && target() == leaf) head.word_ &= ~std::uint64_t{0xffff};
    return head;
  }
  /// Neither a transition nor an operation: nothing to carry out.
  constexpr bool quiet() const { return word_ == 0; }
  /// Calls to start, and nothing else.
  constexpr bool only_calls() const { return (word_ & 0xffff'ffff) == 0; }
  constexpr Next next() const { return static_cast<Next>(word_ & 0xff); }
  constexpr std::uint8_t target() const { return static_cast<std::uint8_t>(word_ >> 8); }
  constexpr unsigned ops() const { return static_cast<std::uint16_t>(word_ >> 16); }
  constexpr unsigned calls() const { return static_cast<unsigned>(word_ >> 32); }
  constexpr const char* reason() const { return reason_; }

 private:
  const char* reason_ = nullptr;
  std::uint64_t word_ = 0;
};
static_assert(static_cast<int>(Next::kStay) == 0);

/// `kCount` places that are not initialised; none takes no space.
template <class Place, unsigned kCount>
struct Places {
  Place place[kCount];
  const Place* first() const { return place; }
};
template <class Place>
struct Places<Place, 0> {
  static constexpr const Place* first() { return nullptr; }
};

/// An operation to start, and what it needs besides.
template <unsigned kExtraBytes>
struct OpPlace {
  OpRecord start;
  alignas(8) std::byte extra[kExtraBytes];
};
template <>
struct OpPlace<0> {
  OpRecord start;
};

/// A call to start, and its request.
template <unsigned kRequestBytes>
struct CallPlace {
  CallStart start;
  alignas(8) std::byte request[kRequestBytes];

  const std::byte* bytes() const { return request; }
  /// Copies the request's words. A few by fixed places, so that they can come from registers.
  void copy_request(void* to) const {
    constexpr unsigned kFew = 4;
    constexpr unsigned kWords = (kRequestBytes + 7) / 8;
    if constexpr (kWords > kFew) {
      copy_words(to, request, start.size);
    } else {
      [&]<std::size_t... kWord>(std::index_sequence<kWord...>) {
        ((8 * kWord < start.size ? copy_word(to, request, 8 * kWord) : void()), ...);
      }(std::make_index_sequence<kWords>());
    }
  }
};
template <>
struct CallPlace<0> {
  CallStart start;

  static constexpr const std::byte* bytes() { return nullptr; }
  static void copy_request(void*) {}
};

/// Up to so many places cost less to copy than to count.
inline constexpr unsigned kPlacesCopiedWhole = 3;

/// An effect with the places that its isolate's shape has; those past `head.ops()` and
/// `head.calls()` are not initialised, and where a shape has many (`calls 200`) not copied either.
template <class Shape>
struct EffectRecord {
  EffectRecord() = default;
  EffectRecord(const EffectRecord&) = default;
  EffectRecord(const EffectRecord& other)
    requires(Shape::kOps + Shape::kCalls > kPlacesCopiedWhole)
      : head(other.head) {
    if constexpr (Shape::kOps > 0) {
      __builtin_memcpy(op.place, other.op.place, head.ops() * sizeof(*op.place));
    }
    if constexpr (Shape::kCalls > 0) {
      __builtin_memcpy(call.place, other.call.place, head.calls() * sizeof(*call.place));
    }
  }
  EffectRecord& operator=(const EffectRecord&) = delete;

  EffectHead head;
  [[no_unique_address]] Places<OpPlace<Shape::kExtraBytes>, Shape::kOps> op;
  [[no_unique_address]] Places<CallPlace<Shape::kRequestBytes>, Shape::kCalls> call;

  StartList starts() const {
    const auto* const first_op = op.first();
    const auto* const first_call = call.first();
    return {reinterpret_cast<const std::byte*>(first_op),
            reinterpret_cast<const std::byte*>(first_call),
            static_cast<std::uint32_t>(sizeof(*first_op)),
            static_cast<std::uint32_t>(sizeof(*first_call))};
  }
};
static_assert(sizeof(EffectRecord<Shape<0>>) == 16);

/// Where the next part of an effect goes.
struct Cursor {
  unsigned op = 0;
  unsigned call = 0;
};

/// What a part adds to an effect.
struct NoPart {
  static constexpr std::uint64_t kCompletions = 0;
  static constexpr unsigned kOps = 0;
  static constexpr unsigned kCalls = 0;
  static constexpr unsigned kAnswers = 0;
  using Result = void;
};

/// One operation not yet started; `kCompletion` is the bit of its completion.
template <std::uint64_t kCompletion>
struct Op {
  static constexpr std::uint64_t kCompletions = kCompletion;
  static constexpr unsigned kOps = 1;
  static constexpr unsigned kCalls = 0;
  static constexpr unsigned kAnswers = 0;
  using Result = void;

  OpRecord record;

  template <class Record>
  void put(Record& effect, Cursor& at) const {
    effect.op.place[at.op++].start = record;
  }
};

/// The same of one that needs more: an address, an offset. A few words are copied one by one, so
/// that they come from registers; a copy of all at once would wait until they are in memory.
template <std::uint64_t kCompletion, class Extra>
struct OpWith : Op<kCompletion> {
  static_assert(std::is_trivially_copyable_v<Extra> && alignof(Extra) <= 8);
  static constexpr unsigned kExtraBytes = sizeof(Extra);

  Extra extra;

  template <class Record>
  void put(Record& effect, Cursor& at) const {
    auto& place = effect.op.place[at.op++];
    place.start = this->record;
    // There is no room if no state lists the completion, and that has been said.
    if constexpr (requires { place.extra; }) {
      static_assert(sizeof(Extra) <= sizeof(place.extra));
      copy_extra(place.extra);
    }
  }

 private:
  void copy_extra(std::byte* to) const {
    constexpr unsigned kFew = 2;
    const auto* const from = reinterpret_cast<const std::byte*>(&extra);
    if constexpr (sizeof(Extra) == 8 * kFew) {
      copy_word(to, from, 0);
      copy_word(to, from, 8);
    } else {
      __builtin_memcpy(to, from, sizeof extra);
    }
  }
};

template <class T>
concept AnOp = requires(const T& op) {
  { op.record.op } -> std::convertible_to<OpCode>;
};

/// The bytes that the operations of I/O objects need besides, at most.
template <class... Operations>
constexpr unsigned most_extra() {
  unsigned most = 0;
  ((most = Operations::kExtra > most ? Operations::kExtra : most), ...);
  return most;
}

/// One call not yet started; `kEnds` are the bits of its ends.
template <std::uint64_t kEnds, class Request>
struct CallOp {
  static_assert(std::is_trivially_copyable_v<Request>);
  static constexpr std::uint64_t kCompletions = kEnds;
  static constexpr unsigned kOps = 0;
  static constexpr unsigned kCalls = 1;
  static constexpr unsigned kAnswers = 0;
  using Result = void;

  CallStart start;
  Request request;

  /// The same call with a number of the caller's own, which each of its ends hands back.
  constexpr CallOp tag(std::uint64_t number) const {
    CallOp tagged = *this;
    tagged.start.tag = number;
    return tagged;
  }
  template <class Record>
  void put(Record& effect, Cursor& at) const {
    auto& place = effect.call.place[at.call++];
    static_assert(sizeof(Request) <= sizeof(place.request));
    place.start = start;
    ::new (place.request) Request(request);  // field by field, as send_local says
  }
};

/// The answer to the call that is being handled.
template <class ResultType>
struct Answering : NoPart {
  static constexpr unsigned kAnswers = 1;
  using Result = ResultType;

  ResultType result;

  template <class Record>
  void put(Record&, Cursor&) const {}
};

template <class T>
concept Item = requires {
  { T::kCompletions } -> std::convertible_to<std::uint64_t>;
  { T::kCalls } -> std::convertible_to<unsigned>;
  typename T::Result;
};

/// Several parts, started in order.
template <class... Items>
struct Parts;
template <>
struct Parts<> : NoPart {
  template <class Record>
  void put(Record&, Cursor&) const {}
  template <class Wanted>
  const Wanted* answer() const {
    return nullptr;
  }
};
template <class First, class... Rest>
struct Parts<First, Rest...> {
  using Remaining = Parts<Rest...>;
  static constexpr std::uint64_t kCompletions = First::kCompletions | Remaining::kCompletions;
  static constexpr unsigned kOps = First::kOps + Remaining::kOps;
  static constexpr unsigned kCalls = First::kCalls + Remaining::kCalls;
  static constexpr unsigned kAnswers = First::kAnswers + Remaining::kAnswers;
  using Result =
      std::conditional_t<First::kAnswers != 0, typename First::Result, typename Remaining::Result>;

  First first;
  [[no_unique_address]] Remaining rest;

  template <class Record>
  void put(Record& effect, Cursor& at) const {
    first.put(effect, at);
    rest.put(effect, at);
  }
  /// The results in the answer among the parts.
  template <class Wanted>
  const Wanted* answer() const {
    if constexpr (First::kAnswers == 0) {
      return rest.template answer<Wanted>();
    } else if constexpr (requires { first.result; }) {
      return &first.result;
    } else {
      return first.template answer<Wanted>();
    }
  }
};

/// Builds the call behind a generated `kv.get(ref, …)`.
template <std::uint64_t kEnds, class Request>
constexpr CallOp<kEnds, Request> call_of(Handle to, TypeId type, std::uint16_t message,
                                         std::int64_t limit_ns, std::uint8_t first_bit,
                                         const Request& request) {
  return {{to, 0, limit_ns, message, sizeof(Request), false, static_cast<std::uint8_t>(index(type)),
           first_bit},
          request};
}

/// The same for a child, whichever incarnation of it is there when the call starts.
template <std::uint64_t kEnds, class Request>
constexpr CallOp<kEnds, Request> call_path(ChildAddress to, TypeId type, std::uint16_t message,
                                           std::int64_t limit_ns, std::uint8_t first_bit,
                                           const Request& request) {
  auto call = call_of<kEnds>(Handle{std::bit_cast<std::uint64_t>(to)}, type, message, limit_ns,
                             first_bit, request);
  call.start.by_path = true;
  return call;
}

/// The same for a callee whose type is known at run time only: `tags` by isolate type. A type that
/// does not serve the call is nobody.
template <std::uint64_t kEnds, class Request, std::size_t kTypes>
constexpr CallOp<kEnds, Request> call_any(Handle to, TypeId type, const TagTable<kTypes>& tags,
                                          std::int64_t limit_ns, std::uint8_t first_bit,
                                          const Request& request) {
  const std::uint8_t tag = tags.of(index(type));
  const bool serves = tag != kNoTag;
  return call_of<kEnds>(serves ? to : Handle{}, serves ? type : TypeId{},
                        serves ? tag : std::uint16_t{0}, limit_ns, first_bit, request);
}

/// The same by a route: `hash` picks the callee when the call starts.
template <std::uint64_t kEnds, class Request>
constexpr CallOp<kEnds, Request> call_by_route(std::uint8_t route, std::uint64_t hash,
                                               std::uint16_t member, std::int64_t limit_ns,
                                               std::uint8_t first_bit, const Request& request) {
  auto call = call_of<kEnds>(Handle{hash}, TypeId{route}, member, limit_ns, first_bit, request);
  call.start.by_route = true;
  return call;
}

constexpr Parts<> parts_of() { return {}; }
template <Item First, Item... Rest>
constexpr Parts<First, Rest...> parts_of(const First& first, const Rest&... rest) {
  return {first, parts_of(rest...)};
}

/// Behind a generated `yield()`: the slot's yield record and the bit of `sys.Yielded`.
template <std::uint64_t kCompletion>
constexpr Parts<Op<kCompletion>> yield_op(std::uint8_t record, std::uint8_t bit) {
  return parts_of(Op<kCompletion>{{0, record, bit, OpCode::kYield, 0, kNoBuffer, 0, nullptr}});
}

}  // namespace internal
}  // namespace tina
