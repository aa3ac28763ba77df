// SPDX-License-Identifier: Apache-2.0
// Handlers of journal.tina's Writer. A record is its number and 56 bytes that follow from it, so
// that one that is torn, or of another place, is known.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "journal.tina.h"
#include "told.h"

namespace journal {

inline std::array<std::byte, ENTRY> record_of(std::uint64_t number) {
  std::array<std::byte, ENTRY> bytes;
  for (std::size_t i = 0; i < ENTRY; i += 8) {
    const std::uint64_t word = number * 0x9e3779b97f4a7c15 + i;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  return bytes;
}

struct Writer : WriterBase {
  using File = fs::file;

  std::uint64_t records = 0;  ///< in the log, whole
  std::uint64_t at = 0;       ///< bytes read back
  std::uint32_t hasty = 0;
  std::uint32_t group = 0;  ///< records of the commit that is under way
  std::uint32_t filled = 0;
  std::array<std::byte, ENTRY> part = {};  ///< of a record that is being read

  InitResult on_init(WriterInit&& init, Context&) {
    hasty = init.hasty;
    return ok();
  }
  // Only so that the isolate may have blobs.
  Then<Stay<Machine>> on_line(in<Machine>, Line&&, Context&) { return stay(); }

  Entry<Opening> on_enter(in<Opening>, Context&) {
    return start(
        book.open("var/ledger.log", fs::Open::kRead | fs::Open::kWrite | fs::Open::kCreate));
  }
  Then<Reading, Waiting> on_book_opened(in<Opening>, const File::Opened& end, Context&) {
    if (!end.ok()) return to<Waiting>();
    records = at = filled = 0;
    return to<Reading>();
  }

  Entry<Reading> on_enter(in<Reading>, Context&) { return start(book.read(0)); }
  Then<Stay<Reading>, Cutting, Closing> on_book_read(in<Reading>, File::Read&& end, Context&) {
    if (end.status == fs::Status::kEnd) return to<Cutting>();
    if (!end.ok()) return to<Closing>();
    for (const std::byte byte : end.data.bytes()) {
      part[filled++] = byte;
      if (filled < ENTRY) continue;
      if (part != record_of(records)) return to<Cutting>();
      filled = 0;
      ++records;
    }
    at += end.data.bytes().size();
    return stay(io(book.read(at)));
  }

  Entry<Cutting> on_enter(in<Cutting>, Context&) {
    told.torn += filled > 0 ? 1 : 0;
    told.lost = told.lost || records < told.kept;
    return start(book.truncate(records * ENTRY));
  }
  Then<Resting, Closing> on_book_truncated(in<Cutting>, const File::Truncated& end, Context&) {
    if (!end.ok()) return to<Closing>();
    // What was read may be in memory only, and given up by a sync that has failed; what the last
    // commit before may have held is written again, so that the next sync means it, too.
    records -= std::min<std::uint64_t>(records, GROUP);
    return to<Resting>();
  }

  Entry<Writing> on_enter(in<Writing>, Context& ctx) {
    group = 1 + static_cast<std::uint32_t>(records % GROUP);
    for (std::uint32_t i = 0; i < group; ++i) {
      tina::Blob<ENTRY> blob = ctx.blob<ENTRY>();
      if (!blob) return crash("more records than declared");
      blob.resize(ENTRY);
      std::ranges::copy(record_of(records + i), blob.bytes().begin());
      if (ctx.book.add(std::move(blob)) != tina::AddResult::kAdded)
        return crash("the list is full");
    }
    if (hasty == 1) acknowledge(records + group);
    return start(hasty == 2 ? book.write_gathered(records * ENTRY) : book.commit(records * ENTRY));
  }
  Then<Resting, Closing> on_book_written(in<Writing>, const File::Written& end, Context&) {
    if (!end.ok()) return to<Closing>();
    records += group;
    acknowledge(records);
    return to<Resting>();
  }

  Entry<Closing> on_enter(in<Closing>, Context&) { return start(book.close()); }

 private:
  static void acknowledge(std::uint64_t through) { told.kept = std::max(told.kept, through); }
};

}  // namespace journal
