// SPDX-License-Identifier: Apache-2.0
// See names.h.
#include "sim/names.h"

#include <algorithm>
#include <cerrno>

#include "sim/kind.h"
#include "sim/network.h"
#include "src/resolve_name.h"

namespace tina::sim {
namespace {

constexpr std::uint64_t kAnswerNs = 200'000;
constexpr std::uint64_t kAnswerJitterNs = 2'000'000;
constexpr std::int32_t kFailures[] = {ENOENT, ENODATA, EREMOTEIO, ECONNREFUSED, ETIMEDOUT, EBADMSG};

constexpr std::uint64_t key_of(unsigned shard, internal::Token token) {
  return (std::uint64_t{shard} << 48) ^ token.bits;
}

/// Whom draws about a name are about: there is room for so many bits.
std::uint64_t entity_of(const std::string& name) { return hash_text(name.c_str()) >> 24; }

std::unique_ptr<NameService> make_names(Clock& clock, Chooser& chooser, Trace& trace,
                                        NetworkUser& user, const NameFaults& faults) {
  return std::make_unique<Names>(clock, chooser, trace, user, faults);
}

}  // namespace

const Kind kResolvers{.make_names = make_names};

std::string Names::lower(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string result(name);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

void Names::set(std::string_view name, std::vector<net::Address> addresses) {
  failing_.erase(lower(name));
  table_[lower(name)] = std::move(addresses);
}

void Names::start(unsigned shard, const internal::Operation& operation) {
  const auto number = static_cast<std::uint32_t>(queries_.size());
  Query& query = queries_.emplace_back();
  query.shard = shard;
  query.token = operation.token;
  query.operand = &operation.as<internal::ResolveOperand>();
  if (!by_token_.emplace(key_of(shard, query.token), number).second) {
    user_.failed("shard " + std::to_string(shard) + ": two resolves at once in one lane");
    return;
  }
  const internal::ResolveQuestion& question = query.operand->question;
  trace_.record(clock_.now_ns(), TraceKind::kResolve,
                {shard, query.token.bits, hash_text(std::string(question.text()).c_str()),
                 question.port, 0, 0});
  if (internal::resolve_at_once(question, query.operand->answer) != internal::kAskOthers) {
    return end(number, 100);
  }
  const std::uint64_t name = entity_of(lower(question.text()));
  std::uint64_t delay_ns = kAnswerNs + chooser_.choose(Domain::kResolve, name, kAnswerJitterNs);
  if (faults_.delay_high_ns > 0) {
    constexpr std::uint64_t kSteps = 1U << 20;
    const std::uint64_t step = chooser_.choose(Domain::kIoDelay, name, kSteps + 1);
    delay_ns +=
        faults_.delay_low_ns + (faults_.delay_high_ns - faults_.delay_low_ns) * step / kSteps;
  }
  if (chooser_.chance(Domain::kResolveError, name, faults_.error)) {
    ++errors_;
    query.failure = kFailures[chooser_.choose(Domain::kResolveError, name, std::size(kFailures))];
  } else if (const auto failing = failing_.find(lower(question.text()));
             failing != failing_.end()) {
    query.failure = failing->second;
  }
  if (query.failure == ETIMEDOUT) delay_ns = user_.resolver_patience_ns(shard, query.token);
  end(number, delay_ns);
}

void Names::end(std::uint32_t number, std::uint64_t delay_ns) {
  queries_[number].serial = ++serial_;
  clock_.in(delay_ns, EventKind::kName, number, serial_);
}

bool Names::cancel(unsigned shard, internal::Token token) {
  const auto found = by_token_.find(key_of(shard, token));
  if (found == by_token_.end()) return false;
  Query& query = queries_[found->second];
  // Its answer may be on its way already: then either end is true.
  if (!query.cancelled &&
      chooser_.choose(Domain::kCancel, entity_of(lower(query.operand->question.text())), 4) != 0) {
    query.cancelled = true;
    end(found->second, kAnswerNs / 10);
  }
  return true;
}

/// Draws which of a name's addresses an answer has, and in which order.
void Names::change(std::uint32_t number, std::vector<net::Address>& addresses) {
  const Query& query = queries_[number];
  const std::uint64_t name = entity_of(lower(query.operand->question.text()));
  if (addresses.size() < 2 || !chooser_.chance(Domain::kResolveChange, name, faults_.change))
    return;
  const std::size_t size = addresses.size();
  std::rotate(addresses.begin(),
              addresses.begin() +
                  static_cast<std::ptrdiff_t>(chooser_.choose(Domain::kResolveChange, name, size)),
              addresses.end());
  addresses.resize(1 + chooser_.choose(Domain::kResolveChange, name, size));
}

std::int32_t Names::answer(std::uint32_t number) {
  const Query& query = queries_[number];
  if (query.cancelled) return -ECANCELED;
  internal::ResolveOperand& operand = *query.operand;
  const std::int32_t known = internal::resolve_at_once(operand.question, operand.answer);
  if (known != internal::kAskOthers) return known;
  if (query.failure != 0) return -query.failure;
  const auto found = table_.find(lower(operand.question.text()));
  if (found == table_.end()) return -ENOENT;
  std::vector<net::Address> addresses = found->second;
  change(number, addresses);
  addresses.resize(std::min<std::size_t>(addresses.size(), net::kResolvedMax));
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    operand.answer.addresses[i] = addresses[i];
    operand.answer.addresses[i].port = operand.question.port;
  }
  return addresses.empty() ? -ENODATA : static_cast<std::int32_t>(addresses.size());
}

void Names::happen(const Event& event) {
  Query& query = queries_[event.number];
  if (query.serial != event.serial) return;
  const std::int32_t value = answer(event.number);
  query.serial = 0;
  by_token_.erase(key_of(query.shard, query.token));
  std::uint64_t hash = 0;
  for (std::int32_t i = 0; i < value; ++i) {
    const net::Address& found = query.operand->answer.addresses[static_cast<std::size_t>(i)];
    hash = combine(hash, hash_bytes(std::as_bytes(std::span(found.host))));
  }
  trace_.record(clock_.now_ns(), TraceKind::kCompletion,
                {query.shard, query.token.bits, static_cast<std::uint32_t>(value), hash, 0, 0});
  user_.completed(query.shard, query.token, value);
}

}  // namespace tina::sim
