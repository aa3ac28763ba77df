// SPDX-License-Identifier: Apache-2.0
// Messages that the runtime itself sends (`tina/sys.tina`). They have reserved places, so a full
// mailbox cannot keep them out, and nobody else can send them. Used on the shard's thread.
#pragma once

namespace tina::sys {

/// The supervisor asks the isolate to end, within the time that its place in the tree gives it.
struct Shutdown {};

}  // namespace tina::sys
