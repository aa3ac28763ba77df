// SPDX-License-Identifier: Apache-2.0
// Handlers of files.tina's Scribe. What they saw is left in `ends`, for the test to read.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "files.tina.h"

namespace files {

inline std::vector<std::pair<std::string, std::int64_t>> ends;
inline std::string read_text;
inline fs::Facts facts;

struct Scribe : ScribeBase {
  char own[16] = "of my own";

  InitResult on_init(ScribeInit&&, Context&) { return ok(); }

  void add(std::uint64_t value, Context& ctx) {
    tina::Blob<64> blob = ctx.blob<64>();
    if (!blob) return ends.emplace_back("no blob", 0), void();
    blob.resize(value);
    std::fill(blob.bytes().begin(), blob.bytes().end(), std::byte{'a'});
    const tina::AddResult result = ctx.book.add(std::move(blob));
    ends.emplace_back(result == tina::AddResult::kAdded ? "added" : "full", ctx.book.waiting());
  }

  Then<Stay<Machine>, Working, Resting, Leaving> on_order(in<Machine>, const Order& order,
                                                          Context& ctx) {
    switch (order.act) {
      case Act::OPEN:
        return to<Working>(io(book.open(order.name, static_cast<fs::Open>(order.value), 0640)));
      case Act::READ:
        return to<Working>(io(book.read(order.value, 5)));
      case Act::DESCRIBE:
        return to<Working>(io(book.describe()));
      case Act::WRITE: {
        tina::Blob<64> blob = ctx.blob<64>();
        blob.resize(10);
        std::fill(blob.bytes().begin(), blob.bytes().end(), std::byte{'b'});
        return to<Working>(io(book.write(order.value, std::move(blob))));
      }
      case Act::OWN:
        return to<Working>(io(book.write(order.value, std::as_bytes(std::span(own, 9)))));
      case Act::ADD:
        add(order.value, ctx);
        return stay();
      case Act::GATHERED:
        return to<Working>(io(book.write_gathered(order.value)));
      case Act::COMMIT:
        return to<Working>(io(book.commit(order.value)));
      case Act::SYNC:
        return to<Working>(io(book.sync()));
      case Act::DATA:
        return to<Working>(io(book.sync_data()));
      case Act::TRUNCATE:
        return to<Working>(io(book.truncate(order.value)));
      case Act::CLOSE:
        return to<Leaving>(io(book.close()));
      case Act::REST:
        return to<Resting>();
      case Act::ASK:
        ends.emplace_back("idle", (ctx.book.idle(fs::read) ? 4 : 0) +
                                      (ctx.book.idle(fs::write) ? 2 : 0) +
                                      (ctx.book.idle(fs::all) ? 1 : 0));
        return stay();
      default:
        return crash("told to crash");
    }
  }
  // Only so that the isolate may have blobs.
  Then<Stay<Machine>> on_ink(in<Machine>, Ink&&, Context&) { return stay(); }

  Then<Stay<Working>> on_book_opened(in<Working>, const fs::file::Opened& end, Context&) {
    return heard("opened", end.error);
  }
  Then<Stay<Working>> on_book_read(in<Working>, fs::file::Read&& end, Context&) {
    read_text = end.ok() ? std::string(end.data.text()) : "";
    if (end.status == fs::Status::kEnd) return heard("end", 0);
    return heard("read", end.error);
  }
  Then<Stay<Working>> on_book_described(in<Working>, const fs::file::Described& end, Context&) {
    facts = end.facts;
    return heard("described", end.error);
  }
  Then<Stay<Working>> on_book_written(in<Working>, const fs::file::Written& end, Context&) {
    heard("size", end.size);
    return heard("written", end.error);
  }
  Then<Stay<Working>> on_book_synced(in<Working>, const fs::file::Synced& end, Context&) {
    return heard("synced", end.error);
  }
  Then<Stay<Working>> on_book_truncated(in<Working>, const fs::file::Truncated& end, Context&) {
    return heard("truncated", end.error);
  }

 private:
  static Then<Stay<Working>> heard(const char* what, std::int64_t value) {
    ends.emplace_back(what, value);
    return stay();
  }
};

}  // namespace files
