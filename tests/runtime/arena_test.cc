// SPDX-License-Identifier: Apache-2.0
// Goal: whatever a spec declares, each part of an arena has its own bytes, aligned, large enough
// and closed by a canary whose damage is seen; and a handle names one incarnation for ever, also
// when the generation of its slot has run out. Random tables and histories against simple models.
#include <map>
#include <random>
#include <set>

#include "shard_fixture.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kWorker;
using Random = std::mt19937_64;

std::uint32_t below(Random& random, std::uint64_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

/// A role of random types below a root with a child of each.
struct DrawnRole {
  explicit DrawnRole(Random& random) {
    const unsigned count = 1 + below(random, 6);
    for (unsigned i = 0; i < count; ++i) types.push_back(drawn(random, i));
    for (const TypeTable& type : types) {
      children.push_back({.name = "child",
                          .type = type.id,
                          .supervisor = kNoSupervisor,
                          .restart = Restart::kPermanent,
                          .dynamic = below(random, 2) == 0,
                          .significant = false,
                          .max = 1 + below(random, 9),
                          .shutdown_ns = 0,
                          .make_init = nullptr});
    }
    supervisor.name = "Root";
    supervisor.restarts = below(random, 20);
    supervisor.children = children;
    role.name = "drawn";
    role.shards_max = 1;
    role.core = kAnyProcessor;
    role.tick_ns = 1'000'000;
    role.receive_buffers = below(random, 5);
    role.receive_buffer_size = 64 * below(random, 5);
    role.root = &supervisor;
    role.supervisors = {&supervisor, 1};
    role.types = types;
    pools = {{below(random, 4), 64 + below(random, 200)}, {below(random, 4), 1000}};
    role.blobs = pools;
    role.memory_limit = arena_size(role);
    system = {.name = "Drawn", .spec = "drawn.tina", .roles = {&role, 1}};
  }

  TypeTable drawn(Random& random, unsigned number) const {
    TypeTable type{};
    type.name = "Drawn";
    type.id = TypeId{static_cast<std::uint16_t>(number)};
    type.slots = number == 0 ? 1 + below(random, 40) : below(random, 40);
    type.mailbox = 1 + below(random, 9);
    type.state_size = 1 + below(random, 300);
    type.init_size = below(random, 100);
    type.payload_size = below(random, 2) == 0 ? 0 : 1 + below(random, 200);
    type.defers = below(random, 2) == 0;
    type.after_record = kNoRecord;
    type.afters = 0;
    type.yield_record = kNoRecord;
    type.first_call = static_cast<std::uint8_t>(below(random, 5));
    type.calls = static_cast<std::uint8_t>(below(random, 5));
    type.records = static_cast<std::uint8_t>(type.first_call + type.calls);
    type.open = static_cast<std::uint8_t>(below(random, 4));
    type.watched = below(random, 2) == 0;
    type.monitors = static_cast<std::uint16_t>(below(random, 4));
    type.result_size = below(random, 80);
    type.news = static_cast<std::uint8_t>(below(random, 4));
    type.kept = below(random, 3);
    type.scratch = below(random, 2) * below(random, 5000);
    type.states = {&kState, 1};
    type.ios = {kIos.data(), below(random, 3)};
    return type;
  }

  static constexpr StateTable kState{};
  static constexpr std::array<IoTable, 2> kIos{};
  std::vector<TypeTable> types;
  std::vector<ChildTable> children;
  std::vector<BlobPoolTable> pools;
  SupervisorTable supervisor{};
  RoleTable role{};
  SystemTable system{};
};

std::vector<Region> regions_of(const RoleTable& role) {
  std::vector<Region> regions;
  for_each_region(role, [&](const Region& region) { regions.push_back(region); });
  return regions;
}

TEST(ArenaLayout, GivesEachPartItsOwnAlignedBytes) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const DrawnRole drawn(random);
    std::size_t end = 0;
    std::set<std::pair<Part, std::uint16_t>> known;
    for (const Region& region : regions_of(drawn.role)) {
      ASSERT_EQ(region.offset % kCacheLine, 0u) << seed;
      ASSERT_EQ(region.offset, end) << seed;
      ASSERT_GT(region.size, 0u) << seed;
      ASSERT_TRUE(known.emplace(region.part, region.type).second) << seed;
      end = round_up(region.offset + region.size, kCacheLine) + kCanarySize;
    }
    ASSERT_EQ(end, arena_size(drawn.role)) << seed;
  }
}

