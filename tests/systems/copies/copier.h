// SPDX-License-Identifier: Apache-2.0
// Handlers of copies.tina's Copier. What a disk refuses is said, and ends the copy.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "copies.tina.h"

namespace copies {

struct Copier : CopierBase {
  using File = fs::file;

  tina::String<200> origin, copy;
  std::uint64_t at = 0;
  std::uint32_t stretch = 0;  ///< bytes that are being written
  std::uint32_t longest = 0;  ///< parts of one read
  std::uint32_t reads = 0;

  InitResult on_init(CopierInit&& init, Context&) {
    origin = init.origin;
    copy = init.copy;
    return ok();
  }

  Entry<Opening> on_enter(in<Opening>, Context&) {
    return start(source.open(origin.view(), fs::Open::kRead));
  }
  Then<Making, Gone> on_source_opened(in<Opening>, const File::Opened& end, Context& ctx) {
    if (end.ok()) return to<Making>();
    refused(end.error, ctx);
    return to<Gone>();
  }
  Entry<Making> on_enter(in<Making>, Context&) {
    return start(
        target.open(copy.view(), fs::Open::kWrite | fs::Open::kCreate | fs::Open::kTruncate));
  }
  Then<Reading, Gone> on_target_opened(in<Making>, const File::Opened& end, Context& ctx) {
    if (end.ok()) return to<Reading>();
    refused(end.error, ctx);
    return to<Gone>();
  }

  Entry<Reading> on_enter(in<Reading>, Context&) { return start(source.read_scattered(at)); }
  Then<Writing, Syncing, Gone> on_source_read_scattered(in<Reading>, File::ReadScattered&& end,
                                                        Context& ctx) {
    if (end.status == fs::Status::kEnd) return to<Syncing>();
    if (!end.ok()) return refused(end.error, ctx), to<Gone>();
    ++reads;
    std::uint32_t parts = 0;
    for (tina::Buffer& part : end) {
      ++parts;
      if (ctx.target.add(std::move(part)) == tina::AddResult::kFull)
        return crash("the list is full");
    }
    if (parts > longest) longest = parts;
    stretch = end.size;
    return to<Writing>();
  }
  Entry<Writing> on_enter(in<Writing>, Context&) { return start(target.write_gathered(at)); }
  Then<Reading, Gone> on_target_written(in<Writing>, const File::Written& end, Context& ctx) {
    if (!end.ok()) return refused(end.error, ctx), to<Gone>();
    at += stretch;
    return to<Reading>();
  }
  Entry<Syncing> on_enter(in<Syncing>, Context&) { return start(target.sync()); }
  Then<Gone, Spoiled> on_target_synced(in<Syncing>, const File::Synced& end, Context& ctx) {
    if (!end.ok()) return refused(end.error, ctx), to<Spoiled>();
    ctx.log(tina::Level::kInfo, "copied", field("bytes", at), field("reads", reads),
            field("parts", longest));
    return to<Gone>();
  }

 private:
  static tina::Field field(const char* name, std::uint64_t value) {
    return {name, static_cast<std::int64_t>(value)};
  }
  static void refused(std::int32_t error, Context& ctx) {
    ctx.log(tina::Level::kError, "refused", tina::Field{"errno", error});
  }
};

}  // namespace copies
