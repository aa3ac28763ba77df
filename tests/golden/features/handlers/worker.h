#pragma once
#include "features.tina.h"

namespace features {

struct Worker : WorkerBase {
  tina::Ref<Client> client;

  InitResult on_init(WorkerInit&& init, Context&) {
    client = init.client;
    return ok(io(left.receive()));
  }
  Then<Stay<Machine>, Gone> on_sys_shutdown(in<Machine>, const sys::Shutdown&, Context&) {
    return to<Gone>();
  }
  Then<Stay<Machine>, Busy> on_poke(in<Machine>, const Poke&, Context&) { return stay(); }
  Then<Stay<Machine>, Gone> on_left_received(in<Machine>, net::tcp_stream::Received&& received,
                                             Context&) {
    if (!received.ok()) return to<Gone>();
    return stay(io(left.receive()));
  }
  Entry<Idle> on_enter(in<Idle>, Context&) { return start(right.receive()); }
  Then<Busy, Stay<Idle>, Gone> on_job(in<Idle>, const Job& job, Context& ctx) {
    if (ctx.send(client, {.id = job.id}) != tina::SendResult::kQueued) return crash("done");
    return to<Busy>(io(right.finish()));
  }
  Then<Busy, Idle> on_left_sent(in<Idle>, const net::tcp_stream::Sent&, Context&) {
    return to<Idle>();
  }
  Then<Stay<Busy>, Idle> on_right_sent(in<Busy>, const net::tcp_stream::Sent&, Context&) {
    return stay();
  }
  Then<Idle, Gone> on_after(in<Busy>, Context&) { return to<Gone>(); }
};

}  // namespace features
