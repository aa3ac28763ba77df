// SPDX-License-Identifier: Apache-2.0
// Whether a process resolves names, and with whom. Main thread, before the shards' threads.
#pragma once

#include <span>
#include <string>

#include "src/resolver.h"
#include "src/shard.h"

namespace tina::internal {

/// Starts the thread that resolves names, if an isolate of some shard may have a resolver.
/// `servers` is what `--dns` says. False after printing why not.
bool start_resolver(Resolver& resolver, std::span<ShardParts* const> shards,
                    const std::string& servers);

}  // namespace tina::internal
