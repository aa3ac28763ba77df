// SPDX-License-Identifier: Apache-2.0
// The starter of the file benchmark: the clock runs from when all files are open until the last
// operation has ended. Shard's thread.
#pragma once

#include <array>

#include "files.tina.h"
#include "reading.h"

namespace files_bench {

struct Starter : StarterBase {
  std::array<tina::Ref<Scribe>, DEPTH> scribes{};
  std::uint64_t begin_ns = 0;
  std::uint32_t depth = 0, each = 0, ready = 0, ended = 0;
  Work mode = Work::READ;

  InitResult on_init(StarterInit&& init, Context& ctx) {
    mode = init.mode;
    depth = mode == Work::COMMIT ? 1 : DEPTH;
    each = init.operations / depth;
    const tina::fs::Path path(init.path.view());
    for (std::uint32_t i = 0; i < depth; ++i) {
      const auto spawned = ctx.spawn({.path = path,
                                      .starter = ctx.self(),
                                      .number = i,
                                      .blocks = init.blocks,
                                      .operations = each,
                                      .mode = mode});
      if (!spawned.ok()) return crash("no slot for a scribe");
    }
    return ok();
  }
  Effect on_ready(const Ready& message, Context& ctx) {
    scribes[ready] = message.scribe;
    if (++ready < depth) return receive();
    begin_ns = bench::read_clock();
    for (std::uint32_t i = 0; i < depth; ++i) {
      if (ctx.send(scribes[i], Go{}) != tina::SendResult::kQueued) return crash("go refused");
    }
    return receive();
  }
  Effect on_ended(const Ended&, Context&) {
    if (++ended < depth) return receive();
    const auto elapsed = static_cast<double>(bench::read_clock() - begin_ns);
    const auto operations = static_cast<double>(std::uint64_t{each} * depth);
    bench::tell("{\"bench\": \"files\", \"mode\": %u, \"per_s\": %.1f, \"us\": %.3f}\n",
                static_cast<unsigned>(mode), operations / elapsed * 1e9,
                elapsed / operations / 1e3);
    return done();
  }
};

}  // namespace files_bench
