// SPDX-License-Identifier: Apache-2.0
// Handlers of logbook.tina's Keeper. Invariants: the first `end` bytes of the file are `records`
// whole records, and durable from Resting on; who sent a record hears of it exactly once.
#pragma once

#include <cerrno>
#include <utility>

#include "logbook.tina.h"
#include "record.h"

namespace logbook {

struct Keeper : KeeperBase {
  fs::Path path;
  std::uint64_t end = 0;
  std::uint64_t records = 0;
  std::uint64_t waiting_bytes = 0, writing_bytes = 0;
  std::uint32_t waiting = 0;  ///< records in the list
  std::uint32_t writing = 0;  ///< of the commit that is under way
  std::int32_t error = 0;     ///< that broke it
  bool known = false;         ///< `end` and `records` are right

  InitResult on_init(KeeperInit&& init, Context&) {
    path = init.path.view();
    return ok();
  }

  Entry<Opening> on_enter(in<Opening>, Context&) {
    return start(io(book.open(path, fs::Open::kRead | fs::Open::kWrite | fs::Open::kCreate)));
  }
  Then<Reading, Cutting, Broken> on_book_opened(in<Opening>, const fs::file::Opened& result,
                                                Context& ctx) {
    if (!result.ok()) return break_off(result.error, ctx), to<Broken>();
    if (known) return to<Cutting>();
    return to<Reading>();
  }

  Entry<Reading> on_enter(in<Reading>, Context&) { return start(io(book.read(end))); }
  Then<Reading, Cutting, Broken> on_book_read(in<Reading>, fs::file::Read&& result, Context& ctx) {
    if (result.status == fs::Status::kError) return break_off(result.error, ctx), to<Broken>();
    const std::uint64_t before = records;
    if (result.ok()) {
      auto bytes = result.data.bytes();
      while (const std::size_t size = whole_record(bytes, records)) {
        bytes = bytes.subspan(size);
        end += size;
        ++records;
      }
    }
    if (records > before) return to<Reading>();
    return to<Cutting>();
  }

  Entry<Cutting> on_enter(in<Cutting>, Context&) { return start(io(book.truncate(end))); }
  Then<Syncing, Broken> on_book_truncated(in<Cutting>, const fs::file::Truncated& result,
                                          Context& ctx) {
    if (!result.ok()) return break_off(result.error, ctx), to<Broken>();
    return to<Syncing>();
  }
  Entry<Syncing> on_enter(in<Syncing>, Context&) { return start(io(book.sync_data())); }
  Then<Resting, Broken> on_book_synced(in<Syncing>, const fs::file::Synced& result, Context& ctx) {
    if (!result.ok()) return break_off(result.error, ctx), to<Broken>();
    known = true;
    tell(Kept{.records = records}, ctx);
    return to<Resting>();
  }

  Then<Committing> on_record(in<Resting>, Record&& one, Context& ctx) {
    add(std::move(one), ctx);
    return to<Committing>();
  }
  Then<Stay<Committing>> on_record(in<Committing>, Record&& one, Context& ctx) {
    add(std::move(one), ctx);
    return stay();
  }
  Entry<Committing> on_enter(in<Committing>, Context&) {
    writing = std::exchange(waiting, 0);
    writing_bytes = std::exchange(waiting_bytes, 0);
    return start(io(book.commit(end)));
  }
  Then<Committing, Resting, Closing, Broken> on_book_written(in<Committing>,
                                                             const fs::file::Written& result,
                                                             Context& ctx) {
    if (result.ok()) {
      end += std::exchange(writing_bytes, 0);
      records += std::exchange(writing, 0);
      tell(Kept{.records = records}, ctx);
      if (waiting == 0) return to<Resting>();
      return to<Committing>();
    }
    const bool no_room = result.error == ENOSPC || result.error == EDQUOT || result.error == EFBIG;
    if (!no_room || result.size == writing_bytes) return break_off(result.error, ctx), to<Broken>();
    refuse_all(result.error, ctx);
    return to<Closing>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) { return start(io(book.close())); }

  Then<Stay<Broken>> on_record(in<Broken>, Record&&, Context& ctx) {
    tell(Refused{.records = 1, .error = static_cast<std::uint32_t>(error)}, ctx);
    return stay();
  }

 private:
  template <class Message>
  static void tell(const Message& message, Context& ctx) {
    // One that is not there has nobody who waits.
    static_cast<void>(ctx.send(ctx.child<Root::writer>(), message));
  }
  void add(Record&& one, Context& ctx) {
    const std::size_t size = one.data.bytes().size();
    seal(one.data.bytes(), records + writing + waiting);
    if (ctx.book.add(std::move(one.data)) != tina::AddResult::kAdded) {
      return tell(Refused{.records = 1, .error = ENOBUFS}, ctx);
    }
    ++waiting;
    waiting_bytes += size;
  }
  void refuse_all(std::int32_t why, Context& ctx) {
    const std::uint32_t all = std::exchange(writing, 0) + std::exchange(waiting, 0);
    writing_bytes = waiting_bytes = 0;
    tell(Refused{.records = all, .error = static_cast<std::uint32_t>(why)}, ctx);
  }
  /// No later success would tell that the medium has what was written before.
  void break_off(std::int32_t why, Context& ctx) {
    error = why;
    ctx.log(tina::Level::kError, "logbook_broken", tina::Field{"errno", why});
    refuse_all(why, ctx);
  }
};

}  // namespace logbook
