// SPDX-License-Identifier: Apache-2.0
// See trace.h.
#include "sim/trace.h"

#include <cstdio>

namespace tina::sim {
namespace {

struct KindText {
  const char* name;
  std::array<const char*, 6> fields;
};

constexpr KindText kKinds[] = {
    {"dispatch", {"shard", "type", "slot", "generation", "state", "event_tag"}},
    {"start", {"shard", "token", "operation", "descriptor", "size", "to"}},
    {"completion", {"shard", "token", "value", "bytes_hash", nullptr, nullptr}},
    {"listen", {"shard", "port", "result", nullptr, nullptr, nullptr}},
    {"close", {"shard", "descriptor", nullptr, nullptr, nullptr, nullptr}},
    {"connect", {"connection", "peer", "port", "address", nullptr, nullptr}},
    {"refused", {"connection", nullptr, nullptr, nullptr, nullptr, nullptr}},
    {"peer_bytes", {"connection", "size", "bytes_hash", nullptr, nullptr, nullptr}},
    {"peer_closed", {"connection", "how", nullptr, nullptr, nullptr, nullptr}},
    {"reset", {"connection", nullptr, nullptr, nullptr, nullptr, nullptr}},
    {"crash", {"shard", "type", "slot", "state", "reason_hash", "injected"}},
    {"restart", {"shard", "restarts", nullptr, nullptr, nullptr, nullptr}},
    {"sleep", {"shard", "deadline_ns", nullptr, nullptr, nullptr, nullptr}},
    {"peer_note", {"peer", "nth", "value", nullptr, nullptr, nullptr}},
    {"stop", {nullptr, nullptr, nullptr, nullptr, nullptr, nullptr}},
    {"open", {"shard", "result", nullptr, nullptr, nullptr, nullptr}},
    {"connect_out", {"connection", "shard", "descriptor", "port", "address", nullptr}},
    {"feed", {"size", "bytes_hash", "end", nullptr, nullptr, nullptr}},
    {"output", {"error", "size", "bytes_hash", nullptr, nullptr, nullptr}},
    {"signal", {"which", "told", nullptr, nullptr, nullptr, nullptr}},
    {"resolve", {"shard", "token", "name_hash", "port", nullptr, nullptr}},
    {"datagram", {"from", "to", "size", "bytes_hash", "lost", "twice"}},
    {"hand_over", {"shard", "descriptor", "from", nullptr, nullptr, nullptr}},
};

constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;

}  // namespace

std::uint64_t hash_bytes(std::span<const std::byte> bytes) {
  std::uint64_t hash = kFnvOffset;
  for (const std::byte byte : bytes) hash = (hash ^ static_cast<std::uint64_t>(byte)) * kFnvPrime;
  return hash;
}

std::uint64_t hash_text(const char* text) {
  std::uint64_t hash = kFnvOffset;
  for (; *text != '\0'; ++text) hash = (hash ^ static_cast<unsigned char>(*text)) * kFnvPrime;
  return hash;
}

std::string describe(const TraceEvent& event) {
  const KindText& kind = kKinds[static_cast<unsigned>(event.kind)];
  char text[64];
  std::snprintf(text, sizeof text, " at %llu ns", static_cast<unsigned long long>(event.time_ns));
  std::string line = std::string(kind.name) + text;
  for (std::size_t i = 0; i < event.field.size() && kind.fields[i] != nullptr; ++i) {
    std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(event.field[i]));
    line += std::string(" ") + kind.fields[i] + "=0x" + text;
  }
  return line;
}

Trace::Trace(const Trace* earlier)
    : earlier_(earlier),
      same_until_(earlier == nullptr ? 0 : earlier->chains_.size()),
      expected_(earlier == nullptr ? nullptr : earlier->chains_.data()) {
  if (earlier != nullptr) return;
  events_.reserve(kEventsKept);
  chains_.reserve(kChainsKept);
}

/// Of the first run: what is compared later. Of the second: an event that nothing was compared
/// with, or that is another one.
void Trace::keep(std::uint64_t index, const TraceEvent& event) {
  if (earlier_ == nullptr) {
    if (events_.size() < kEventsKept) events_.push_back(event);
    if (chains_.size() < kChainsKept) chains_.push_back(chain_);
    return;
  }
  if (parted_at_ != kNowhere) return;
  if (index >= same_until_ && index < earlier_->size_) return;
  parted_at_ = index;
  parted_with_ = event;
}

bool Trace::diverged() const {
  return parted_at_ != kNowhere ||
         (earlier_ != nullptr && (size_ != earlier_->size_ || chain_ != earlier_->chain_));
}

std::string Trace::divergence() const {
  const std::uint64_t index = parted_at_ != kNowhere ? parted_at_ : size_;
  std::string first = "nothing: the run had ended";
  if (index < earlier_->events_.size()) {
    first = describe(earlier_->events_[index]);
  } else if (index < earlier_->size_) {
    first = "an event that was not kept";
  }
  const std::string second =
      parted_at_ != kNowhere ? describe(parted_with_) : "nothing: the run had ended";
  return "event " + std::to_string(index) + " was, in the first run: " + first +
         "; in the second: " + second;
}

}  // namespace tina::sim
