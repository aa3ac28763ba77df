// SPDX-License-Identifier: Apache-2.0
// The start of a call: the caller's record, the request in the mailbox of its callee, the limit.
// Inline, because most calls stay on their shard, find room, and have a limit whose timer an
// earlier call of the same record has armed; the rest is apart, and is given copies, so that an
// effect that starts one call needs no memory. Invariant: a call that was started has ended, waits
// in a mailbox or a ring, or is being handled. Runs on the shard's thread.
#pragma once

#include "tina/ready.h"

namespace tina::internal {

/// All of the isolate's call records are in use: it crashes.
void calls_busy(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept;
/// Starts a call whose callee a path or a route tells. False: as start_call.
bool start_call_found(ShardCore& core, TypeBlock& type, std::uint32_t slot, const CallStart& start,
                      const std::byte* request) noexcept;
/// Goes on with a call that no mailbox of this shard has taken: it crosses, or it has failed.
void start_call_elsewhere(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                          const CallStart& start, const std::byte* request,
                          std::uint8_t record) noexcept;
/// Arms the limit of the call in `record`.
void arm_call_limit(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                    std::uint8_t record) noexcept;

/// A call somewhere in memory; `CallPlace` is one in an effect.
struct CallRef {
  const CallStart& start;
  const std::byte* request;
  const std::byte* bytes() const { return request; }
  void copy_request(void* to) const { copy_words(to, request, start.size); }
};

template <class Call>
[[gnu::cold, gnu::noinline]] bool find_callee(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                              Call call) {
  return start_call_found(core, type, slot, call.start, call.bytes());
}
template <class Call>
[[gnu::noinline]] void call_elsewhere(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                      Call call, std::uint8_t record) {
  start_call_elsewhere(core, type, slot, call.start, call.bytes(), record);
}

/// Arms a limit, unless its timer is armed already and fires no later: then that finds out what is
/// left. So a caller that calls again and again, as most do, touches the wheel once in a limit.
inline void set_call_limit(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                           std::uint8_t record, const CallRecord& call) {
  if (call.armed_ns - 1 >= call.deadline_ns) [[unlikely]] {  // never armed, or later
    arm_call_limit(core, type, slot, record);
  }
}

/// What the server needs to answer the call in `record`.
inline CallHeader header_of(const ShardCore& core, const TypeBlock& type, std::uint32_t slot,
                            std::uint8_t record, const CallRecord& call) {
  return {Handle::at(core.home, slot, type.meta[slot].generation),
          call.deadline_ns,
          call.correlation,
          record,
          static_cast<std::uint8_t>(type.number),
          0};
}

/// Starts a call towards `server`: of this shard to `start.to`, elsewhere to what `start` says.
template <class Call>
[[gnu::always_inline]] inline bool start_call_at(ShardCore& core, TypeBlock& type,
                                                 std::uint32_t slot, const Call& asked,
                                                 ShardId server) {
  const CallStart& start = asked.start;
  SlotRecord& mine = type.records[slot];
  const std::uint8_t record = mine.free_call;
  if (record == kNoRecord) [[unlikely]] {
    calls_busy(core, type, slot);
    return false;
  }
  ResultRecord& result = type.result(slot, record);
  CallRecord& call = TypeBlock::call_of(result);
  mine.free_call = result.next;
  ++mine.calls;
  ++type.count.calls;
  ++type.count.outstanding;
  result.status = RecordStatus::kInFlight;
  call.tag = start.tag;
  call.deadline_ns = core.now.ns + static_cast<std::uint64_t>(start.limit_ns);
  call.first_bit = start.first_bit;
  call.server = server;
  EntryHeader* entry = nullptr;
  if (server == core.shard && start.type < core.type_count) [[likely]] {
    entry = take_place(core, start.type, start.to, start.message);
  }
  if (entry == nullptr) [[unlikely]] {
    call_elsewhere<Call>(core, type, slot, asked, record);
    return true;
  }
  auto* const header = ::new (entry + 1) CallHeader(header_of(core, type, slot, record, call));
  asked.copy_request(header + 1);
  set_call_limit(core, type, slot, record, call);
  return true;
}

/// Starts a call of a slot; one that cannot be queued has ended as rejected when this returns.
/// False: the isolate had no record for it, and has crashed. O(size of the request).
template <class Call>
[[gnu::always_inline]] inline bool start_call(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                              const Call& call) {
  if (call.start.by_path || call.start.by_route) [[unlikely]]
    return find_callee<Call>(core, type, slot, call);
  return start_call_at(core, type, slot, call, call.start.to.shard());
}

}  // namespace tina::internal
