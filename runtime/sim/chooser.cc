// SPDX-License-Identifier: Apache-2.0
// See chooser.h. Draws of entities that have to be looked up; half of a simulation's time is here.
#include "sim/chooser.h"

namespace tina::sim {

[[gnu::always_inline]] inline Chooser::Entity& Chooser::look_up(Domain domain,
                                                                std::uint64_t entity) {
  const auto found = entities_.find(key(domain, entity));
  return found != entities_.end() ? found->second : add(domain, entity);
}

Chooser::Entity& Chooser::prepare(Domain domain, std::uint64_t entity) {
  return look_up(domain, entity);
}

Chooser::Entity& Chooser::add(Domain domain, std::uint64_t entity) {
  const std::uint64_t base = combine(combine(seed_, static_cast<std::uint64_t>(domain)), entity);
  return entities_.emplace(key(domain, entity), Entity{base}).first->second;
}

std::uint64_t Chooser::choose(Domain domain, std::uint64_t entity, std::uint64_t n) {
  return choose(look_up(domain, entity), n);
}

bool Chooser::chance(Domain domain, std::uint64_t entity, Ratio ratio) {
  return ratio.numerator != 0 && chance(look_up(domain, entity), ratio);
}

}  // namespace tina::sim