/// The last byte of what a type's arrays hold, by part, or null for what a type does not have.
std::map<Part, const void*> ends_of(TypeBlock& type) {
  const TypeTable& table = *type.table;
  const std::uint32_t last = type.slots - 1;
  std::map<Part, const void*> ends;
  ends[Part::kStates] = type.state(last) + table.state_size;
  ends[Part::kMeta] = type.meta + type.slots;
  ends[Part::kRecords] = type.records + type.slots;
  ends[Part::kEntries] = type.entries + type.end;
  ends[Part::kInits] = type.init(last) + table.init_size;
  ends[Part::kReady] = type.ready + type.slots;
  ends[Part::kFree] = type.free + type.slots;
  if (table.records > 0) ends[Part::kResults] = &type.result(last, table.records - 1u) + 1;
  if (!table.ios.empty()) {
    ends[Part::kObjects] = &type.object(last, static_cast<unsigned>(table.ios.size()) - 1) + 1;
  }
  if (table.ios.size() > 0 && type.operand_stride > 0) {
    ends[Part::kOperands] = type.operands_of(type.slots, 0);
  }
  if (table.calls > 0) {
    const auto& call = type.call(last, table.first_call + table.calls - 1u);
    ends[Part::kCalls] = reinterpret_cast<const std::byte*>(&call + 1) + table.result_size;
  }
  if (table.open > 0) ends[Part::kOpenCalls] = &type.open_call(last, table.open - 1u) + 1;
  if (has_watches(table)) ends[Part::kWatches] = type.watches + type.slots;
  if (table.kept > 0) ends[Part::kKept] = type.kept + std::size_t{type.slots} * table.kept;
  if (table.news != 0) ends[Part::kHeard] = type.heard + type.slots;
  if (deferred_places(table) > 0) {
    const auto* place = type.deferred_at(deferred_places(table) - 1);
    ends[Part::kDeferred] = reinterpret_cast<const std::byte*>(place + 1) + type.entry_stride;
  }
  return ends;
}

TEST(Arena, HoldsWhatItsTablesAskForAndSeesEachBrokenCanary) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    const DrawnRole drawn(random);
    const Placement placement(drawn.system, 1);
    Shard shard;
    ASSERT_TRUE(shard.build(drawn.system, nullptr, ShardId{0}, placement, false));
    const std::vector<Region> regions = regions_of(drawn.role);
    for (const Region& region : regions) {
      if (region.part < Part::kStates || region.part > Part::kDeferred) continue;
      const auto ends = ends_of(shard.parts.types[region.type]);
      ASSERT_TRUE(ends.contains(region.part)) << seed << " " << name(region.part);
      const auto* end = static_cast<const std::byte*>(ends.at(region.part));
      const std::byte* const begin = shard.arena + region.offset;
      ASSERT_GT(end, begin) << seed << " " << name(region.part);
      ASSERT_LE(end, begin + region.size) << seed << " " << name(region.part);
    }
    TypeBlock& type = shard.parts.types[0];
    ASSERT_EQ(shard.parts.canary_count, regions.size());
    ASSERT_TRUE(structures_sound(shard.parts, type, 0)) << seed;
    for (const Region& region : regions) {
      const std::size_t canary = round_up(region.offset + region.size, kCacheLine);
      std::byte& broken = shard.arena[canary + below(random, kCanarySize)];
      broken ^= std::byte{1};
      ASSERT_FALSE(structures_sound(shard.parts, type, 0)) << seed << " " << name(region.part);
      broken ^= std::byte{1};
    }
    ASSERT_TRUE(structures_sound(shard.parts, type, 0)) << seed;
    shard.destroy();
  }
}

