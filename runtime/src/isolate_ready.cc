// SPDX-License-Identifier: Apache-2.0
// What a slot has to run besides its mailbox, and whose turn it is (tina/dispatch.h calls this).
// Invariants: of one isolate control comes first, then results in order of completion, then Downs,
// then what it has deferred, then its mailbox; of a type neither ready slots nor messages wait for
// the others to run out.
#include "src/call.h"
#include "src/isolate.h"
#include "src/mailbox.h"
#include "src/monitor.h"

namespace tina::internal {
namespace {

constexpr std::uint8_t without(std::uint8_t flags, unsigned bits) {
  return static_cast<std::uint8_t>(flags & ~bits);
}

/// Results and Downs that go ahead of a message because they waited for its isolate, besides one
/// Down for each of its monitors. More than a slot has places for; only an isolate that makes
/// itself a new one with each, as by a call that is refused at once, comes to this.
constexpr std::uint32_t kAheadMax = 512;

bool open_objects(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  for (unsigned io = 0; io < type.table->ios.size(); ++io) {
    const std::int32_t result = shard.reactor.open_object(type, slot, io);
    if (result >= 0) continue;
    shard.running.set({slot, 0, static_cast<std::uint8_t>(index(type.table->id)), Event::kInit});
    const Field fields[] = {{"errno", -result}};
    const bool itself = type.table->ios[io].source == IoSource::kSelf;
    log_event(shard, Level::kError, itself ? "open_failed" : "listen_failed", fields, 1);
    const char* const why =
        itself ? "an I/O object could not be opened" : "the listener could not be opened";
    crash_isolate(shard, type, slot, Fault{why, 0, {}, 0});
    return false;
  }
  return true;
}

}  // namespace

ReadyWork next_work(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept {
  ShardParts& shard = parts(core);
  const ReadyWork nothing{ReadyWork::Kind::kNothing, 0, slot, nullptr};
  SlotMeta& meta = type.meta[slot];
  if ((meta.flags & kLive) == 0) return nothing;
  meta.flags = without(meta.flags, kHeld);  // found out anew below
  if ((meta.flags & kStarting) != 0) {
    if (!open_objects(shard, type, slot)) return nothing;
    return {ReadyWork::Kind::kInit, 0, slot, nullptr};
  }
  if ((meta.flags & kShutdown) != 0) {
    switch (type.table->states[meta.state].shutdown) {
      case OnShutdown::kHandle:
        meta.flags = without(meta.flags, kShutdown);
        return {ReadyWork::Kind::kShutdown, 0, slot, nullptr};
      case OnShutdown::kEnd:
        end_isolate(shard, type, slot, Exit::kShutdown);
        return nothing;
      case OnShutdown::kDefer:
        meta.flags |= kHeld;
        break;
    }
  }
  if (type.table->news != 0) {
    const unsigned kind = take_news(shard, type, slot);
    if (kind != kNewsKinds) {
      return {ReadyWork::Kind::kNews, static_cast<std::uint8_t>(kind), slot, nullptr};
    }
  }
  const std::uint8_t record = first_listed(type, slot);
  if (record != kNoRecord) {
    unlink_result(type, slot, record);
    ++type.count.results;
    ResultRecord& result = type.result(slot, record);
    if (result.op == OpCode::kCall) take_call_end(type, slot, record, result);
    return {ReadyWork::Kind::kResult, record, slot, nullptr};
  }
  if (type.table->monitors > 0 && !type.table->states[meta.state].defers_down &&
      take_down(shard, type, slot)) {
    return {ReadyWork::Kind::kDown, 0, slot, nullptr};
  }
  if (EntryHeader* entry = take_deferred(type, slot); entry != nullptr) {
    return {ReadyWork::Kind::kDeferred, 0, slot, entry};
  }
  if (has_waiting(type, slot) || news_waits(shard, type, slot)) meta.flags |= kHeld;
  return nothing;
}

// What waits for the first message's isolate goes first. That slot keeps its place in the ready
// ring and is found there with less to do, or nothing.
ReadyWork mailbox_turn(ShardCore& core, TypeBlock& type) noexcept {
  const EntryHeader* const entry = type.entry(type.head);
  const std::uint32_t slot = entry->slot();
  if (type.ahead_of != type.head) type.ahead = 0;
  type.ahead_of = type.head;
  const SlotMeta& meta = type.meta[slot];
  if ((meta.flags & kReady) != 0 && meta.generation == entry->generation() &&
      type.ahead < kAheadMax + type.table->monitors) {
    const ReadyWork work = next_work(core, type, slot);
    if (work.kind != ReadyWork::Kind::kDeferred) ++type.ahead;  // what was deferred comes to an end
    if (work.kind != ReadyWork::Kind::kNothing) return work;
  }
  type.ahead = 0;
  return {ReadyWork::Kind::kMailbox, 0, slot, nullptr};
}

void defer_message(TypeBlock& type, std::uint32_t slot, const EntryHeader* entry) noexcept {
  append_deferred(type, slot, entry);
  ++type.meta[slot].pending;  // it still takes its place in the mailbox
  ++type.count.deferred;
  type.meta[slot].flags |= kHeld;
}

void finish_ready(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                  std::uint32_t generation) noexcept {
  parts(core).reactor.reclaim_transit(core);
  const SlotMeta& meta = type.meta[slot];
  if (meta.generation != generation || (meta.flags & kReady) != 0) return;
  const bool control = (meta.flags & kShutdown) != 0 && (meta.flags & kHeld) == 0;
  if (control || has_waiting(type, slot) || news_waits(parts(core), type, slot)) {
    push_ready(core, type, slot);
  }
}

}  // namespace tina::internal
