// SPDX-License-Identifier: Apache-2.0
// Goal: within small bounds, no interleaving and no stale read that C++ allows loses a message or a
// wake-up, reads an unfilled slot or wakes twice; and each order and each step is needed, since
// weakening or moving any one of them is found. The machine is in ring_model.h. Larger bounds, such
// as {1, 5, 1} and {2, 2, 1}, are clean too, but take 6 to 11 million states and half a minute
// each.
#include "ring_model.h"

#include <gtest/gtest.h>

#include <string>

namespace tina::internal::model {
namespace {

class RingModel : public ::testing::TestWithParam<Bounds> {};

TEST_P(RingModel, HasNoViolationInAnyInterleaving) {
  const Verdict verdict = Explorer(GetParam(), Bug::kNone).run();
  EXPECT_EQ(verdict.violation, "") << verdict.trace;
  EXPECT_GT(verdict.states, 100U);
  RecordProperty("states", std::to_string(verdict.states));
}

INSTANTIATE_TEST_SUITE_P(Bounds, RingModel,
                         ::testing::Values(Bounds{1, 3, 1}, Bounds{1, 4, 1}, Bounds{1, 6, 2},
                                           Bounds{2, 1, 1}, Bounds{2, 2, 2}),
                         [](const auto& made) {
                           return "Rings" + std::to_string(made.param.rings) + "Messages" +
                                  std::to_string(made.param.messages) + "Batch" +
                                  std::to_string(made.param.batch);
                         });

struct Planted {
  const char* name;
  Bug bug;
  Bounds bounds;
  const char* found;
};

constexpr char kLost[] = "asleep for ever: a wake-up is lost";
constexpr char kUnfilled[] = "a slot is read while filled";
constexpr char kReused[] = "a slot is reused while read";

class PlantedBug : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedBug, IsFound) {
  const Verdict verdict = Explorer(GetParam().bounds, GetParam().bug).run();
  EXPECT_EQ(verdict.violation, GetParam().found) << verdict.trace;
  EXPECT_NE(verdict.trace, "");
}

INSTANTIATE_TEST_SUITE_P(
    Orders, PlantedBug,
    ::testing::Values(Planted{"RecheckOmitted", Bug::kRecheckOmitted, {1, 2, 1}, kLost},
                      Planted{
                          "RecheckBeforeAnnounce", Bug::kRecheckBeforeAnnounce, {1, 2, 1}, kLost},
                      Planted{"RecheckOfOneRingOnly", Bug::kRecheckOfOneRingOnly, {2, 1, 1}, kLost},
                      Planted{"RecheckAcquire", Bug::kRecheckAcquire, {1, 2, 1}, kLost},
                      Planted{"AnnounceRelaxed", Bug::kAnnounceRelaxed, {1, 2, 1}, kLost},
                      Planted{"PublishReleaseStore", Bug::kPublishReleaseStore, {1, 2, 1}, kLost},
                      Planted{"AskRelaxed", Bug::kAskRelaxed, {1, 2, 1}, kLost},
                      Planted{"AskBeforePublish", Bug::kAskBeforePublish, {1, 2, 1}, kLost},
                      Planted{"PublishAcqRel", Bug::kPublishAcqRel, {1, 2, 1}, kLost},
                      Planted{"PublishRelaxed", Bug::kPublishRelaxed, {1, 2, 2}, kLost},
                      Planted{"PublishBeforeFill", Bug::kPublishBeforeFill, {1, 2, 1}, kUnfilled},
                      Planted{"PeekRelaxed", Bug::kPeekRelaxed, {1, 2, 1}, kUnfilled},
                      Planted{"ReserveRelaxed", Bug::kReserveRelaxed, {1, 3, 1}, kReused},
                      Planted{"ReleaseRelaxed", Bug::kReleaseRelaxed, {1, 3, 1}, kReused},
                      Planted{"ReleaseBeforeRead", Bug::kReleaseBeforeRead, {1, 3, 1}, kUnfilled},
                      Planted{"WakeWithoutExchange",
                              Bug::kWakeWithoutExchange,
                              {2, 1, 1},
                              "two wakes for one sleep"}),
    [](const auto& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace tina::internal::model
