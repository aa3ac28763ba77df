// SPDX-License-Identifier: Apache-2.0
//
// The verdict of a run decides exit statuses and the demo's summary. Goal: it is clean only if no
// byte and no connection was lost, and everything that was asked for was done.

#include "load/report.h"

#include <gtest/gtest.h>

#include <string>

namespace tina::load {
namespace {

Outcome GoodOutcome() {
  Outcome outcome;
  outcome.tally.requests_answered = 10;
  outcome.tally.bytes_sent = outcome.tally.bytes_verified = 640;
  outcome.tally.connections_opened = outcome.tally.connections_closed_by_us = 1;
  outcome.measured_ns = 1'000'000'000;
  return outcome;
}

TEST(Report, CallsAGoodRunClean) { EXPECT_TRUE(Clean(Options(), GoodOutcome())); }

TEST(Report, CallsEveryKindOfLossNotClean) {
  for (size_t reason = 0; reason < static_cast<size_t>(Loss::kCount); ++reason) {
    Outcome outcome = GoodOutcome();
    outcome.tally.losses[reason] = 1;
    EXPECT_FALSE(Clean(Options(), outcome)) << kLossNames[reason];
    const std::string wanted = std::string("\"") + kLossNames[reason] + "\":1";
    EXPECT_NE(JsonReport(Options(), outcome).find(wanted), std::string::npos);
  }
}

TEST(Report, CallsAMissingByteNotClean) {
  Outcome outcome = GoodOutcome();
  --outcome.tally.bytes_verified;
  EXPECT_FALSE(Clean(Options(), outcome));
}

TEST(Report, CallsARunThatDidNotSendAllPoisonNotClean) {
  Options options;
  options.poison_connections = 3;
  Outcome outcome = GoodOutcome();
  outcome.tally.poison_sent = outcome.tally.poison_closed = 2;
  EXPECT_FALSE(Clean(options, outcome));
  outcome.tally.poison_sent = outcome.tally.poison_closed = 3;
  EXPECT_TRUE(Clean(options, outcome));
}

TEST(Report, CountsTheRateOverTheMeasuredWindow) {
  Outcome outcome = GoodOutcome();
  for (int index = 0; index < 500; ++index) outcome.latency.Record(1000);
  outcome.measured_ns = 500'000'000;
  EXPECT_NE(JsonReport(Options(), outcome).find("\"requests_per_s\":1000,"), std::string::npos);
}

}  // namespace
}  // namespace tina::load
