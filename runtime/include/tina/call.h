// SPDX-License-Identifier: Apache-2.0
// Calls, casts and events as handlers see them: the ends of a call, the token of a call that is
// answered later, and references to whoever serves or follows a protocol. Invariants: each call
// that was started and not abandoned has exactly one end; a token answers at most once and is worth
// nothing after its call's limit. Used on the shard's thread, inside a handler.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "tina/handle.h"
#include "tina/slot.h"

namespace tina {

/// Why a call has no reply. After `kCrashed`, `kEnded` and `kTimeout` the request may have been
/// handled; after the others it certainly was not.
enum class Failure : std::uint8_t {
  kFull,         ///< the mailbox, or the places for open calls, were at their declared size
  kRingFull,     ///< no place in the ring to its shard, or none promised for its answer
  kDead,         ///< nobody lives under that reference
  kQuarantined,  ///< its supervisor or its shard has given up
  kRefused,      ///< its state says `reject`
  kCrashed,      ///< it crashed while it had the call
  kEnded,        ///< it ended without an answer to a call that it had taken
  kTimeout,      ///< the call's limit has passed
};

/// The results of a call, for the handler of `P.C.reply`; `tag` is the caller's own number.
template <class Call>
struct Reply {
  const typename Call::Result& result;
  std::uint64_t tag;
};

/// No answer within the limit: `P.C.timeout`. A late one is dropped and counted.
template <class Call>
struct Timeout {
  std::uint64_t tag = 0;
};

/// The call was not answered, and will not be: `P.C.rejected`.
template <class Call>
struct Rejected {
  Failure reason = Failure::kDead;
  std::uint64_t tag = 0;
};

/// Either of the two: `P.C.failed`.
template <class Call>
struct Failed {
  Failure reason = Failure::kDead;
  std::uint64_t tag = 0;
};

/// The right to answer one call later, by `ctx.answer(std::move(token), results)`. Moves only
/// within its isolate; dies at the call's limit. One that is lost is a call that times out.
template <class Call>
class Token {
 public:
  Token() = default;
  Token(Token&& other) noexcept : serial_(std::exchange(other.serial_, 0)), place_(other.place_) {}
  Token& operator=(Token&& other) noexcept {
    serial_ = std::exchange(other.serial_, 0);
    place_ = other.place_;
    return *this;
  }
  /// Made by the runtime only.
  Token(std::uint32_t serial, std::uint8_t place) : serial_(serial), place_(place) {}

  /// Whether it was received and has not been moved away or answered.
  explicit operator bool() const { return serial_ != 0; }
  std::uint32_t serial() const { return serial_; }
  std::uint8_t place() const { return place_; }

 private:
  std::uint32_t serial_ = 0;
  std::uint8_t place_ = 0;
};

/// What became of an answer. `kExpired`: the call's limit has passed or the caller has gone on.
enum class [[nodiscard]] AnswerResult : std::uint8_t { kAnswered, kExpired };

namespace internal {

/// Specialised by generated code for each isolate that implements (subscribes) a protocol:
/// `kType` is the isolate's.
template <class Isolate, class Protocol>
struct Implements;
template <class Isolate, class Protocol>
struct Subscribes;

template <class Isolate, class Protocol>
concept ImplementerOf = requires { Implements<Isolate, Protocol>::kType; };
template <class Isolate, class Protocol>
concept SubscriberOf = requires { Subscribes<Isolate, Protocol>::kType; };

/// A call in a mailbox.
template <class Call>
struct Request {
  CallHeader header;
  Call call;
};

}  // namespace internal

/// Somebody who implements `Protocol`, whatever its isolate type: `ref<Protocol>` in `.tina`. Made
/// from a Ref of an isolate that implements it; zeros name nobody.
template <class Protocol>
struct ProtocolRef {
  Handle handle;
  TypeId type{};
  std::uint16_t reserved[3] = {};

  ProtocolRef() = default;
  template <class Isolate>
    requires internal::ImplementerOf<Isolate, Protocol>
  constexpr ProtocolRef(Ref<Isolate> ref)  // NOLINT: implicit by design
      : handle(ref.handle), type(internal::Implements<Isolate, Protocol>::kType) {}

  friend constexpr bool operator==(ProtocolRef, ProtocolRef) = default;
};

/// Somebody who receives the events of `Protocol`: `subscriber<Protocol>` in `.tina`. Made from a
/// Ref of an isolate that subscribes it.
template <class Protocol>
struct Subscriber {
  Handle handle;
  TypeId type{};
  std::uint16_t reserved[3] = {};

  Subscriber() = default;
  template <class Isolate>
    requires internal::SubscriberOf<Isolate, Protocol>
  constexpr Subscriber(Ref<Isolate> ref)  // NOLINT: implicit by design
      : handle(ref.handle), type(internal::Subscribes<Isolate, Protocol>::kType) {}

  friend constexpr bool operator==(Subscriber, Subscriber) = default;
};

static_assert(std::is_trivially_destructible_v<Token<int>> && sizeof(Token<int>) == 8);
static_assert(sizeof(ProtocolRef<int>) == 16 && sizeof(Subscriber<int>) == 16);

}  // namespace tina
