// SPDX-License-Identifier: Apache-2.0
// Handlers of reload.tina's Crasher.
#pragma once

#include "reload.tina.h"

namespace reload {

/// Lives so far on this thread's shard, across restarts.
inline thread_local std::uint32_t lives = 0;

struct Crasher : CrasherBase {
  std::uint32_t crashes = 0;

  InitResult on_init(CrasherInit&& init, Context&) {
    crashes = init.crashes;
    return ok(io(told.wait()), yield());
  }
  Effect on_told_signalled(const os::signals::Signalled&, Context& ctx) {
    ctx.log(tina::Level::kInfo, "crasher_signalled");
    return io(told.wait());
  }
  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) {
    if (lives < crashes) {
      ++lives;
      return crash("told to");
    }
    ctx.log(tina::Level::kInfo, "steady", tina::Field{"lives", lives});
    return receive();
  }
};

}  // namespace reload
