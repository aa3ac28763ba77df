// SPDX-License-Identifier: Apache-2.0
// See boot_page.h.
#include "src/boot_page.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "src/boot_check.h"
#include "src/os_memory.h"

namespace tina::internal {

CounterPage* make_page(const SystemTable& system, const RunOptions& options,
                       const Placement& placement) {
  const unsigned shards = placement.shards();
  const std::span<const TypeTable> types = system.roles.front().types;  // all roles list all types
  void* const memory = map_shared(options.counters, CounterPage::size(shards));
  if (memory == nullptr) {
    refuse("the counter file %s cannot be made: %s; choose another with --counters",
           options.counters == nullptr ? "(memory)" : options.counters, std::strerror(errno));
    return nullptr;
  }
  auto* page = static_cast<CounterPage*>(memory);
  page->shards = shards;
  page->types = static_cast<std::uint32_t>(types.size());
  page->process = static_cast<std::uint64_t>(::getpid());
  page->allocations_counted = tina_allocation_guard_linked != nullptr ? 1 : 0;
  std::snprintf(page->system, CounterPage::kNameSize, "%s", system.name);
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::snprintf(page->type_names[i], CounterPage::kNameSize, "%s", types[i].name);
  }
  for (unsigned i = 0; i < shards; ++i) {
    const RoleTable& role = system.roles[placement.role_of(i)];
    std::snprintf(page->shard[i].role, CounterPage::kNameSize, "%s", role.name);
    for (std::size_t t = 0; t < types.size(); ++t) {
      page->shard[i].types[t].slots = role.types[t].slots;
    }
  }
  page->magic = CounterPage::kMagic;
  return page;
}

}  // namespace tina::internal