class Handles : public ProbeShard {
 protected:
  /// Compares all that the model knows with the shard.
  void compare() {
    const TypeBlock& workers = type(kWorker);
    for (const auto& [slot, handle] : live_) ASSERT_TRUE(workers.lives(handle));
    for (const Handle handle : dead_) ASSERT_FALSE(workers.lives(handle));
    ASSERT_EQ(workers.live, live_.size());
    ASSERT_EQ(workers.free_count, workers.slots - live_.size() - retired_);
    ASSERT_EQ(shard->parts.counters.slots_retired, retired_);
    ASSERT_TRUE(structures_sound(shard->parts, workers, 0));
  }
  void spawn() {
    const bool room = live_.size() < 3 && type(kWorker).slots - live_.size() - retired_ > 0;
    queued(order_keeper(Act::SPAWN));
    run();
    ASSERT_EQ(probe::spawn_results.back() == SpawnStatus::kSpawned, room);
    if (!room) return;
    const Handle handle = probe::last_spawned.handle;
    ASSERT_TRUE(live_.emplace(handle.slot(), handle).second);
    ASSERT_TRUE(given_.insert(handle.bits).second) << "a handle was given twice";
    ASSERT_NE(handle.generation(), 0u);
  }
  void end(Random& random) {
    if (live_.empty()) return;
    const auto victim = std::next(live_.begin(), below(random, live_.size()));
    const Handle handle = victim->second;
    queued(order_worker({handle}, below(random, 2) == 0 ? Act::END : Act::CRASH));
    run();
    dead_.push_back(handle);
    live_.erase(victim);
    if (handle.generation() == ~std::uint32_t{0}) ++retired_;
  }
  /// Lets a free slot come near the end of its generations, as after years.
  void age(Random& random) {
    const std::uint32_t slot = below(random, type(kWorker).slots);
    SlotMeta& meta = type(kWorker).meta[slot];
    if (live_.contains(slot) || meta.generation == 0) return;
    meta.generation = std::max(meta.generation, ~std::uint32_t{0} - below(random, 3));
  }
  void forge(Random& random) {
    const Handle handle{below(random, 2) == 0 || dead_.empty()
                            ? random()
                            : dead_[below(random, dead_.size())].bits ^ random() % 4};
    const auto known = live_.find(handle.slot());
    if (handle.shard() == ShardId{0} && known != live_.end() && known->second == handle) return;
    ASSERT_NE(order_worker({handle}, Act::NOTHING), SendResult::kQueued) << handle.bits;
  }

  std::map<std::uint32_t, Handle> live_;
  std::vector<Handle> dead_;
  std::set<std::uint64_t> given_;
  std::uint64_t retired_ = 0;
};

TEST_F(Handles, NameOneIncarnationForEverAlsoWhenGenerationsRunOut) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    boot();
    const bool ages = seed % 4 == 0;  // elsewhere slots live for long
    for (int step = 0; step < (ages ? 1500 : 150); ++step) {
      switch (below(random, 8)) {
        case 0:
        case 1:
        case 2:
          spawn();
          break;
        case 3:
        case 4:
          end(random);
          break;
        case 5:
          if (ages) age(random);
          break;
        default:
          forge(random);
      }
      if (!HasFatalFailure()) compare();
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
      crash_reasons();
    }
    if (ages) {
      EXPECT_EQ(retired_, type(kWorker).slots) << "seed " << seed;
    }
    enter_shard_thread(nullptr, nullptr, 0);
    shard->destroy();
    live_.clear();
    dead_.clear();
    given_.clear();
    retired_ = 0;
  }
}

}  // namespace
}  // namespace tina::internal
