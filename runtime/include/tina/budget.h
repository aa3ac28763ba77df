// SPDX-License-Identifier: Apache-2.0
// The memory of a role as data of the object file: the section `.tina.budget`, from which
// `tina-gen budget --object` reads exact numbers without running anything, also of another
// machine's program. Generated code puts one block per role there. Invariants: a block is plain
// data without pointers, integers of the target's byte order, offsets counted from the start of its
// text. The format is described in docs/reference/budget.md; a change of it is a new version.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tina/layout.h"
#include "tina/table.h"

/// Puts a block into the section, where the linker keeps it although nothing reads it.
#define TINA_BUDGET_BLOCK [[gnu::section(".tina.budget"), gnu::used, gnu::retain]]

namespace tina::internal {

inline constexpr std::uint32_t kBudgetVersion = 1;
inline constexpr std::uint32_t kOfTheShard = 0xffff'ffff;
inline constexpr std::size_t kPartsMax = 64;

struct BudgetHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t block_size;  ///< bytes of the whole block
  std::uint32_t types;
  std::uint32_t regions;
  std::uint32_t shards_max;
  std::uint32_t shards_auto;
  std::uint64_t total;
  std::uint64_t limit;
  std::uint32_t system;  ///< texts
  std::uint32_t role;
};
static_assert(sizeof(BudgetHeader) == 56);

struct BudgetType {
  std::uint32_t name;
  std::uint32_t slots;
  std::uint32_t mailbox;
  std::uint32_t state_size;
  std::uint32_t init_size;
  std::uint32_t payload_size;
  std::uint32_t records;
  std::uint32_t ios;
  std::uint32_t timers;  ///< per slot
  std::uint32_t defers;
  std::uint32_t calls;
  std::uint32_t open;
  std::uint32_t monitors;
  std::uint32_t watched;  ///< 1: by some isolate; 2: lists news of shards; 4: a static child
  std::uint32_t result_size;
  std::uint32_t kept;
};
static_assert(sizeof(BudgetType) == 64);

struct BudgetRegion {
  std::uint32_t part;  ///< a text
  std::uint32_t type;  ///< kOfTheShard, or whose it is
  std::uint64_t offset;
  std::uint64_t bytes;
};
static_assert(sizeof(BudgetRegion) == 24);

template <std::size_t kTypes, std::size_t kRegions, std::size_t kText>
struct alignas(8) BudgetBlock {
  BudgetHeader header;
  std::array<BudgetType, kTypes> types;
  std::array<BudgetRegion, kRegions> regions;
  std::array<char, kText> text;
};

/// Where the texts of a block begin. `size` is that of all of them.
template <std::size_t kTypes>
struct BudgetTexts {
  std::uint32_t system = 0;
  std::uint32_t role = 0;
  std::array<std::uint32_t, kTypes> types{};
  std::array<std::uint32_t, kPartsMax> parts{};
  std::uint32_t size = 0;
};

/// Places the texts, and writes them to `out` unless it is null.
template <std::size_t kTypes>
constexpr BudgetTexts<kTypes> budget_texts(const SystemTable& system, const RoleTable& role,
                                           char* out) {
  BudgetTexts<kTypes> texts;
  const auto add = [&texts, out](const char* text) {
    const std::uint32_t begin = texts.size;
    for (bool more = true; more; ++text) {
      more = *text != '\0';
      if (out != nullptr) out[texts.size] = *text;
      ++texts.size;
    }
    return begin;
  };
  texts.system = add(system.name);
  texts.role = add(role.name);
  for (std::size_t i = 0; i < kTypes; ++i) texts.types[i] = add(role.types[i].name);
  for_each_region(role, [&](const Region& region) {
    std::uint32_t& begin = texts.parts[static_cast<unsigned>(region.part)];
    if (begin == 0) begin = add(name(region.part));
  });
  return texts;
}

constexpr std::size_t count_regions(const RoleTable& role) {
  std::size_t count = 0;
  for_each_region(role, [&count](const Region&) { ++count; });
  return count;
}

/// Which types the tree has as static children. One walk for all, for a compiler's steps are
/// bounded.
template <std::size_t kTypes>
constexpr std::array<bool, kTypes> static_types(const RoleTable& role) {
  std::array<bool, kTypes> found{};
  for_each_supervisor(role, root_index(role), [&](std::size_t index) {
    for (const ChildTable& child : role.supervisors[index].children) {
      if (is_static(child)) found[tina::index(child.type)] = true;
    }
  });
  return found;
}

/// The block of a system's role, for the section. Costs compile time only.
template <const SystemTable& kSystem, std::size_t kRole>
consteval auto budget_block() {
  constexpr const RoleTable& role = kSystem.roles[kRole];
  constexpr std::size_t kTypes = role.types.size();
  constexpr std::size_t kRegions = count_regions(role);
  constexpr std::size_t kText = budget_texts<kTypes>(kSystem, role, nullptr).size;
  BudgetBlock<kTypes, kRegions, kText> block{};
  const BudgetTexts<kTypes> texts = budget_texts<kTypes>(kSystem, role, block.text.data());
  block.header = {{'T', 'I', 'N', 'A', 'B', 'D', 'G', 'T'},
                  kBudgetVersion,
                  sizeof block,
                  kTypes,
                  kRegions,
                  role.shards_max,
                  role.shards_auto,
                  arena_size(role),
                  role.memory_limit,
                  texts.system,
                  texts.role};
  const std::array<bool, kTypes> static_child = static_types<kTypes>(role);
  for (std::size_t i = 0; i < kTypes; ++i) {
    const TypeTable& type = role.types[i];
    block.types[i] = {.name = texts.types[i],
                      .slots = type.slots,
                      .mailbox = type.mailbox,
                      .state_size = type.state_size,
                      .init_size = type.init_size,
                      .payload_size = type.payload_size,
                      .records = type.records,
                      .ios = static_cast<std::uint32_t>(type.ios.size()),
                      .timers = timers_per_slot(type),
                      .defers = type.defers,
                      .calls = type.calls,
                      .open = type.open,
                      .monitors = type.monitors,
                      .watched = (type.watched ? 1u : 0u) | (type.news != 0 ? 2u : 0u) |
                                 (static_child[i] ? 4u : 0u) | type.weight << 8,
                      .result_size = type.result_size,
                      .kept = type.kept};
  }
  std::size_t at = 0;
  for_each_region(role, [&](const Region& region) {
    const bool of_type = region.part >= Part::kStates && region.part <= Part::kDeferred;
    block.regions[at++] = {texts.parts[static_cast<unsigned>(region.part)],
                           of_type ? region.type : kOfTheShard, region.offset, region.size};
  });
  return block;
}

}  // namespace tina::internal
