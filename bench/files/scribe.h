// SPDX-License-Identifier: Apache-2.0
// A scribe of the file benchmark. Every block begins with its own number, which a read compares and
// a write puts there. Shard's thread.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "files.tina.h"
#include "reading.h"

namespace files_bench {

struct Scribe : ScribeBase {
  tina::Ref<Starter> starter;
  std::uint64_t random = 0;
  std::uint64_t next = 0;  ///< block that is under way, or the first one of the commit
  std::uint32_t blocks = 0;
  std::uint32_t left = 0;
  Work mode = Work::READ;
  alignas(8) std::array<std::byte, BLOCK> own{};

  InitResult on_init(ScribeInit&& init, Context&) {
    starter = init.starter;
    random = (init.number + 1) * 0x9e3779b97f4a7c15u;
    blocks = init.blocks;
    left = init.operations;
    mode = init.mode;
    return ok(io(book.open(init.path, fs::Open::kRead | fs::Open::kWrite)));
  }
  Effect on_book_opened(const fs::file::Opened& end, Context& ctx) {
    if (!end.ok()) return crash("the file cannot be opened");
    const auto sent = ctx.send(starter, Ready{.scribe = ctx.self()});
    return sent == tina::SendResult::kQueued ? Effect(receive()) : crash("starter is full");
  }
  Effect on_go(const Go&, Context& ctx) { return operate(ctx); }

  Effect on_book_read(fs::file::Read&& end, Context& ctx) {
    std::uint64_t number = 0;
    if (!end.ok() || end.data.size() != BLOCK) return crash("a read has failed");
    std::memcpy(&number, end.data.bytes().data(), sizeof(number));
    if (number != next) return crash("a read has brought another block");
    return ended(ctx);
  }
  Effect on_book_written(const fs::file::Written& end, Context& ctx) {
    if (!end.ok()) return crash("a write has failed");
    if (mode == Work::COMMIT) next += GROUP;
    return ended(ctx);
  }
  Effect on_leaf(Leaf&&, Context&) { return receive(); }

 private:
  Effect ended(Context& ctx) {
    if (--left > 0) return operate(ctx);
    const auto sent = ctx.send(starter, Ended{});
    return sent == tina::SendResult::kQueued ? Effect(receive()) : crash("starter is full");
  }
  Effect operate(Context& ctx) {
    if (mode == Work::COMMIT) return commit(ctx);
    next = bench::next_random(random, blocks);
    if (mode == Work::READ) return io(book.read(next * BLOCK, BLOCK));
    std::memcpy(own.data(), &next, sizeof(next));
    return io(book.write(next * BLOCK, std::span<const std::byte>(own)));
  }
  Effect commit(Context& ctx) {
    for (std::uint64_t number = next; number < next + GROUP; ++number) {
      tina::Blob<BLOCK> blob = ctx.blob<BLOCK>();
      if (!blob) return crash("no blob");
      blob.resize(BLOCK);
      std::memcpy(blob.bytes().data(), &number, sizeof(number));
      if (ctx.book.add(std::move(blob)) != tina::AddResult::kAdded)
        return crash("the list is full");
    }
    return io(book.commit(next * BLOCK));
  }
};

}  // namespace files_bench
