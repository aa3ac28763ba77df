// SPDX-License-Identifier: Apache-2.0
// One client: takes a line, asks the dispatcher, says the answer, takes the next line. What a
// client says ahead stays in the received buffer, which this isolate keeps, and in the kernel, so
// that it can hurry nobody. Front shard's thread.
#pragma once

#include <string_view>

#include "tasks.tina.h"
#include "tina/string.h"

namespace tasks {

struct Session : SessionBase {
  using Next = Then<Reading, Asking, Answering, Gone>;

  InitResult on_init(SessionInit&&, Context&);
  Entry<Reading> on_enter(in<Reading>, Context&);
  Next on_peer_received(in<Reading>, net::tcp_stream::Received&&, Context&);
  Then<Answering> on_jobs_count_reply(in<Asking>, const tina::Reply<Jobs::Count>&, Context&);
  Then<Answering> on_jobs_count_failed(in<Asking>, const tina::Failed<Jobs::Count>&, Context&);
  Then<Answering> on_jobs_status_reply(in<Asking>, const tina::Reply<Jobs::Status>&, Context&);
  Then<Answering> on_jobs_status_failed(in<Asking>, const tina::Failed<Jobs::Status>&, Context&);
  Entry<Answering> on_enter(in<Answering>, Context&);
  Next on_peer_sent(in<Answering>, const net::tcp_stream::Sent&, Context&);
  Then<Stay<Asking>> on_sys_shutdown(in<Asking>, const sys::Shutdown&, Context&);
  Then<Stay<Answering>> on_sys_shutdown(in<Answering>, const sys::Shutdown&, Context&);

  tina::Buffer ahead;        ///< what the client has said and nobody has read yet,
  std::uint32_t read = 0;    ///< behind so many bytes
  bool rude = false;         ///< it has said more than a line can hold
  bool last = false;         ///< this answer is the last one
  tina::String<LINE> line;   ///< the beginning of its next line
  tina::String<127> answer;  ///< what it is told; stays as it is until it is sent

 private:
  Next go_on(Context& ctx);
  bool take_line();
  Next ask(std::string_view said);
};

}  // namespace tasks
