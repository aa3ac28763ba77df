// SPDX-License-Identifier: Apache-2.0
// See observe.h.
#include "src/observe.h"

#include <cstddef>
#include <cstdio>
#include <cstring>

#include "tina/layout.h"

namespace tina::internal {
namespace {

static_assert(sizeof(LogRecord) <= kLogRecordSize);
static_assert((kLogRecords & (kLogRecords - 1)) == 0);

/// Appends formatted text to a fixed line, cutting what does not fit.
class LineWriter {
 public:
  explicit LineWriter(std::span<char> line) : line_(line) {}

  template <class... Values>
  void add(const char* format, Values... values) {
    const std::size_t room = line_.size() - used_;
    const int written = std::snprintf(line_.data() + used_, room, format, values...);  // NOLINT
    if (written > 0) used_ += std::min(static_cast<std::size_t>(written), room - 1);
  }
  std::size_t finish() {
    if (used_ + 1 >= line_.size()) used_ = line_.size() - 2;
    line_[used_++] = '\n';
    return used_;
  }

 private:
  std::span<char> line_;
  std::size_t used_ = 0;
};

const char* level_name(Level level) {
  constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<unsigned>(level)];
}

const char* signal_name(unsigned signal) {
  switch (signal) {
    case 4:
      return "SIGILL";
    case 7:
      return "SIGBUS";
    case 8:
      return "SIGFPE";
    case 11:
      return "SIGSEGV";
    default:
      return "signal";
  }
}

bool holds(const RoleTable& role, const SupervisorTable& supervisor, unsigned place) {
  if (place - supervisor.first_place < supervisor.children.size()) return true;
  for (const ChildTable& child : supervisor.children) {
    if (child.supervisor == kNoSupervisor) continue;
    if (holds(role, role.supervisors[child.supervisor], place)) return true;
  }
  return false;
}

/// The names of the supervisors from `above` down to the one that has the place.
void add_path(LineWriter& out, const RoleTable& role, const SupervisorTable& above,
              unsigned place) {
  if (place - above.first_place < above.children.size()) return;
  for (const ChildTable& child : above.children) {
    if (child.supervisor == kNoSupervisor) continue;
    const SupervisorTable& below = role.supervisors[child.supervisor];
    if (!holds(role, below, place)) continue;
    out.add(".%s", child.name);
    add_path(out, role, below, place);
    return;
  }
}

void add_fields(LineWriter& out, const LogRecord& record) {
  for (unsigned i = 0; i < record.field_count; ++i) {
    out.add(" %s=%lld", record.fields[i].name, static_cast<long long>(record.fields[i].value));
  }
}

void store(std::uint64_t& to, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(to).store(value, std::memory_order_relaxed);
}

template <class Counters>
void store_all(Counters& to, const Counters& from) {
  std::array<std::uint64_t, sizeof(Counters) / sizeof(std::uint64_t)> values;
  std::memcpy(values.data(), &from, sizeof from);
  auto* out = reinterpret_cast<std::uint64_t*>(&to);
  for (std::size_t i = 0; i < values.size(); ++i) store(out[i], values[i]);
}

}  // namespace

LogRecord* LogRing::at(std::uint64_t number) const {
  return reinterpret_cast<LogRecord*>(memory_ + (number % kLogRecords) * kLogRecordSize);
}

LogRecord* LogRing::reserve() {
  const std::uint64_t next = written_.load(std::memory_order_relaxed);
  // acquire: pairs with the release in pop, so that the reader is done with the place.
  if (memory_ == nullptr || next - read_.load(std::memory_order_acquire) >= kLogRecords) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  LogRecord* record = at(next);
  *record = LogRecord{};
  return record;
}

