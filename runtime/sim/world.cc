// SPDX-License-Identifier: Apache-2.0
// See world.h. Driving: what a run does for each event. What it does once is in world_build.cc, the
// checks at the end in world_check.cc.
#include "sim/world.h"

namespace tina::sim {
namespace {

using internal::ShardParts;
using internal::TypeBlock;

/// Restarts that injection leaves to the application's own crashes within a window.
constexpr std::uint64_t kRestartsLeft = 2;

std::string whose_books(unsigned shard) {
  return "shard " + std::to_string(shard) + ": a message, a call or an answer is in no count";
}

/// A result that was taken off its slot's list and has not reached its handler holds a descriptor
/// or a buffer. In production nothing can fail there; a crash injected there must put both into
/// transit.
void put_in_transit(ShardCore& core, TypeBlock& type) {
  const internal::Running running = core.running.get();
  for (unsigned i = 0; i < type.table->records; ++i) {
    const internal::ResultRecord& record = type.result(running.slot, i);
    if (record.completion != running.tag || record.status != internal::RecordStatus::kIdle) {
      continue;
    }
    if (internal::traits(record.op).brings_descriptor && record.value >= 0) {
      core.transit_descriptor = record.value;
    } else if (internal::traits(record.op).wants_buffer && record.value > 0) {
      internal::hold_block(core, record.buffer);
    }
  }
}

}  // namespace

void World::drive() {
  for (const auto& node : nodes_) {
    internal::start(*node->shard, clock_.now_ns(), 0, SimPlatform::calls(), node->platform.get());
    schedule(*node, clock_.now_ns());
  }
  Peers registry(peers_);
  if (options_.peers) options_.peers(registry);
  peers_.start();
  if (options_.time_ns != 0) {
    clock_.in(options_.time_ns, EventKind::kStop, 0, 0);
  } else if (peers_.size() == 0) {
    clock_.in(options_.alone_ns, EventKind::kStop, 0, 0);
  }
  while (!fatal_ && !all_left() && within_limits()) {
    ++outcome_.events;
    happen(clock_.next());
    if (!stopping_ && peers_.size() > 0 && peers_.all_done()) stop();
  }
}

void World::happen(const Event& event) {
  switch (event.kind) {
    case EventKind::kPass:
      if (nodes_[event.number]->pass_serial == event.serial) run_pass(*nodes_[event.number]);
      break;
    case EventKind::kPeerStart:
    case EventKind::kPeerTimer:
      peers_.happen(event);
      break;
    case EventKind::kStop:
      if (stopping_) break;
      network_.excuse_all();
      stop();
      break;
    case EventKind::kDisk:
      files_->happen(event);
      break;
    case EventKind::kPower:
      if (!stopping_) fail_power();
      break;
    default:
      network_.happen(event);
      break;
  }
}

bool World::within_limits() {
  if (clock_.idle()) {
    failed("nothing will ever happen again: " + peers_.unfinished());
  } else if (outcome_.events >= options_.events_max) {
    failed("no end after " + std::to_string(outcome_.events) + " events: " + peers_.unfinished());
  } else if (clock_.now_ns() - Clock::kStartNs >= options_.time_max_ns) {
    failed("no end within the virtual time limit: " + peers_.unfinished());
  }
  return !fatal_;
}

bool World::all_left() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->left; });
}

void World::completed(unsigned shard, internal::Token token, std::int32_t value) {
  nodes_[shard]->platform->arrive(token, value);
  schedule(*nodes_[shard], clock_.now_ns());
}

void World::schedule(Node& node, std::uint64_t at_ns) {
  at_ns = std::max(at_ns, node.busy_until_ns);
  if (node.pass_at_ns != 0 && node.pass_at_ns <= at_ns) return;
  node.pass_at_ns = at_ns;
  clock_.in(at_ns - clock_.now_ns(), EventKind::kPass, index(node.shard->parts.shard),
            ++node.pass_serial);
}

void World::enter(Node& node) {
  if (entered_ == &node) return;
  entered_ = &node;
  internal::enter_shard_thread(&node.shard->parts, alternate_stack_.data(),
                               alternate_stack_.size());
}

std::uint32_t World::pass_once(Node& node) {
  ShardParts& shard = node.shard->parts;
  enter(node);
  shard.sleep_flag.clear();
  node.platform->begin_pass(options_.dispatch_ns);
  const std::uint32_t work = internal::pass(shard, *node.platform);
  real_clock_.open();
  const auto wake = [](void* world, unsigned peer) {
    World& self = *static_cast<World*>(world);
    self.schedule(*self.nodes_[peer], self.clock_.now_ns() + kWakeNs);
  };
  internal::publish_outbound(shard, parts_, wake, this);
  read_log(node);
  note_restarts(node);
  const std::uint64_t cost = options_.pass_ns + node.platform->calls_made() * options_.dispatch_ns;
  node.busy_until_ns =
      clock_.now_ns() + cost + chooser_.choose(Domain::kPassCost, index(shard.shard), 1 + cost / 4);
  ++outcome_.passes;
  if (!internal::books_balance(shard)) failed(whose_books(index(shard.shard)));
  if (shards_.size() > 1 && !internal::books_balance(shards_)) {
    failed("what was sent to other shards is not what was taken and what is in the rings");
  }
  outcome_.dispatches += node.platform->calls_made();
  return work;
}

