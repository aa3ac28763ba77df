// SPDX-License-Identifier: Apache-2.0
// Handlers of tasks.tina's Session, and the words that a client reads.
#include "session.h"

#include <charconv>
#include <optional>
#include <span>
#include <utility>

namespace tasks {
namespace {

constexpr std::string_view kUsage = "say `primes N`, with N up to 1000000, or `status`\n";
constexpr std::uint32_t kBelowMax = 1'000'000;

/// Writes an answer piece by piece; what does not fit is left out.
class Words {
 public:
  explicit Words(tina::String<127>& into) : into_(into) { into_.clear(); }
  Words& operator<<(std::string_view text) {
    static_cast<void>(into_.try_append(text));
    return *this;
  }
  Words& operator<<(std::uint64_t number) {
    char digits[20] = {};
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    return *this << std::string_view(digits, end);
  }
  Words& operator<<(Place place) { return *this << place.shard << "." << place.index; }

 private:
  tina::String<127>& into_;
};

/// What stands behind a word and a blank, as a number.
std::optional<std::uint32_t> number_behind(std::string_view word, std::string_view line) {
  if (!line.starts_with(word)) return std::nullopt;
  line.remove_prefix(word.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc{} || end != line.data() + line.size()) return std::nullopt;
  return number;
}

/// Why a call has no reply, for somebody who knows nothing of calls.
std::string_view reason(tina::Failure failure) {
  switch (failure) {
    case tina::Failure::kCrashed:
    case tina::Failure::kEnded:
      return "no answer: the dispatcher has crashed\n";
    case tina::Failure::kTimeout:
      return "no answer: it took too long\n";
    default:
      return "not taken: the dispatcher is not there, try again\n";
  }
}

}  // namespace

Session::InitResult Session::on_init(SessionInit&&, Context&) { return ok(); }

Session::Entry<Session::Reading> Session::on_enter(in<Reading>, Context&) {
  return start(peer.receive());
}

Session::Next Session::on_peer_received(in<Reading>, net::tcp_stream::Received&& received,
                                        Context& ctx) {
  if (!received.ok()) return to<Gone>();
  if (ctx.keep(std::move(received.data), ahead) != tina::KeepResult::kKept) return to<Gone>();
  read = 0;
  return go_on(ctx);
}

Session::Then<Session::Answering> Session::on_jobs_count_reply(
    in<Asking>, const tina::Reply<Jobs::Count>& reply, Context&) {
  const Jobs::Count::Result& job = reply.result;
  const auto us = static_cast<std::uint64_t>(job.took.count()) / 1000;
  Words words(answer);
  words << "job " << job.number << ": ";
  switch (job.outcome) {
    case Outcome::Done:
      words << job.primes << " primes, counted by worker " << job.worker << " in " << us << " us\n";
      break;
    case Outcome::Crashed:
      words << "crashed, and worker " << job.worker << " with it; a new one takes its place\n";
      break;
    case Outcome::TimedOut:
      words << "given up, because worker " << job.worker << " took too long\n";
      break;
  }
  return to<Answering>();
}

Session::Then<Session::Answering> Session::on_jobs_count_failed(
    in<Asking>, const tina::Failed<Jobs::Count>& failed, Context&) {
  answer = reason(failed.reason);
  return to<Answering>();
}

Session::Then<Session::Answering> Session::on_jobs_status_reply(
    in<Asking>, const tina::Reply<Jobs::Status>& reply, Context&) {
  const Jobs::Status::Result& now = reply.result;
  Words(answer) << now.taken << " jobs: " << now.done << " done, " << now.crashed << " crashed, "
                << now.timed_out << " given up; workers: " << now.free << " free, " << now.busy
                << " busy\n";
  return to<Answering>();
}

Session::Then<Session::Answering> Session::on_jobs_status_failed(
    in<Asking>, const tina::Failed<Jobs::Status>& failed, Context&) {
  answer = reason(failed.reason);
  return to<Answering>();
}

Session::Entry<Session::Answering> Session::on_enter(in<Answering>, Context&) {
  const std::string_view text = answer.view();
  return start(peer.send(std::as_bytes(std::span(text))));
}

Session::Next Session::on_peer_sent(in<Answering>, const net::tcp_stream::Sent& sent,
                                    Context& ctx) {
  if (!sent.ok() || rude || last) return to<Gone>();
  return go_on(ctx);
}

Session::Then<tina::Stay<Session::Asking>> Session::on_sys_shutdown(in<Asking>,
                                                                    const sys::Shutdown&,
                                                                    Context&) {
  last = true;
  return stay();
}

Session::Then<tina::Stay<Session::Answering>> Session::on_sys_shutdown(in<Answering>,
                                                                       const sys::Shutdown&,
                                                                       Context&) {
  last = true;
  return stay();
}

/// The next line that is there already, or wait for more.
Session::Next Session::go_on(Context& ctx) {
  while (take_line()) {
    const tina::String<LINE> said = std::exchange(line, {});
    std::string_view text = said.view();
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (rude || !text.empty()) return ask(text);
  }
  ctx.give_back(std::move(ahead));
  return to<Reading>();
}

/// Moves bytes to `line` until it is whole. A client that says more than a line can hold is rude.
bool Session::take_line() {
  const std::string_view left = ahead.text().substr(read);
  const std::size_t end = left.find('\n');
  const bool whole = end != std::string_view::npos;
  rude = !line.try_append(left.substr(0, end));
  read += static_cast<std::uint32_t>(whole ? end + 1 : left.size());
  return whole || rude;
}

Session::Next Session::ask(std::string_view said) {
  if (rude) {
    Words(answer) << "a line has at most " << LINE << " bytes\n";
    return to<Answering>();
  }
  if (said == "status") return to<Asking>(call(jobs.status()));
  const auto below = number_behind("primes ", said);
  if (below && *below <= kBelowMax) return to<Asking>(call(jobs.count(*below)));
  answer = kUsage;
  return to<Answering>();
}

}  // namespace tasks
