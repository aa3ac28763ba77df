// SPDX-License-Identifier: Apache-2.0
// See boot_resolver.h.
#include "src/boot_resolver.h"

#include "src/boot_check.h"

namespace tina::internal {

bool start_resolver(Resolver& resolver, std::span<ShardParts* const> shards,
                    const std::string& servers) {
  std::uint32_t lanes = 0;
  for (const ShardParts* shard : shards) lanes += resolver_lanes(*shard->role);
  if (lanes == 0) return true;
  const std::string trouble = resolver.start(lanes, servers);
  if (!trouble.empty()) refuse("names cannot be resolved: %s", trouble.c_str());
  return trouble.empty();
}

}  // namespace tina::internal
