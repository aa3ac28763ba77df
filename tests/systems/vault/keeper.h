// SPDX-License-Identifier: Apache-2.0
// Handlers of vault.tina's Keeper. A value is its number and a word that follows from it, so that
// one that is not whole is known.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <span>

#include "told.h"
#include "vault.tina.h"

namespace vault {

struct Keeper : KeeperBase {
  using Shelf = fs::directory;
  using Page = fs::file;

  std::uint64_t value = 0;  ///< the one that is there
  std::uint64_t values = 0;
  std::array<std::uint64_t, 2> next = {};
  tina::String<200> folder;
  tina::String<20> swept;  ///< the name that is being taken away
  std::uint32_t skipped = 0;
  bool says = false;     ///< each value that is told
  bool listing = false;  ///< behind the first piece

  InitResult on_init(KeeperInit&& init, Context&) {
    skipped = init.skipped;
    values = init.values;
    folder = init.folder;
    says = init.tell != 0;
    return ok();
  }

  Entry<Opening> on_enter(in<Opening>, Context&) { return start(shelf.open(folder.view())); }
  Then<Listing, Waiting> on_shelf_opened(in<Opening>, const Shelf::Opened& end, Context&) {
    listing = false;
    return end.ok() ? Then<Listing, Waiting>(to<Listing>()) : to<Waiting>();
  }

  Entry<Listing> on_enter(in<Listing>, Context&) {
    return start(listing ? shelf.list_more() : shelf.list());
  }
  Then<Stay<Listing>, Sweeping, Finding, Waiting> on_shelf_listed(in<Listing>, Shelf::Listed&& end,
                                                                  Context&) {
    if (end.status == fs::Status::kEnd) return to<Finding>();
    if (!end.ok()) return to<Waiting>();
    for (const fs::Entry& entry : end.entries()) {
      if (entry.name == "value" || entry.what != fs::What::kFile) continue;
      if (!swept.try_assign(entry.name)) continue;
      listing = false;  // from the beginning, when that one is gone
      return to<Sweeping>();
    }
    listing = true;
    return stay(io(shelf.list_more()));
  }

  Entry<Sweeping> on_enter(in<Sweeping>, Context&) { return start(shelf.unlink(swept.view())); }
  Then<Listing, Waiting> on_shelf_removed(in<Sweeping>, const Shelf::Removed& end, Context&) {
    if (!end.ok()) return to<Waiting>();
    ++told.swept;
    return to<Listing>();
  }

  Entry<Finding> on_enter(in<Finding>, Context&) {
    return start(page.open(path("value"), fs::Open::kRead));
  }
  Then<Reading, Making, Waiting> on_page_opened(in<Finding>, const Page::Opened& end,
                                                Context& ctx) {
    if (end.ok()) return to<Reading>();
    if (end.error != ENOENT) return to<Waiting>();
    found(0, ctx);
    return to<Making>();
  }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(page.read(0)); }
  Then<Shutting, Waiting> on_page_read(in<Reading>, Page::Read&& end, Context& ctx) {
    std::array<std::uint64_t, 2> read = {};
    if (end.status == fs::Status::kError) return to<Waiting>();
    if (end.ok() && end.data.bytes().size() < sizeof read) return to<Waiting>();  // read short
    if (end.ok()) std::memcpy(read.data(), end.data.bytes().data(), sizeof read);
    if (end.ok() && read[1] == word(read[0])) {
      found(read[0], ctx);
    } else {
      told.lost = true;  // only whole values have that name
      ctx.log(tina::Level::kError, "damaged");
    }
    return to<Shutting>();
  }
  Entry<Shutting> on_enter(in<Shutting>, Context&) { return start(page.close()); }
  Then<Making> on_page_closed(in<Shutting>, const Page::Closed&, Context&) { return to<Making>(); }

  Entry<Making> on_enter(in<Making>, Context&) {
    next = {value + 1, word(value + 1)};
    return start(
        page.open(path("new"), fs::Open::kWrite | fs::Open::kCreate | fs::Open::kTruncate));
  }
  Then<Writing, Waiting> on_page_opened(in<Making>, const Page::Opened& end, Context&) {
    return end.ok() ? Then<Writing, Waiting>(to<Writing>()) : to<Waiting>();
  }
  Entry<Writing> on_enter(in<Writing>, Context&) {
    return start(page.write(0, std::as_bytes(std::span(next))));
  }
  Then<Syncing, Closing, Waiting> on_page_written(in<Writing>, const Page::Written& end, Context&) {
    if (!end.ok()) return to<Waiting>();
    if (skipped == OF_BYTES) return to<Closing>();
    return to<Syncing>();
  }
  Entry<Syncing> on_enter(in<Syncing>, Context&) { return start(page.sync()); }
  Then<Closing, Waiting> on_page_synced(in<Syncing>, const Page::Synced& end, Context&) {
    return end.ok() ? Then<Closing, Waiting>(to<Closing>()) : to<Waiting>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) { return start(page.close()); }
  Then<Naming> on_page_closed(in<Closing>, const Page::Closed&, Context&) { return to<Naming>(); }

  Entry<Naming> on_enter(in<Naming>, Context&) { return start(shelf.rename("new", "value")); }
  Then<Keeping, Telling, Waiting> on_shelf_renamed(in<Naming>, const Shelf::Renamed& end,
                                                   Context& ctx) {
    if (!end.ok()) return to<Waiting>();
    if (skipped != OF_NAMES) return to<Keeping>();
    tell(ctx);
    return to<Telling>();
  }
  Entry<Keeping> on_enter(in<Keeping>, Context&) { return start(shelf.sync()); }
  Then<Telling, Waiting> on_shelf_synced(in<Keeping>, const Shelf::Synced& end, Context& ctx) {
    if (!end.ok()) return to<Waiting>();
    tell(ctx);
    return to<Telling>();
  }
  Then<Making, Gone> on_after(in<Telling>, Context&) {
    if (values != 0 && value >= values) return to<Gone>();
    return to<Making>();
  }

  Entry<Waiting> on_enter(in<Waiting>, Context&) { return start(page.close()); }
  Then<Stay<Waiting>> on_page_closed(in<Waiting>, const Page::Closed&, Context&) {
    return stay(io(shelf.close()));
  }
  Then<Again> on_shelf_closed(in<Waiting>, const Shelf::Closed&, Context&) { return to<Again>(); }

 private:
  static std::uint64_t word(std::uint64_t number) { return number * 0x9e3779b97f4a7c15 + 1; }
  fs::Path path(std::string_view name) const {
    std::array<char, 224> text;
    const int size =
        std::snprintf(text.data(), text.size(), "%.*s/%.*s", static_cast<int>(folder.view().size()),
                      folder.view().data(), static_cast<int>(name.size()), name.data());
    return std::string_view(text.data(), static_cast<std::size_t>(size));
  }
  void found(std::uint64_t number, Context& ctx) {
    value = number;
    ctx.log(tina::Level::kInfo, "found", tina::Field{"value", static_cast<std::int64_t>(value)},
            tina::Field{"swept", static_cast<std::int64_t>(told.swept)});
    told.lost = told.lost || number < told.value;
  }
  void tell(Context& ctx) {
    value = next[0];
    told.value = std::max(told.value, value);
    if (!says) return;
    ctx.log(tina::Level::kInfo, "told", tina::Field{"value", static_cast<std::int64_t>(value)});
  }
};

}  // namespace vault
