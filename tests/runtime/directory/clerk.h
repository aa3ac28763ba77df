// SPDX-License-Identifier: Apache-2.0
// Handlers of directory.tina's Clerk. What they saw is left in `ends`, for the test to read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "directory.tina.h"

namespace directory {

inline std::vector<std::pair<std::string, std::int64_t>> ends;
inline std::vector<std::string> names;
inline fs::Facts facts;

struct Clerk : ClerkBase {
  InitResult on_init(ClerkInit&&, Context&) { return ok(); }

  Then<Stay<Machine>, Working, Resting> on_order(in<Machine>, const Order& order, Context& ctx) {
    const fs::Path name(order.name.view());
    switch (order.act) {
      case Act::OPEN:
        return to<Working>(io(shelf.open(name)));
      case Act::LIST:
        return to<Working>(io(shelf.list()));
      case Act::MORE:
        return to<Working>(io(shelf.list_more()));
      case Act::DESCRIBE:
        return to<Working>(io(shelf.describe(name)));
      case Act::RENAME:
        return to<Working>(io(shelf.rename(name, order.to.view())));
      case Act::UNLINK:
        return to<Working>(io(shelf.unlink(name)));
      case Act::REMOVE:
        return to<Working>(io(shelf.remove_directory(name)));
      case Act::MAKE:
        return to<Working>(io(shelf.make_directory(name, 0700)));
      case Act::SYNC:
        return to<Working>(io(shelf.sync()));
      case Act::CLOSE:
        return to<Working>(io(shelf.close()));
      case Act::REST:
        return to<Resting>();
      case Act::ASK:
        ends.emplace_back("idle", (ctx.shelf.idle(fs::read) ? 4 : 0) +
                                      (ctx.shelf.idle(fs::write) ? 2 : 0) +
                                      (ctx.shelf.idle(fs::all) ? 1 : 0));
        return stay();
      default:
        return crash("told to crash");
    }
  }

  using Heard = Then<Stay<Working>>;
  using Directory = fs::directory;
  Heard on_shelf_opened(in<Working>, const Directory::Opened& end, Context&) {
    return heard("opened", end.error);
  }
  Heard on_shelf_closed(in<Working>, const Directory::Closed&, Context&) {
    return heard("closed", 0);
  }
  Heard on_shelf_listed(in<Working>, Directory::Listed&& end, Context&) {
    names.clear();
    for (const fs::Entry& entry : end.entries()) names.emplace_back(entry.name);
    if (end.status == fs::Status::kEnd) return heard("end", 0);
    return heard("listed", end.error);
  }
  Heard on_shelf_described(in<Working>, const Directory::Described& end, Context&) {
    facts = end.facts;
    return heard("described", end.error);
  }
  Heard on_shelf_renamed(in<Working>, const Directory::Renamed& end, Context&) {
    return heard("renamed", end.error);
  }
  Heard on_shelf_removed(in<Working>, const Directory::Removed& end, Context&) {
    return heard("removed", end.error);
  }
  Heard on_shelf_made(in<Working>, const Directory::Made& end, Context&) {
    return heard("made", end.error);
  }
  Heard on_shelf_synced(in<Working>, const Directory::Synced& end, Context&) {
    return heard("synced", end.error);
  }

 private:
  static Heard heard(const char* what, std::int64_t value) {
    ends.emplace_back(what, value);
    return stay();
  }
};

}  // namespace directory
