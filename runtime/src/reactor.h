// SPDX-License-Identifier: Apache-2.0
// The reactor: drives the I/O objects of a shard's isolates over a backend that it knows only as a
// table of calls. It owns the blocks of its shard and everything that an operation needs until its
// completion has arrived. Invariants: a lane has at most one operation outstanding or held; a
// descriptor is closed exactly once. Owned by the shard's thread.
#pragma once

#include <limits>

#include "src/blocks.h"
#include "src/os_backend.h"
#include "tina/net.h"
#include "tina/shard_core.h"

namespace tina::internal {

enum class StartResult : std::uint8_t {
  kStarted,
  kLaneBusy,      ///< an operation of that lane is outstanding or its completion is held
  kStaleBuffer,   ///< the buffer is not the one that the handler received
  kOutsideState,  ///< the bytes are not in the isolate's own state
};
const char* name(StartResult result);

enum class Completed : std::uint8_t { kDelivered, kContinued, kDrained };

class Reactor {
 public:
  /// Takes over the blocks that `core` points to. O(blocks).
  void start(ShardCore& core, std::span<const BlobPoolTable> blobs, const BackendCalls* calls,
             void* backend);

  /// Starts one operation of `slot`. A receive waits for its bytes without a
  /// buffer where these are scarce, and one whose bytes are there is parked until a buffer is free.
  /// On an object that is not open, it completes with the error that says so.
  StartResult start_operation(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                              const OpRecord& op);
  /// Whether an operation that ends through `record` of `object` cannot start: one is outstanding
  /// or held there, or in a lane that shares the object with it.
  static bool lane_busy(TypeBlock& type, std::uint32_t slot, std::uint8_t object,
                        std::uint8_t record) {
    if (taken(type.result(slot, record))) return true;
    return type.table->ios[object].whole && shared_lane_busy(type, slot, object, record);
  }
  /// Gives up the connects and resolves of a slot whose completion is not in `listed`: cancels or
  /// forgets them and closes their sockets. O(objects).
  void give_up_connects(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint64_t listed);
  /// Takes a completion: readies the slot's result, continues a partial send, or, if the isolate
  /// has ended, frees what the operation held. kDrained: it was the slot's last.
  Completed complete(ShardCore& core, Token token, std::int32_t value);

  /// Opens the object `io` of a slot, if a value in its init arguments says where. Returns 0 or
  /// minus an errno.
  std::int32_t open_object(TypeBlock& type, std::uint32_t slot, unsigned io);
  void adopt(TypeBlock& type, std::uint32_t slot, unsigned io, std::int32_t descriptor);

  /// Ends every object of a slot: shutdown, cancel, and, once nothing is in flight, close. Frees
  /// what undelivered results hold. Returns true if the slot may be used again at once.
  bool close_objects(ShardCore& core, TypeBlock& type, std::uint32_t slot);

  /// Puts a block of the running handler behind those of an object's list; `to`: where a datagram
  /// goes, null: to the peer of its socket.
  AddResult add_part(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io,
                     BlockHandle& block, const net::Address* to = nullptr);

  /// Gives back a block that somebody has let go of; a read that waits for a buffer gets it.
  void release_block(ShardCore& core, std::uint32_t block);
  Blocks& blocks() { return blocks_; }
  const Blocks& blocks() const { return blocks_; }

  /// Takes back the descriptor and the blocks that the last handler left lying.
  void reclaim_transit(ShardCore& core) {
    if (core.transit_descriptor >= 0 || core.held != kNoBuffer) [[unlikely]] {
      reclaim(core);
    }
  }
  /// A connection comes from another shard.
  void take_stream(std::int32_t descriptor) {
    if (calls_->take != nullptr) calls_->take(backend_, descriptor);
  }
  /// Closes a connection whose message nobody took.
  void drop_stream(std::int32_t descriptor) {
    (calls_->drop != nullptr ? calls_->drop : calls_->close)(backend_, descriptor);
  }
  /// Operations that the backend has not completed.
  std::uint64_t in_flight() const { return in_flight_; }
  std::uint32_t free_buffers() const { return blocks_.free(kReceivePool); }
  std::uint64_t parked_total() const { return parked_total_; }
  std::uint64_t connects_given_up() const { return connects_given_up_; }
  std::uint64_t resolves_given_up() const { return resolves_given_up_; }

