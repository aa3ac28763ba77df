// SPDX-License-Identifier: Apache-2.0
// The trace: equal runs have equal hashes, and where two runs part, the first event that differs is
// named.
#include "sim/trace.h"

#include <gtest/gtest.h>

namespace tina::sim {
namespace {

void record_some(Trace& trace, std::uint64_t third_slot) {
  trace.record(10, TraceKind::kDispatch, {0, 1, 2, 3, 4, 5});
  trace.record(20, TraceKind::kSleep, {0, 99});
  trace.record(30, TraceKind::kDispatch, {0, 1, third_slot, 3, 4, 5});
}

TEST(Trace, HashesEqualRunsEqually) {
  Trace first(nullptr);
  record_some(first, 7);
  Trace second(&first);
  record_some(second, 7);
  EXPECT_EQ(first.hash(), second.hash());
  EXPECT_FALSE(second.diverged());
}

TEST(Trace, SeesEveryFieldKindAndTime) {
  const TraceEvent base{TraceKind::kCompletion, 5, {1, 2, 3, 4, 5, 6}};
  const auto hash_of = [](const TraceEvent& event) {
    Trace trace(nullptr);
    trace.record(event.time_ns, event.kind, event.field);
    return trace.hash();
  };
  for (std::size_t i = 0; i < base.field.size(); ++i) {
    TraceEvent other = base;
    ++other.field[i];
    EXPECT_NE(hash_of(other), hash_of(base)) << "field " << i;
  }
  TraceEvent later = base;
  ++later.time_ns;
  EXPECT_NE(hash_of(later), hash_of(base));
  TraceEvent other_kind = base;
  other_kind.kind = TraceKind::kStart;
  EXPECT_NE(hash_of(other_kind), hash_of(base));
}

TEST(Trace, NamesTheFirstEventThatDiffers) {
  Trace first(nullptr);
  record_some(first, 7);
  Trace second(&first);
  record_some(second, 8);
  ASSERT_TRUE(second.diverged());
  EXPECT_EQ(second.divergence(),
            "event 2 was, in the first run: dispatch at 30 ns shard=0x0 type=0x1 slot=0x7 "
            "generation=0x3 state=0x4 event_tag=0x5; in the second: dispatch at 30 ns shard=0x0 "
            "type=0x1 slot=0x8 generation=0x3 state=0x4 event_tag=0x5");
}

TEST(Trace, NoticesARunThatEndsEarlierOrLater) {
  Trace first(nullptr);
  record_some(first, 7);
  Trace shorter(&first);
  shorter.record(10, TraceKind::kDispatch, {0, 1, 2, 3, 4, 5});
  ASSERT_TRUE(shorter.diverged());
  EXPECT_NE(shorter.divergence().find("in the second: nothing"), std::string::npos);
  Trace longer(&first);
  record_some(longer, 7);
  longer.record(40, TraceKind::kStop, {});
  ASSERT_TRUE(longer.diverged());
  EXPECT_NE(longer.divergence().find("in the first run: nothing"), std::string::npos);
}

TEST(Trace, HashesBytesAsFnv1aDoes) {
  EXPECT_EQ(hash_bytes({}), 0xcbf29ce484222325U);
  EXPECT_EQ(hash_text("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(hash_text("foobar"), 0x85944171f73967e8U);
}

}  // namespace
}  // namespace tina::sim