void LogRing::commit() {
  // release: pairs with the acquire in peek.
  written_.store(written_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

const LogRecord* LogRing::peek() const {
  const std::uint64_t next = read_.load(std::memory_order_relaxed);
  // acquire: pairs with the release in commit.
  return next == written_.load(std::memory_order_acquire) ? nullptr : at(next);
}

void LogRing::pop() {
  // release: pairs with the acquire in reserve.
  read_.store(read_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

std::size_t format_line(const LogRecord& record, const RoleTable& role, std::span<char> line) {
  LineWriter out(line);
  out.add("time=%llu.%06llu level=%s shard=%u",
          static_cast<unsigned long long>(record.time_ns / 1'000'000'000),
          static_cast<unsigned long long>(record.time_ns / 1000 % 1'000'000),
          level_name(record.level), unsigned{record.shard});
  if (record.kind != LogKind::kEvent) {
    const bool crash = record.kind == LogKind::kCrash;
    out.add("%s path=%s", crash ? " event=crash" : " event=slow_handler", role.root->name);
    add_path(out, role, *role.root, record.place);
    out.add(".%s#%u state=%s message=%s", record.type, record.slot, record.state, record.message);
    if (crash) out.add(" reason=\"%s\" restarts=%u", record.event, record.restarts);
    add_fields(out, record);
    if (record.signal != 0) {
      out.add(" signal=%s address=0x%llx", signal_name(record.signal),
              static_cast<unsigned long long>(record.address));
    }
    for (std::size_t i = 0; i < record.stack.size() && record.stack[i] != 0; ++i) {
      out.add("%s0x%llx", i == 0 ? " stack=" : ",",
              static_cast<unsigned long long>(record.stack[i]));
    }
    return out.finish();
  }
  out.add(" event=%s", record.event);
  if (record.type != nullptr) out.add(" isolate=%s#%u", record.type, record.slot);
  add_fields(out, record);
  return out.finish();
}

void publish(CounterPage& page, const ShardCore& core, const ShardCounters& counters) {
  CounterPage::ShardRow& row = page.shard[index(core.shard)];
  std::atomic_ref<std::uint64_t> version(row.version);
  // acquire: the counts are not written before the row is marked. Pairs with the loads in read_row.
  version.fetch_add(1, std::memory_order_acq_rel);
  store_all(row.count, counters);
  for (unsigned i = 0; i < core.type_count; ++i) {
    store_all(row.types[i].count, core.types[i].count);
    store(row.types[i].queued, core.types[i].queued());
    store(row.types[i].live, core.types[i].live);
  }
  // release: pairs with the first load in read_row, which finds the counts written.
  version.fetch_add(1, std::memory_order_release);
}

bool read_row(const CounterPage& page, unsigned shard, CounterPage::ShardRow& copy) {
  const CounterPage::ShardRow& row = page.shard[shard];
  const std::size_t words = (sizeof row - (kTypesMax - page.types) * sizeof(CounterPage::TypeRow)) /
                            sizeof(std::uint64_t);
  // A word of a page that is mapped to be read only; nothing is ever written through it.
  const auto word = [&row](std::size_t number, std::memory_order order) {
    auto* all = const_cast<std::uint64_t*>(reinterpret_cast<const std::uint64_t*>(&row));
    return std::atomic_ref<std::uint64_t>(all[number]).load(order);
  };
  constexpr std::size_t kVersion = offsetof(CounterPage::ShardRow, version) / sizeof(std::uint64_t);
  // A process that was killed while it wrote leaves its row marked: read it then as it is.
  constexpr unsigned kTries = 10'000;
  auto* const out = reinterpret_cast<std::uint64_t*>(&copy);
  for (unsigned i = 0; i < kTries; ++i) {
    const std::uint64_t before = word(kVersion, std::memory_order_acquire);
    // acquire: none of these is read after the second look at the version.
    for (std::size_t n = 0; n < words; ++n) out[n] = word(n, std::memory_order_acquire);
    if (before % 2 == 0 && word(kVersion, std::memory_order_relaxed) == before) return true;
  }
  return false;
}

}  // namespace tina::internal
