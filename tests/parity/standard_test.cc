// SPDX-License-Identifier: Apache-2.0
// Parity of the standard streams: an input waits, ends, and is shared; an output keeps lines whole
// and waits for a reader that is slow. What stands behind them makes no difference.
#include <string>

#include "byte_streams.h"

namespace tina::parity {
namespace {

using internal::IoKind;

class Standard : public ByteStreams {
 protected:
  void SetUp() override {
    ByteStreams::SetUp();
    if (!IsSkipped()) world().standard_is(Behind::kPipe);
  }
};
TINA_IN_EVERY_WORLD(Standard);

TEST_P(Standard, WaitsForInput) {
  const Object input = opened(IoKind::kInput);
  await(input);
  EXPECT_TRUE(waits(input, kRead));
  world().feed("hello");
  EXPECT_GE(end(input, kRead), 0);
  EXPECT_EQ(reads(input, 64), 5);
  EXPECT_EQ(last(), "hello");
}

TEST_P(Standard, GivesWhatCameBeforeItWasOpened) {
  world().feed("early");
  settle();
  const Object input = opened(IoKind::kInput);
  EXPECT_EQ(reads(input, 64), 5);
  EXPECT_EQ(last(), "early");
}

TEST_P(Standard, GivesInputInPieces) {
  const Object input = opened(IoKind::kInput);
  world().feed("abcdef");
  settle();
  EXPECT_EQ(reads(input, 4), 4);
  EXPECT_EQ(last(), "abcd");
  EXPECT_EQ(reads(input, 4), 2);
  EXPECT_EQ(last(), "ef");
  await(input);
  EXPECT_TRUE(waits(input, kRead)) << "no end: somebody may write yet";
}

TEST_P(Standard, EndsWithItsInput) {
  const Object input = opened(IoKind::kInput);
  world().feed("last");
  world().end_input();
  settle();
  EXPECT_EQ(reads(input, 64), 4);
  EXPECT_EQ(reads(input, 64), 0);
  EXPECT_EQ(reads(input, 64), 0) << "and stays so";
}

TEST_P(Standard, TellsAWaitOfTheEnd) {
  const Object input = opened(IoKind::kInput);
  await(input);
  EXPECT_TRUE(waits(input, kRead));
  world().end_input();
  EXPECT_GE(end(input, kRead), 0);
  EXPECT_EQ(reads(input, 64), 0);
}

TEST_P(Standard, SharesItsInput) {
  const Object one = opened(IoKind::kInput);
  const Object other = opened(IoKind::kInput);
  world().feed("12");
  settle();
  EXPECT_EQ(reads(one, 1), 1);
  EXPECT_EQ(last(), "1");
  EXPECT_EQ(reads(other, 1), 1);
  EXPECT_EQ(last(), "2");
  await(one);
  EXPECT_TRUE(waits(one, kRead));
}

TEST_P(Standard, KeepsItsInputForTheNext) {
  const Object one = opened(IoKind::kInput);
  world().feed("kept");
  settle();
  Object closed = one;
  close(closed);
  const Object other = opened(IoKind::kInput);
  EXPECT_EQ(reads(other, 64), 4);
}

TEST_P(Standard, EndsAWaitThatIsCancelled) {
  const Object input = opened(IoKind::kInput);
  await(input);
  EXPECT_TRUE(waits(input, kRead));
  cancel(input, kRead);
  EXPECT_EQ(end(input, kRead), -ECANCELED);
  world().feed("x");
  EXPECT_EQ(reads(input, 64), 1) << "which has taken nothing away";
}

TEST_P(Standard, TakesOutput) {
  const Object output = opened(IoKind::kOutput);
  EXPECT_EQ(writes(output, "hello\n"), 6);
  EXPECT_TRUE(until([&] { return world().written(false) == "hello\n"; }));
  EXPECT_EQ(world().written(true), "");
}

TEST_P(Standard, KeepsTheTwoOutputsApart) {
  const Object output = opened(IoKind::kOutput);
  const Object error = opened(IoKind::kOutput, true);
  EXPECT_EQ(writes(output, "out\n"), 4);
  EXPECT_EQ(writes(error, "err\n"), 4);
  EXPECT_TRUE(until([&] { return world().written(false) == "out\n"; }));
  EXPECT_TRUE(until([&] { return world().written(true) == "err\n"; }));
}

TEST_P(Standard, KeepsLinesOfTwoWritersWhole) {
  const Object one = opened(IoKind::kOutput);
  const Object other = opened(IoKind::kOutput);
  const std::string first = std::string(2999, 'a') + "\n", second = std::string(2999, 'b') + "\n";
  write(one, first + first);
  write(other, second + second);
  EXPECT_EQ(end(one, kRead), 3000) << "one line of those that do not fit together";
  EXPECT_EQ(end(other, kRead), 3000);
  EXPECT_TRUE(until([&] { return world().written(false).size() == 6000; }));
  const std::string& all = world().written(false);
  EXPECT_TRUE(all == first + second || all == second + first);
}

TEST_P(Standard, MakesAWriterWait) {
  const Object output = opened(IoKind::kOutput);
  world().hold_output(true);
  const std::size_t sent = fill(output);
  EXPECT_GE(sent, 4096U);
  world().hold_output(false);
  EXPECT_EQ(end(output, kRead), 4096);
  EXPECT_TRUE(until([&] { return world().written(false).size() == sent + 4096; }));
}

TEST_P(Standard, EndsAWriteThatIsCancelled) {
  const Object output = opened(IoKind::kOutput);
  world().hold_output(true);
  const std::size_t sent = fill(output);
  cancel(output, kRead);
  EXPECT_EQ(end(output, kRead), -ECANCELED);
  world().hold_output(false);
  EXPECT_TRUE(until([&] { return world().written(false).size() == sent; }));
}

TEST_P(Standard, SaysThatNobodyReads) {
  const Object output = opened(IoKind::kOutput);
  const Object error = opened(IoKind::kOutput, true);
  world().leave_output();
  settle();
  EXPECT_EQ(writes(output, "x\n"), -EPIPE);
  EXPECT_EQ(writes(error, "x\n"), -EPIPE);
}

TEST_P(Standard, TellsAWriterThatWaitsThatNobodyReads) {
  const Object output = opened(IoKind::kOutput);
  world().hold_output(true);
  fill(output);
  world().leave_output();
  EXPECT_EQ(end(output, kRead), -EPIPE);
}

TEST_P(Standard, NeedsADescriptor) {
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_standard(IoKind::kInput), -EMFILE);
  EXPECT_EQ(opens_standard(IoKind::kOutput), -EMFILE);
}

struct Form {
  const char* name;
  Behind behind;
};

class StandardForms : public ByteStreamsOf<Rows<Form>> {
 protected:
  void SetUp() override {
    ByteStreamsOf::SetUp();
    if (!IsSkipped()) world().standard_is(row().behind);
  }
};
INSTANTIATE_TEST_SUITE_P(In, StandardForms,
                         testing::Combine(kEveryWorld,
                                          testing::Values(Form{"pipe", Behind::kPipe},
                                                          Form{"socket", Behind::kSocket},
                                                          Form{"file", Behind::kFile})),
                         row_name<Form>);

TEST_P(StandardForms, GiveAllOfTheInputAndItsEnd) {
  const std::string all = pattern(10'000);
  world().feed(all);
  world().end_input();
  settle();
  const Object input = opened(IoKind::kInput);
  std::string heard;
  while (reads(input, 3000) > 0) heard += last();
  EXPECT_EQ(heard, all);
}

TEST_P(StandardForms, ShareTheInput) {
  world().feed("12");
  world().end_input();
  settle();
  const Object one = opened(IoKind::kInput);
  const Object other = opened(IoKind::kInput);
  EXPECT_EQ(reads(one, 1), 1);
  EXPECT_EQ(last(), "1");
  EXPECT_EQ(reads(other, 1), 1);
  EXPECT_EQ(last(), "2");
}

TEST_P(StandardForms, TakeAllOfTheOutput) {
  const Object output = opened(IoKind::kOutput);
  std::string all;
  for (unsigned i = 0; i < 20; ++i) {
    const std::string line = pattern(100, i);
    EXPECT_EQ(writes(output, line), 100);
    all += line;
  }
  EXPECT_TRUE(until([&] { return world().written(false) == all; }));
}

}  // namespace
}  // namespace tina::parity