 private:
  StartResult take_bytes(ShardCore& core, TypeBlock& type, std::uint32_t slot, const OpRecord& op);
  void start_own(ShardCore& core, TypeBlock& type, std::uint32_t slot, const OpRecord& op);
  void refuse(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void start_opening(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void begin_opening(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void begin_open(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void opened(TypeBlock& type, std::uint32_t slot, const ResultRecord& record);
  StartResult start_close(ShardCore& core, TypeBlock& type, std::uint32_t slot, const OpRecord& op);
  void drop_lane(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  static OpenRequest request_of(TypeBlock& type, std::uint32_t slot, unsigned io, OpCode op,
                                const std::byte* where);
  void remove_file(TypeBlock& type, std::uint32_t slot, unsigned io);
  void release(TypeBlock& type, std::uint32_t slot, unsigned io);
  Completed completed_draining(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                               ResultRecord& record, std::int32_t value);
  void completed_closing(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  static void tell_where(TypeBlock& type, std::uint32_t slot, const ResultRecord& record);
  static bool taken(const ResultRecord& record) {
    return record.status != RecordStatus::kIdle && record.status != RecordStatus::kAbandoned;
  }
  static bool shared_lane_busy(TypeBlock& type, std::uint32_t slot, std::uint8_t object,
                               std::uint8_t record);
  // The `_inline` ones are for the few places that every operation passes.
  void deliver(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void deliver_inline(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void reclaim(ShardCore& core);
  void submit(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void submit_inline(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void submit_with_buffer(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                          std::uint8_t record);
  /// What is really started of an operation: perhaps a wait until it may be.
  static OpCode first_of(const ResultRecord& record) {
    if (awaits(record)) return OpCode::kAwait;
    return record.waits ? OpCode::kAwaitRoom : record.op;
  }
  void wait_again(ShardCore& core, ResultRecord& record);
  /// Whether an operation that is in the backend has no buffer yet for the bytes it waits for.
  static bool awaits(const ResultRecord& record) {
    return traits(record.op).rests && record.buffer == kNoBuffer;
  }
  /// Whether a read may hold a buffer while it waits for bytes that may be long in coming. What
  /// rests so leaves half of them to what moves, and one at least.
  bool may_rest_with_buffer() const {
    return free_buffers() > 1 && free_buffers() > blocks_.count(kReceivePool) / 2;
  }
  void start_receive_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                           std::uint8_t record);
  void receive_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void start_send_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void send_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  bool take_place(ShardCore& core, Batch& batch);
  std::int32_t move_datagrams(TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                              std::uint32_t from, std::uint32_t count);
  void give_back_batch(ShardCore& core, Batch& batch, std::uint32_t from, std::uint32_t end);
  void moved(TypeBlock& type, std::uint32_t slot, ResultRecord& record, std::uint32_t bytes);
  void start_reading_ahead(ShardCore& core);
  void receive_next(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  bool take_arrived(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  bool fill_ahead(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io);
  bool lend_buffer(ShardCore& core, ReadAhead& ahead);
  Completed read_ahead_came(ShardCore& core, Token token, std::int32_t value);
  void take_filled(ShardCore& core, ReadAhead& ahead, std::uint32_t size);
  void read_ahead_ended(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                        std::int32_t value);
  void give_back_lent(ShardCore& core, ReadAhead& ahead);
  void give_back_arrived(ShardCore& core, ReadAhead& ahead);
  void start_send_file(ShardCore& core, TypeBlock& type, std::uint32_t slot, const OpRecord& op);
  static bool borrow_file(TypeBlock& type, std::uint32_t slot, const ResultRecord& record);
  void give_back_file(ShardCore& core, TypeBlock& type, Token token);
  void start_list(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void point_at_list(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                     const ResultRecord& record, Operation& operation);
  void give_back_list(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                      const ResultRecord& record, std::int32_t arrived);
  void start_scattered(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void point_at_buffers(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                        const ResultRecord& record, Operation& operation);
  bool take_place(ShardCore& core, Scatter& scatter);
  void give_back_unfilled(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io,
                          std::uint32_t arrived);
  void start_gathered(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  static void take_parts(TypeBlock& type, std::uint32_t slot, ResultRecord& record);
  static void point_at_parts(TypeBlock& type, std::uint32_t slot, const ResultRecord& record,
                             Operation& operation);
  static void skip_parts(Gather& list, std::uint32_t bytes);
  void give_back_taken(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io);
  void give_back_waiting(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io);
  bool take_buffer(ShardCore& core, Buffer& into);
  Buffer buffer_of(const ShardCore& core, std::uint32_t block) const;
  bool acquire_buffer(ShardCore& core, ResultRecord& record);
  void park(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record);
  void unpark(ShardCore& core, Token token);
  void drop_result(ShardCore& core, TypeBlock& type, std::uint32_t slot, ResultRecord& record);
  static ResultRecord& record_of(ShardCore& core, Token token) {
    return core.types[token.type()].result(token.slot(), token.record());
  }

  const BackendCalls* calls_ = nullptr;
  void* backend_ = nullptr;
  std::uint64_t in_flight_ = 0;
  std::uint64_t parked_total_ = 0;
  std::uint64_t connects_given_up_ = 0;
  std::uint64_t resolves_given_up_ = 0;
  std::uint64_t parked_first_ = kNobody;
  std::uint64_t parked_last_ = kNobody;
  Blocks blocks_;

  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};
  /// Parts of a list that one system call takes (IOV_MAX).
  static constexpr std::uint32_t kPartsPerCall = 1024;
  /// Bytes of one operation: its result counts them.
  static constexpr std::uint64_t kBytesMost = std::numeric_limits<std::int32_t>::max() - 4096;
};

}  // namespace tina::internal
