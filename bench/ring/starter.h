// SPDX-License-Identifier: Apache-2.0
// The starter of the ring benchmark. A token that has stopped is started again where it stopped, so
// the measured run begins with every token in its place. Shard's thread.
#pragma once

#include <utility>

#include "ring.tina.h"
#include "stopwatch.h"

namespace ring {

struct Starter : StarterBase {
  std::uint64_t tokens = 0;
  std::uint64_t stopped = 0;
  std::uint64_t warm_hops = 0;  ///< per token
  std::uint64_t end_hops = 0;
  tina::Instant begin;
  bool measuring = false;
  std::array<tina::Ref<Node>, NODES> nodes{};

  InitResult on_init(StarterInit&& init, Context& ctx) {
    tokens = init.one_token ? 1 : NODES;
    const std::uint64_t wanted = init.one_token ? init.hops / 4 : init.hops;
    warm_hops = wanted / 10 / tokens + 1;
    end_hops = warm_hops + wanted / tokens + 1;
    for (tina::Ref<Node>& node : nodes) {
      const auto spawned = ctx.spawn({.starter = ctx.self(), .stride = NODES / tokens});
      if (!spawned.ok()) return crash("no slot for a node");
      node = spawned.ref;
    }
    if (init.one_token || init.shuffled) shuffle();
    for (std::size_t i = 0; i < NODES; ++i) {
      const Link link{.next = nodes[(i + 1) % NODES], .first = i % (NODES / tokens)};
      if (ctx.send(nodes[i], link) != tina::SendResult::kQueued) return crash("link refused");
    }
    if (!start(0, warm_hops, ctx)) return crash("token refused");
    return ok();
  }

  Effect on_stopped(const Stopped&, Context& ctx) {
    if (++stopped < tokens) return receive();
    stopped = 0;
    if (measuring) {
      bench::report(ctx,
                    tokens == 1         ? "ring_one"
                    : NODES < 1'000'000 ? "ring"
                                        : "ring_million",
                    tokens * (end_hops - warm_hops), begin);
      return done();
    }
    measuring = true;
    begin = ctx.now();
    if (!start(warm_hops, end_hops, ctx)) return crash("token refused");
    return receive();
  }

 private:
  bool start(std::uint64_t hop, std::uint64_t stop, Context& ctx) {
    for (std::size_t i = 0; i < NODES; i += NODES / tokens) {
      const Token token{.hop = hop, .stop = stop};
      tina::Ref<Node> at = nodes[(i + hop) % NODES];
      if (ctx.send(at, token) != tina::SendResult::kQueued) return false;
    }
    return true;
  }

  /// Fisher–Yates with a fixed seed: the same circle in every run.
  void shuffle() {
    std::uint64_t random = 42;
    for (std::size_t i = NODES - 1; i > 0; --i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      std::swap(nodes[i], nodes[(random >> 33) % (i + 1)]);
    }
  }
};

}  // namespace ring
