// SPDX-License-Identifier: Apache-2.0
// See reactor.h. Sends from a file of the same isolate: the operation is the stream's, and borrows
// the file for as long as it is in the backend. Invariant: the descriptor that a backend reads from
// is open until its completion; between two steps of the operation, and while it waits for room,
// the file is free, and may be closed.
#include <cerrno>

#include "src/mailbox.h"
#include "src/reactor.h"

namespace tina::internal {
namespace {

/// Of a stream: the lane whose operations send.
constexpr unsigned kWriteLane = 1;

}  // namespace

void Reactor::start_send_file(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                              const OpRecord& op) {
  ResultRecord& record = type.result(slot, op.record);
  if (type.object(slot, op.object).phase != ObjectPhase::kOpen) {
    return refuse(core, type, slot, op.record);
  }
  // Not before: until now it may be that of an operation that was given up.
  auto& operand = type.operand<SendFileOperand>(slot, op.object, op.op);
  __builtin_memcpy(&operand, &op + 1, sizeof operand);
  record.data = reinterpret_cast<const std::byte*>(&operand);  // nobody reads it as bytes
  if (record.size == 0) return deliver(core, type, slot, op.record);
  submit(core, type, slot, op.record);
}

/// False: the file is not open. One that waits for room needs none.
bool Reactor::borrow_file(TypeBlock& type, std::uint32_t slot, const ResultRecord& record) {
  if (record.waits) return true;
  auto& operand = type.operand<SendFileOperand>(slot, record.object, record.op);
  IoObject& file = type.object(slot, operand.object);
  if (file.phase != ObjectPhase::kOpen) return false;
  operand.file = file.descriptor;
  operand.at = operand.offset + record.done;
  ++file.in_flight;
  type.object(slot, record.object).borrows = static_cast<std::uint16_t>(operand.object + 1);
  return true;
}

/// An operation of a stream that borrows a file has come back; perhaps another one than that.
void Reactor::give_back_file(ShardCore& core, TypeBlock& type, Token token) {
  const std::uint8_t number_of_stream = record_of(core, token).object;
  // What its record says may be newer.
  if (token.record() != type.table->ios[number_of_stream].first_record + kWriteLane) return;
  IoObject& object = type.object(token.slot(), number_of_stream);
  const unsigned number = object.borrows - 1U;
  IoObject& file = type.object(token.slot(), number);
  object.borrows = 0;
  --file.in_flight;
  const bool draining = (type.meta[token.slot()].flags & kDraining) != 0;
  if (draining || file.phase != ObjectPhase::kClosing || file.in_flight > 0) return;
  completed_closing(core, type, token.slot(), type.table->ios[number].whole_record());
}

}  // namespace tina::internal
