// SPDX-License-Identifier: Apache-2.0
// What the test wants to be done with connections, and what has become of it.
#pragma once

#include <cstdint>
#include <vector>

#include "tina/isolate.h"

namespace handover {

/// Of a porter, with what it has accepted.
enum class Give : std::uint8_t {
  kByPath,
  kByRef,
  kKeep,       ///< puts it aside, against the rules
  kKept,       ///< hands over what it has put aside
  kSpawnKept,  ///< gives that to an isolate of its own
  kCrash,      ///< hands it over by its path, and crashes
  kTwice,      ///< hands it over by its path, and what is left of it once more
};
/// Of a taker: `Take::number`.
enum : std::uint32_t { kSpawn, kLeave, kFail, kEnd, kPassOn };
/// `Do::what`.
enum : std::uint32_t { kBeDeaf, kHear, kLeaveWork };

inline Give give = Give::kByPath;
inline std::uint32_t number = kSpawn;
inline tina::ShardId target{};
inline tina::Handle taker{};
inline std::vector<tina::SendResult> sent;
inline std::vector<std::int32_t> left;  ///< the descriptor in the message after its send
inline std::vector<bool> spawned;
inline std::vector<std::uint32_t> took;

}  // namespace handover
