// SPDX-License-Identifier: Apache-2.0
// The judge of the service benchmark: starts all, and counts what the clients got between two
// times. Shard's thread.
#pragma once

#include <chrono>
#include <utility>

#include "load/histogram.h"
#include "reading.h"
#include "service.tina.h"
#include "session.h"

namespace service {

struct Judge : JudgeBase {
  static constexpr std::uint64_t kGoodNs = 100'000'000;  ///< a reply that comes later helps nobody

  tina::load::Histogram latency;
  std::array<tina::Ref<Client>, CLIENTS> clients{};
  std::uint64_t begin_ns = 0, elapsed_ns = 0;
  std::uint64_t due = 0, shed = 0, failed = 0, good = 0;
  std::uint32_t measure_ms = 0;
  std::uint32_t tallies = 0;

  InitResult on_init(JudgeInit&& init, Context& ctx) {
    measure_ms = init.ms;
    in_processor_time = init.processor_time;
    std::array<tina::Ref<Session>, SESSIONS> sessions{};
    for (tina::Ref<Session>& session : sessions) {
      const auto spawned = ctx.spawn(SessionInit{});
      if (!spawned.ok()) return crash("no slot for a session");
      session = spawned.ref;
    }
    const auto hall = ctx.spawn(HallInit{});
    if (!hall.ok()) return crash("no slot for the hall");
    for (std::uint32_t i = 0; i < CLIENTS; ++i) {
      const auto client = ctx.spawn(ClientInit{.session = sessions[i],
                                               .hall = hall.ref,
                                               .judge = ctx.self(),
                                               .number = i,
                                               .period = init.period,
                                               .rounds = init.rounds,
                                               .shared = init.shared});
      if (!client.ok()) return crash("no slot for a client");
      clients[i] = client.ref;
    }
    FlooderInit flooder{.session = sessions[CLIENTS],
                        .hall = hall.ref,
                        .rounds = init.rounds,
                        .shared = init.shared};
    if (init.flood && !ctx.spawn(std::move(flooder)).ok()) {
      return crash("no slot for the flooder");
    }
    ctx.phase.arm(std::chrono::milliseconds(measure_ms / 5 + 100));
    return ok();
  }

  Effect on_phase(const tina::Fired&, Context& ctx) {
    if (begin_ns != 0) {
      elapsed_ns = now_ns() - begin_ns;
      return tell_all(End{}, ctx);
    }
    begin_ns = now_ns();
    ctx.phase.arm(std::chrono::milliseconds(measure_ms));
    return tell_all(Begin{}, ctx);
  }

  Effect on_sample(const Sample& sample, Context&) {
    latency.Record(sample.latency_ns);
    if (sample.latency_ns <= kGoodNs) ++good;
    return receive();
  }

  Effect on_tally(const Tally& tally, Context&) {
    due += tally.due;
    shed += tally.shed;
    failed += tally.failed;
    if (++tallies < CLIENTS) return receive();
    const double seconds = static_cast<double>(elapsed_ns) / 1e9;
    const auto us = [this](double quantile) {
      return static_cast<double>(latency.ValueAt(quantile)) / 1e3;
    };
    bench::tell(
        "{\"bench\": \"service\", \"offered_per_s\": %.0f, \"good_per_s\": %.0f, \"shed\": "
        "%llu, "
        "\"failed\": %llu, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": "
        "%.1f}\n",
        static_cast<double>(due) / seconds, static_cast<double>(good) / seconds,
        static_cast<unsigned long long>(shed), static_cast<unsigned long long>(failed), us(0.5),
        us(0.99), us(0.999), static_cast<double>(latency.max()) / 1e3);
    return done();
  }

 private:
  template <class Message>
  Effect tell_all(const Message& message, Context& ctx) {
    for (const tina::Ref<Client> client : clients) {
      if (ctx.send(client, message) != tina::SendResult::kQueued) return crash("client is full");
    }
    return receive();
  }
};

}  // namespace service
