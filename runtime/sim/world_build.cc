// SPDX-License-Identifier: Apache-2.0
// See world.h. Building a world, and what breaks or ends it.
#include "sim/world.h"

#include <cstring>

#include "sim/closed_clock.h"
#include "src/resolver_lanes.h"

namespace tina::sim {
namespace {

using internal::ShardParts;

constexpr unsigned kAutoShards = 2;
constexpr std::size_t kLogLinesKept = 20;
constexpr std::size_t kFailuresKept = 10;

unsigned choose_shards(const internal::SystemTable& system, unsigned wanted) {
  if (wanted != 0) return wanted;
  for (const internal::RoleTable& role : system.roles) {
    wanted += role.shards_auto ? std::min<unsigned>(kAutoShards, role.shards_max) : role.shards_max;
  }
  return wanted;
}

constexpr std::uint64_t crash_entity(unsigned shard, unsigned type) {
  return (std::uint64_t{shard} << 8) | type;
}

}  // namespace

World::World(const internal::SystemTable& system, const void* config, const WorldOptions& options,
             Trace& trace)
    : system_(system),
      options_(options),
      trace_(trace),
      chooser_(options.seed),
      network_(clock_, chooser_, trace, *this, options.network, options.kinds),
      files_(make_files(options)),
      peers_(clock_, chooser_, trace, network_, config,
             [this](const std::string& why) { failed(why); }),
      alternate_stack_(internal::alternate_stack_size()) {
  if (!internal::install_trap_handlers()) failed("the fault handlers cannot be installed");
  if (!build(config)) failed("the kernel refuses the memory of the shards");
}

std::unique_ptr<Files> World::make_files(const WorldOptions& options) {
  const Kind* kind = find(options.kinds, internal::IoKind::kFile);
  if (kind == nullptr) kind = find(options.kinds, internal::IoKind::kDirectory);
  if (kind == nullptr) return nullptr;
  return kind->make_files(clock_, chooser_, trace_, *this, options.disk);
}

World::~World() {
  for (const auto& shard : shards_) shard->destroy();
}

bool World::build(const void* config) {
  placement_ = internal::Placement(system_, choose_shards(system_, options_.shards));
  const auto shards = static_cast<std::uint16_t>(placement_.shards());
  for (std::uint16_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<internal::Shard>());
    if (!shards_[i]->build(system_, config, ShardId{i}, placement_, false)) return false;
    parts_.push_back(&shards_[i]->parts);
    cores_.push_back(&shards_[i]->parts);
  }
  internal::connect(shards_);
  for (std::uint16_t i = 0; i < shards; ++i) {
    auto node = std::make_unique<Node>();
    node->world = this;
    node->spread_shard = spread(i);
    node->shard = shards_[i].get();
    node->platform = std::make_unique<SimPlatform>(clock_, network_, files_.get(), real_clock_, i);
    for (unsigned type = 0; type < parts_[i]->type_count; ++type) {
      node->crashes.push_back({&chooser_.prepare(Domain::kCrash, crash_entity(i, type)),
                               options_.crashes.empty() ? Ratio() : options_.crashes[type],
                               options_.crashes.empty()});
    }
    parts_[i]->hook = on_dispatch;
    parts_[i]->hook_data = node.get();
    nodes_.push_back(std::move(node));
  }
  return true;
}

Outcome World::run() {
  if (fatal_) return outcome_;
  outcome_.clock_closed = real_clock_.works();
  outcome_.held.assign(options_.properties.size(), false);
  for (ShardParts* shard : parts_) shard->clock_closed = real_clock_.works();
  drive();
  if (!fatal_) settle();
  internal::enter_shard_thread(nullptr, nullptr, 0);
  entered_ = nullptr;
  if (!fatal_) check_end();
  sum_up();
  return outcome_;
}

void World::failed(const std::string& why) {
  fatal_ = true;
  if (outcome_.failures.size() < kFailuresKept) outcome_.failures.push_back(why);
}

void World::stop() {
  stopping_ = true;
  trace_.record(clock_.now_ns(), TraceKind::kStop, {});
  for (const auto& node : nodes_) {
    // release: pairs with the acquire in pass, as in production.
    node->shard->parts.stop_order.store(true, std::memory_order_release);
    schedule(*node, clock_.now_ns() + kWakeNs);
  }
}

/// All shards lose what they know at once; no handler runs before they begin anew. What the peers
/// see of it is no failure of the system.
void World::fail_power() {
  network_.excuse_all();
  for (const auto& node : nodes_) {
    enter(*node);
    node->shard->parts.tree.restart(node->shard->parts, internal::RestartCause::kPower);
    schedule(*node, clock_.now_ns());
  }
  files_->fail_power();
}

void World::power_is_back() {
  if (!stopping_) network_.excuse_new(false);
}

std::uint64_t World::resolver_patience_ns(unsigned shard, internal::Token resolve) {
  const internal::TypeTable& type = *parts_[shard]->types[resolve.type()].table;
  return internal::patience_ns(internal::object_of(type, resolve.record()));
}

void World::keep_log(Node& node, const internal::LogRecord& record) {
  std::array<char, 768> line;
  const std::size_t size = internal::format_line(record, *node.shard->parts.role, line);
  if (outcome_.log.size() == kLogLinesKept) outcome_.log.erase(outcome_.log.begin());
  outcome_.log.emplace_back(line.data(), size - 1);
  if (record.kind == internal::LogKind::kCrash) take_crash(node, record);
}

void World::take_crash(Node& node, const internal::LogRecord& record) {
  const ShardParts& shard = node.shard->parts;
  unsigned type = 0;
  while (shard.types[type].table->name != record.type) ++type;
  const bool injected = std::strcmp(record.event, kInjected) == 0;
  ++(injected ? outcome_.crashes_injected : outcome_.crashes_own);
  trace_.record(clock_.now_ns(), TraceKind::kCrash,
                {index(shard.shard), type, record.slot, hash_text(record.state),
                 hash_text(record.event), injected ? 1U : 0U});
  network_.isolate_crashed(index(shard.shard), type, record.slot);
  if (std::strcmp(record.event, kClockReason) == 0) {
    failed(std::string(record.type) + "#" + std::to_string(record.slot) + " in state " +
           record.state + ", message " + record.message + ": " + record.event +
           "; take the time from ctx.now()");
  }
}

}  // namespace tina::sim
