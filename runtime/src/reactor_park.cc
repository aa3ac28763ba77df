// SPDX-License-Identifier: Apache-2.0
// Receives that wait for a buffer: a list through the fields of their records that they do not use
// before they start.
#include "src/reactor.h"

namespace tina::internal {
namespace {

std::uint64_t parked_next(const ResultRecord& record) {
  return (std::uint64_t{record.size} << 32) | record.done;
}
void set_parked_next(ResultRecord& record, std::uint64_t next) {
  record.size = static_cast<std::uint32_t>(next >> 32);
  record.done = static_cast<std::uint32_t>(next);
}
std::uint64_t parked_previous(const ResultRecord& record) {
  return reinterpret_cast<std::uintptr_t>(record.data);
}
void set_parked_previous(ResultRecord& record, std::uint64_t previous) {
  record.data = reinterpret_cast<const std::byte*>(previous);
}

}  // namespace

void Reactor::park(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                   std::uint8_t record_index) {
  const Token token = Token::make(index(type.table->id), slot, record_index);
  ResultRecord& record = type.result(slot, record_index);
  record.status = RecordStatus::kParked;
  set_parked_next(record, kNobody);
  set_parked_previous(record, parked_last_);
  if (parked_first_ == kNobody) {
    parked_first_ = token.bits;
  } else {
    set_parked_next(record_of(core, Token{parked_last_}), token.bits);
  }
  parked_last_ = token.bits;
  ++parked_total_;
}

void Reactor::unpark(ShardCore& core, Token token) {
  ResultRecord& record = record_of(core, token);
  const std::uint64_t next = parked_next(record);
  const std::uint64_t previous = parked_previous(record);
  if (previous == kNobody) {
    TINA_ASSERT(parked_first_ == token.bits);
    parked_first_ = next;
  } else {
    set_parked_next(record_of(core, Token{previous}), next);
  }
  if (next == kNobody) {
    TINA_ASSERT(parked_last_ == token.bits);
    parked_last_ = previous;
  } else {
    set_parked_previous(record_of(core, Token{next}), previous);
  }
  record.size = record.done = 0;  // the links
  record.data = nullptr;
}

}  // namespace tina::internal
