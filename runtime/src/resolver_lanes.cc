// SPDX-License-Identifier: Apache-2.0
// See resolver_lanes.h.
#include "src/resolver_lanes.h"

#include "src/resolve_name.h"
#include "src/resolver.h"

namespace tina::internal {
namespace {

std::uint32_t resolvers_of(const TypeTable& type) {
  std::uint32_t count = 0;
  for (const IoTable& io : type.ios) count += io.kind == IoKind::kResolver ? 1 : 0;
  return count;
}

}  // namespace

const IoTable& object_of(const TypeTable& type, std::uint8_t record) {
  std::size_t io = 0;
  while (io + 1 < type.ios.size() && type.ios[io + 1].first_record <= record) ++io;
  return type.ios[io];
}

std::uint32_t resolver_lanes(const RoleTable& role) {
  std::uint32_t lanes = 0;
  for (const TypeTable& type : role.types) lanes += type.slots * resolvers_of(type);
  return lanes;
}

void ResolverLanes::open(const RoleTable& role, Returns& back, Resolver& resolver) {
  role_ = &role;
  back_ = &back;
  resolver_ = &resolver;
  std::uint32_t first = 0;
  for (const TypeTable& type : role.types) {
    first_.push_back(first);
    first += type.slots * resolvers_of(type);
  }
  queries_ = std::make_unique<Query[]>(first);
}

Query* ResolverLanes::query_of(Token token) const {
  const TypeTable& type = role_->types[token.type()];
  std::uint32_t number = 0;
  for (const IoTable& io : type.ios) {
    if (io.kind != IoKind::kResolver) continue;
    if (io.first_record == token.record()) {
      return &queries_[first_[token.type()] + token.slot() * resolvers_of(type) + number];
    }
    ++number;
  }
  return nullptr;
}

void ResolverLanes::start(const Operation& operation) {
  auto& operand = operation.as<ResolveOperand>();
  ++started_;
  const std::int32_t known = resolve_at_once(operand.question, operand.answer);
  if (known != kAskOthers) return back_->push(operation.token, known);
  Query* const query = query_of(operation.token);
  TINA_ASSERT(query != nullptr);
  const IoTable& io = object_of(role_->types[operation.token.type()], operation.token.record());
  query->token = operation.token;
  query->back = back_;
  query->answer = &operand.answer;
  query->timeout_ns = io.timeout;
  query->tries = io.tries;
  query->question = operand.question;
  query->given_up = false;
  resolver_->ask({query, false});
}

bool ResolverLanes::cancel(Token token) {
  Query* const query = query_of(token);
  if (query == nullptr) return false;
  // What ended at once has no query, and what this says of an earlier one strikes nothing.
  if (!query->given_up && query->back != nullptr) resolver_->ask({query, true});
  query->given_up = true;
  return true;
}

}  // namespace tina::internal
