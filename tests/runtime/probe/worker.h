// SPDX-License-Identifier: Apache-2.0
// Handlers of probe.tina's Worker. What they saw is left in `seen`, for the test to read.
#pragma once

#include "acts.h"
#include "probe.tina.h"

namespace probe {

inline std::vector<tina::Ref<Worker>> flooded;

struct Worker : WorkerBase {
  std::uint64_t id = 0;
  std::uint64_t orders = 0;

  InitResult on_init(WorkerInit&& init, Context&) {
    id = init.id;
    see("worker.init", id);
    if (init.first == Act::CRASH) return crash("told to crash in init");
    if (init.first == Act::END) return done();
    misbehave(init.first);
    return ok();
  }
  Entry<Busy> on_enter(in<Busy>, Context&) {
    see("worker.busy", id);
    return start();
  }
  Then<Stay<Machine>, Gone> on_order(in<Machine>, const Order& order, Context& ctx) {
    ++orders;
    if (order.act == Act::FLOOD) {
      for (const tina::Ref<Worker> to : flooded) {
        for (int i = 0; i < 4; ++i) send_results.push_back(ctx.send(to, Note{.value = 0xbad}));
      }
    }
    see("worker.order", order.value);
    if (order.act == Act::CRASH) return crash("told to crash");
    if (order.act == Act::ARM) ctx.alarm.arm(std::chrono::milliseconds(order.value));
    if (order.act == Act::DISARM) see("worker.disarmed", ctx.alarm.cancel() ? 1 : 0);
    if (order.act == Act::END) return to<Gone>();
    misbehave(order.act);
    return stay();
  }
  Then<Stay<Machine>, Gone> on_alarm(in<Machine>, const tina::Fired& fired, Context&) {
    see("worker.alarm", fired.missed);
    return stay();
  }
  Then<Stay<Busy>> on_beat(in<Busy>, const tina::Fired& fired, Context&) {
    see("worker.beat", fired.missed);
    return stay();
  }
  Then<Busy> on_note(in<Idle>, const Note& note, Context&) {
    see("worker.note", note.value);
    return to<Busy>();
  }
  Then<Busy> on_after(in<Idle>, Context&) {
    see("worker.after", id);
    return to<Busy>();
  }
};

}  // namespace probe
