// SPDX-License-Identifier: Apache-2.0
// Names of machines as handlers resolve them: the I/O kind `net.resolver`. What is asked travels by
// value in the effect and then lies, beside the answer, in the operand of the object's lane.
// Invariant: the answer is written by whoever resolves before the completion, and read after it.
// Source of the order: RFC 6724. Used on the shard's thread only.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string_view>

#include "tina/net.h"
#include "tina/operand_resolve.h"

namespace tina::net {

/// What became of a name.
enum class Resolution : std::uint8_t {
  kFound,
  kNotFound,       ///< no such name (ENOENT)
  kNoData,         ///< the name exists, and has no address (ENODATA)
  kServerFailure,  ///< the servers could not find out (EREMOTEIO)
  kRefused,        ///< no server that we can reach takes the question, or the last one fails at it
                   ///< (ECONNREFUSED; c-ares 1.18 does not tell a SERVFAIL from a refusal)
  kTimedOut,       ///< no server has answered in time (ETIMEDOUT)
  kBadName,        ///< empty, too long, or not of a name's form (EINVAL)
  kBadAnswer,      ///< what came cannot be read (EBADMSG)
  kNoResources,    ///< no memory or no descriptor left to ask with (ENOMEM, EMFILE)
};

/// What an errno says of a resolve; 0: found.
constexpr Resolution resolution_of(std::int32_t error) {
  switch (error) {
    case 0:
      return Resolution::kFound;
    case ENOENT:
      return Resolution::kNotFound;
    case ENODATA:
      return Resolution::kNoData;
    case ECONNREFUSED:
      return Resolution::kRefused;
    case ETIMEDOUT:
      return Resolution::kTimedOut;
    case EINVAL:
      return Resolution::kBadName;
    case EBADMSG:
      return Resolution::kBadAnswer;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      return Resolution::kNoResources;
    default:
      return Resolution::kServerFailure;
  }
}

/// Resolves names to addresses: by /etc/hosts and DNS in production, by the scenario's names in
/// simulation. It has no descriptor and is open from the start.
struct resolver {
  using Lanes = internal::LaneList<internal::LaneName::kResolve>;

  /// End of `resolve`: at least one address (`kOk`), or an error that `why` names.
  struct Resolved {
    Status status = Status::kOk;
    Resolution why = Resolution::kFound;
    std::uint8_t count = 0;
    std::int32_t error = 0;  ///< errno when kError
    std::array<Address, kResolvedMax> found{};

    bool ok() const { return status == Status::kOk; }
    /// What was found, IPv6 and IPv4, with the port of the question, the best first (RFC 6724).
    std::span<const Address> addresses() const { return {found.data(), count}; }
  };

  /// The operations of the declared I/O object `kObject`; see tcp_stream::Operations.
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations {
    static constexpr unsigned kExtra = sizeof(internal::ResolveQuestion);

    /// Lane resolve: find the addresses of a name, or read a literal address such as "127.0.0.1" or
    /// "fe80::1%2", at once. Completes as `Resolved`. Given up in the transition to a state that
    /// does not list that. Cost: copies the name.
    auto resolve(std::string_view name, std::uint16_t port) const {
      return internal::with(
          internal::plain_op<kCompletion>(kObject, kRecord, internal::OpCode::kResolve),
          internal::ResolveQuestion::of(name, port));
    }
  };
};

/// The lane of a resolver, for `ctx.names.idle(net::resolve)`.
inline constexpr internal::Lane<internal::LaneName::kResolve> resolve{};

}  // namespace tina::net
