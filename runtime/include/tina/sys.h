// SPDX-License-Identifier: Apache-2.0
// Messages that the runtime itself sends (`tina/sys.tina`). They have reserved places, so a full
// mailbox cannot keep them out, and nobody else can send them. Used on the shard's thread.
#pragma once

#include "tina/handle.h"

namespace tina::sys {

/// The supervisor asks the isolate to end, within the time that its place in the tree gives it.
struct Shutdown {};

/// Why a monitored isolate is no more.
enum class Why : std::uint8_t {
  kNormal,       ///< it ended by itself
  kCrashed,      ///< it crashed, or a fault ended it
  kShutdown,     ///< its supervisor asked it to end
  kKilled,       ///< its supervisor ended it without asking, or after its time
  kDead,         ///< it was no more when it was to be monitored
  kQuarantined,  ///< its shard has given up
};

/// An isolate that was monitored has ended. Exactly one for each `ctx.monitor`, unless
/// `ctx.demonitor` came first.
struct Down {
  Handle who;
  TypeId type{};
  Why why = Why::kDead;

  template <class Isolate>
  bool is(Ref<Isolate> ref) const {
    return who == ref.handle;
  }
};

/// Another shard was wiped and rebuilt: whoever lived there is dead, calls to it have ended as
/// rejected, its children run anew. Restarts that nobody has heard of yet are told in one.
struct ShardRestarted {
  ShardId shard{};             ///< as in `ref.handle.shard()` and `ctx.child<…>(shard)`
  std::uint32_t restarts = 0;  ///< of that shard since the program's start
};

/// Another shard was taken out of service for good.
struct ShardQuarantined {
  ShardId shard{};
};

/// The isolate has asked by `yield()` to run again.
struct Yielded {};

}  // namespace tina::sys
