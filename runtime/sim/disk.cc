// SPDX-License-Identifier: Apache-2.0
// See disk.h. The life of an operation, from its start to its one completion.
#include "sim/disk.h"

#include <cerrno>

#include "sim/kind.h"
#include "sim/network.h"

namespace tina::sim {
namespace {

using internal::OpCode;

constexpr std::uint64_t key_of(unsigned shard, internal::Token token) {
  return (std::uint64_t{shard} << 48) | token.bits;
}

/// What an operation takes at least, and how much longer it may take, in ns.
struct Latency {
  std::uint64_t least, most_more;
};
/// How long after an operation has started the power may last.
constexpr std::uint64_t kPowerWithinNs = 1'000'000;

constexpr Latency latency_of(OpCode op) {
  switch (op) {
    case OpCode::kOpen:
    case OpCode::kOpenDirectory:
    case OpCode::kList:
      return {5'000, 100'000};
    case OpCode::kRead:
    case OpCode::kReadScattered:
      return {2'000, 200'000};
    case OpCode::kSync:
    case OpCode::kSyncData:
      return {50'000, 2'000'000};
    default:
      return {1'000, 50'000};
  }
}

/// Where an operation is about, or whom, for the trace.
std::uint64_t place_of(const internal::Operation& operation) {
  switch (operation.op) {
    case OpCode::kOpen:
    case OpCode::kOpenDirectory:
      return hash_text(operation.as<internal::OpenOperand>().path.c_str());
    case OpCode::kRename:
      return combine(hash_text(operation.as<internal::RenameExtra>().from.c_str()),
                     hash_text(operation.as<internal::RenameExtra>().to.c_str()));
    case OpCode::kDescribePath:
    case OpCode::kUnlink:
    case OpCode::kRemoveDirectory:
    case OpCode::kMakeDirectory:
      return hash_text(operation.as<internal::NameExtra>().path.c_str());
    case OpCode::kRead:
    case OpCode::kReadScattered:
      return operation.as<internal::ReadExtra>().offset;
    case OpCode::kWrite:
    case OpCode::kWriteGathered:
    case OpCode::kCommit:
    case OpCode::kTruncate:
      return operation.as<internal::WriteOperand>().offset + operation.done;
    default:
      return 0;
  }
}

std::unique_ptr<Files> make_disk(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user,
                                 const DiskFaults& faults) {
  return std::make_unique<Disk>(clock, chooser, trace, user, faults);
}

}  // namespace

const Kind kFiles{.make_files = make_disk};

Disk::Opened* Disk::find(unsigned shard, std::int32_t descriptor, const char* what) {
  const bool known = descriptor >= kFirstDescriptor &&
                     descriptor - kFirstDescriptor < static_cast<std::int32_t>(opened_.size());
  if (known && at(descriptor).open && at(descriptor).shard == shard) return &at(descriptor);
  user_.failed("shard " + std::to_string(shard) + ": " + what + " of file descriptor " +
               std::to_string(descriptor) +
               (known ? ", which is closed or another shard's" : ", which does not exist"));
  return nullptr;
}

std::uint32_t Disk::new_job() {
  if (free_jobs_.empty()) {
    jobs_.emplace_back();
    return static_cast<std::uint32_t>(jobs_.size() - 1);
  }
  const std::uint32_t number = free_jobs_.back();
  free_jobs_.pop_back();
  return number;
}

void Disk::start(unsigned shard, const internal::Operation& operation) {
  const std::uint64_t place = place_of(operation);
  std::uint64_t entity = place >> 24;
  if (!internal::traits(operation.op).opens) {
    Opened* const on = find(shard, operation.descriptor, "an operation");
    if (on == nullptr) return;
    ++on->under_way;
    entity = on->entity;
  }
  const std::uint32_t number = new_job();
  if (!by_token_.emplace(key_of(shard, operation.token), number).second) {
    user_.failed("shard " + std::to_string(shard) + ": two operations at once in one lane");
    return;
  }
  Job& job = jobs_[number];
  job = {operation, 0, 0, entity, shard, 0, Phase::kStarted, false};
  ++counts_.operations;
  trace_.record(clock_.now_ns(), TraceKind::kStart,
                {shard, operation.token.bits, static_cast<std::uint64_t>(operation.op),
                 static_cast<std::uint32_t>(operation.descriptor), operation.size, place});
  if (dark_) {
    job.phase = Phase::kDark;
    ++waiting_;
    return;
  }
  job.fails = chooser_.chance(Domain::kDiskError, entity, faults_.io_error);
  later(number, latency_ns(job));
  if (chooser_.chance(Domain::kPower, 0, faults_.power_loss)) {
    clock_.in(chooser_.choose(Domain::kPower, 0, kPowerWithinNs), EventKind::kPower, 0, 0);
  }
}

std::uint64_t Disk::latency_ns(const Job& job) {
  const Latency latency = latency_of(job.operation.op);
  std::uint64_t delay_ns =
      latency.least + chooser_.choose(Domain::kDiskLatency, job.entity, latency.most_more);
  if (faults_.delay_high_ns > 0) {
    constexpr std::uint64_t kSteps = 1U << 20;  // a delay may be longer than a draw is wide
    const std::uint64_t step = chooser_.choose(Domain::kDiskLatency, job.entity, kSteps + 1);
    delay_ns +=
        faults_.delay_low_ns + (faults_.delay_high_ns - faults_.delay_low_ns) * step / kSteps;
  }
  return delay_ns;
}

/// The job's next event; one that was to come before it is outdated.
void Disk::later(std::uint32_t number, std::uint64_t delay_ns) {
  jobs_[number].serial = ++serial_;
  clock_.in(delay_ns, EventKind::kDisk, number, serial_);
}

void Disk::happen(const Event& event) {
  const Job& job = jobs_[event.number];
  if (job.serial != event.serial) return;
  switch (job.phase) {
    case Phase::kStarted:
      attempt(event.number);
      break;
    case Phase::kSyncing:
      decide(event.number, sync(job, at(job.operation.descriptor), job.fails));
      break;
    case Phase::kDecided:
      complete(event.number);
      break;
    case Phase::kDark:
    case Phase::kFree:
      break;
  }
}

/// The first part of a commit is its write; then comes the sync, which may fail in its stead.
void Disk::attempt(std::uint32_t number) {
  Job& job = jobs_[number];
  const bool commit = job.operation.op == OpCode::kCommit;
  const bool syncs =
      commit || job.operation.op == OpCode::kSync || job.operation.op == OpCode::kSyncData;
  const bool fails_late =
      job.fails && commit && chooser_.choose(Domain::kDiskError, job.entity, 2) == 0;
  if (job.fails) ++counts_.io_errors;
  if (job.fails && !fails_late && (commit || !syncs)) return decide(number, -EIO);
  const std::int32_t value = carry_out(job);
  if (!commit || value < 0 || !commits_whole(job, value)) return decide(number, value);
  job.phase = Phase::kSyncing;
  constexpr Latency latency = latency_of(OpCode::kSyncData);
  later(number,
        latency.least + chooser_.choose(Domain::kDiskLatency, job.entity, latency.most_more));
}

void Disk::decide(std::uint32_t number, std::int32_t value) {
  Job& job = jobs_[number];
  job.phase = Phase::kDecided;
  job.value = value;
  later(number, 200 + chooser_.choose(Domain::kDiskLatency, job.entity, 2000));
}

void Disk::complete(std::uint32_t number) {
  Job& job = jobs_[number];
  const internal::Token token = job.operation.token;
  if (!internal::traits(job.operation.op).opens) --at(job.operation.descriptor).under_way;
  job.phase = Phase::kFree;
  job.serial = 0;
  by_token_.erase(key_of(job.shard, token));
  free_jobs_.push_back(number);
  trace_.record(
      clock_.now_ns(), TraceKind::kCompletion,
      {job.shard, token.bits, static_cast<std::uint32_t>(job.value), job.bytes_hash, 0, 0});
  user_.completed(job.shard, token, job.value);
  restore_power();
}

bool Disk::cancel(unsigned shard, internal::Token token) {
  const auto found = by_token_.find(key_of(shard, token));
  if (found == by_token_.end()) return false;
  const std::uint32_t number = found->second;
  const Job& job = jobs_[number];
  ++counts_.cancels;
  if (job.phase == Phase::kDark) {
    --waiting_;
    decide(number, -ECANCELED);
    return true;
  }
  if (job.phase == Phase::kStarted) {
    if (chooser_.choose(Domain::kDiskCancel, job.entity, 2) != 0) {
      decide(number, -ECANCELED);
      return true;
    }
    attempt(number);  // a thread had it already
  } else if (job.phase == Phase::kSyncing &&
             chooser_.choose(Domain::kDiskCancel, job.entity, 2) != 0) {
    decide(number, -ECANCELED);  // written, and not synced
    return true;
  }
  ++counts_.late_cancels;
  return true;
}

void Disk::close(unsigned shard, std::int32_t descriptor) {
  Opened* const on = find(shard, descriptor, "close");
  if (on == nullptr) return;
  if (on->under_way != 0) {
    user_.failed("file descriptor " + std::to_string(descriptor) +
                 " was closed during an operation");
  }
  on->open = false;
  --open_descriptors_;
  if (--on->node->opens == 0 && !on->node->named) std::erase(nameless_, on->node);
  if (on->under_way == 0) on->node.reset();
  trace_.record(clock_.now_ns(), TraceKind::kClose,
                {shard, static_cast<std::uint32_t>(descriptor), 0, 0, 0, 0});
  restore_power();
}

void Disk::fail_power() {
  if (dark_) return;
  dark_ = true;
  ++counts_.power_losses;
  trace_.record(clock_.now_ns(), TraceKind::kPower, {0, 0, 0, 0, 0, 0});
  for (std::uint32_t number = 0; number < jobs_.size(); ++number) {
    const Phase phase = jobs_[number].phase;
    if (phase == Phase::kStarted || phase == Phase::kSyncing) decide(number, -EIO);
  }
  restore_power();
}

/// As soon as nobody holds anything of before.
void Disk::restore_power() {
  if (!dark_ || open_descriptors_ != 0 || by_token_.size() != waiting_) return;
  dark_ = false;
  forget_unsynced();
  trace_.record(clock_.now_ns(), TraceKind::kPower, {1, 0, 0, 0, 0, 0});
  for (std::uint32_t number = 0; number < jobs_.size(); ++number) {
    if (jobs_[number].phase != Phase::kDark) continue;
    jobs_[number].phase = Phase::kStarted;
    later(number, latency_ns(jobs_[number]));
  }
  waiting_ = 0;
  user_.power_is_back();
}

void Disk::lose_power() {
  if (open_descriptors_ != 0 || !by_token_.empty()) {
    user_.failed("the power was lost while files were open");
    return;
  }
  forget_unsynced();
}

void Disk::forget_unsynced() {
  names_.lose_power(chooser_.choose(Domain::kDiskLoss, 0, names_.pending() + 1));
  names_.each([this](Node& node) {
    const std::uint64_t entity = hash_text(node.path.c_str()) >> 24;
    node.file.lose_power([&] { return chooser_.choose(Domain::kDiskLoss, entity, 2) == 0; });
  });
}

}  // namespace tina::sim
