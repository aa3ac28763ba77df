// SPDX-License-Identifier: Apache-2.0
// Finding the child behind a route (see tina/route.h): tables of the system, and the shards that
// its role has in this run.
#include <bit>

#include "src/remote.h"
#include "tina/route.h"

namespace tina::internal {
namespace {

std::uint32_t children(const ShardParts& shard, const RouteTable& route) {
  return shard.placement->role(route.role).count * route.count;
}

Routed child(const ShardParts& shard, const RouteTable& route, std::uint32_t nth, unsigned member) {
  const RoleShards& shards = shard.placement->role(route.role);
  const auto position = static_cast<std::uint16_t>(nth / route.count);
  const ShardId to{static_cast<std::uint16_t>(shards.first + position)};
  return {{to, route.place, nth % route.count}, route.type, route.tags[member], true};
}

}  // namespace

Routed find_route(const ShardCore& core, unsigned number, std::uint64_t hash,
                  unsigned member) noexcept {
  const auto& shard = static_cast<const ShardParts&>(core);
  if (number >= shard.system->routes.size()) return {};
  const RouteTable& route = shard.system->routes[number];
  if (route.count == 0) return {};
  return child(shard, route, static_cast<std::uint32_t>(hash % children(shard, route)), member);
}

Routed nth_of_route(const ShardCore& core, unsigned number, std::uint32_t nth,
                    unsigned member) noexcept {
  const auto& shard = static_cast<const ShardParts&>(core);
  if (number >= shard.system->routes.size()) return {};
  const RouteTable& route = shard.system->routes[number];
  if (nth >= children(shard, route)) return {};
  return child(shard, route, nth, member);
}

CallStart routed(const ShardParts& shard, const CallStart& start) {
  const Routed to = find_route(shard, start.type, start.to.bits, start.message);
  CallStart found = start;
  found.by_route = false;
  found.by_path = to.found;
  found.to =
      to.found ? Handle{std::bit_cast<std::uint64_t>(to.address)} : Handle::make(shard.shard, 0, 0);
  found.type = static_cast<std::uint8_t>(index(to.type));
  found.message = to.tag;
  return found;
}

}  // namespace tina::internal