void World::run_pass(Node& node) {
  node.pass_at_ns = 0;
  // The order of production's loop: its end is looked at before a pass, never after one.
  if (node.shard->parts.tree.ended()) {
    node.left = true;
    // `auto_shutdown` of a root is an end in order, which is no failure.
    const bool in_order = node.shard->parts.tree.phase() == internal::TreePhase::kStopped;
    if (!stopping_ && !in_order) {
      failed("shard " + std::to_string(index(node.shard->parts.shard)) + " gave up");
    }
    return;
  }
  const std::uint32_t work = pass_once(node);
  if (!options_.properties.empty()) check_properties();
  if (work > 0) {
    schedule(node, node.busy_until_ns);
  } else {
    sleep(node);
  }
}

void World::sleep(Node& node) {
  ShardParts& shard = node.shard->parts;
  shard.sleep_flag.announce_sleep();
  if (!internal::may_sleep(shard)) {
    schedule(node, node.busy_until_ns);
    return;
  }
  const std::uint64_t deadline = internal::next_deadline_ns(shard);
  trace_.record(clock_.now_ns(), TraceKind::kSleep, {index(shard.shard), deadline, 0, 0, 0, 0});
  if (deadline != 0) schedule(node, std::max(deadline, clock_.now_ns()));
}

void World::read_log(Node& node) {
  internal::LogRing& ring = node.shard->parts.log;
  while (const internal::LogRecord* record = ring.peek()) {
    keep_log(node, *record);
    ring.pop();
  }
}

void World::note_restarts(Node& node) {
  const ShardParts& shard = node.shard->parts;
  for (; node.restarts_seen < shard.counters.restarts; ++node.restarts_seen) {
    trace_.record(clock_.now_ns(), TraceKind::kRestart,
                  {index(shard.shard), node.restarts_seen + 1, 0, 0, 0, 0});
  }
}

bool World::static_crash_fits(const Node& node, std::uint32_t child) const {
  const internal::SupervisionTree& tree = node.shard->parts.tree;
  return tree.phase() == internal::TreePhase::kRunning &&
         tree.restarts_left(child, clock_.now_ns()) > kRestartsLeft;
}

/// Of a call whose declared chance has come true, or that has none.
bool World::may_crash(const Node& node, internal::Running running) {
  const ShardParts& shard = node.shard->parts;
  const std::uint32_t record = shard.types[running.type].records[running.slot].child;
  const internal::ChildTable& child = shard.tree.table(shard.tree.child(record));
  const bool temporary = child.restart == internal::Restart::kTemporary;
  if (!options_.crashes.empty()) return temporary || static_crash_fits(node, record);
  Chooser::Entity& drawn = *node.crashes[running.type].drawn;
  if (child.dynamic) return Chooser::chance(drawn, options_.crash_dynamic);
  if (temporary) return false;
  return Chooser::chance(drawn, options_.crash_static) && static_crash_fits(node, record);
}

// Allocates nothing: the clock may still be closed from the handler before.
void World::on_dispatch(ShardCore& core, void* data) {
  Node& node = *static_cast<Node*>(data);
  World& world = *node.world;
  internal::set_phase(core, internal::Phase::kRuntime);  // a fault here is the simulator's
  const internal::Running running = core.running.get();
  TypeBlock& type = core.types[running.type];
  const internal::SlotMeta& meta = type.meta[running.slot];
  node.platform->called();
  const std::uint64_t event_tag = static_cast<std::uint64_t>(running.event) << 16 | running.tag;
  world.trace_.record_spread(
      world.clock_.now_ns(), TraceKind::kDispatch,
      {index(core.shard), running.type, running.slot, meta.generation, meta.state, event_tag},
      node.spread_shard, kSmallSpread[running.type], spread(running.slot), spread(meta.generation),
      kSmallSpread[meta.state], spread(event_tag));
  const CrashDraw& draw = node.crashes[running.type];
  const bool drawn = draw.always || Chooser::chance(*draw.drawn, draw.declared);
  const bool crash = drawn && world.may_crash(node, running);
  if (crash && running.event == internal::Event::kResult) put_in_transit(core, type);
  world.real_clock_.close();
  internal::set_phase(core, internal::Phase::kHandler);
  if (crash) internal::crash_running(core, kInjected);
}

}  // namespace tina::sim
