// SPDX-License-Identifier: Apache-2.0
// Parity of signals: every object hears of those that it names, in their order, also of what came
// while nobody waited; a wait that is cancelled takes none away.
#include <vector>

#include "parity.h"

namespace tina::parity {
namespace {

enum Which : unsigned { kHangup, kUser1, kUser2, kWindow };

class Signals : public Parity {
 protected:
  void TearDown() override {
    if (IsSkipped()) return;
    end_all();
    world().signal(kHangup);  // nobody hears it; what has heard before is forgotten now
    Parity::TearDown();
  }
  std::int32_t opens_signals(std::vector<Which> named) {
    internal::IoTable io = table(internal::IoKind::kSignals);
    for (const Which one : named) {
      (one == kHangup  ? io.hangup
       : one == kUser1 ? io.user_1
       : one == kUser2 ? io.user_2
                       : io.window) = true;
    }
    return opens(io);
  }
  Object hears(std::vector<Which> named) {
    const std::int32_t descriptor = opens_signals(std::move(named));
    EXPECT_GE(descriptor, 0);
    return adopt(descriptor);
  }
  void wait_on(const Object& object) {
    start_with(object, kRead, OpCode::kSignal, internal::SignalOperand{});
  }
  /// The signal that a wait has brought; -1: an error.
  int heard(const Object& object) {
    const std::int32_t value = end(object, kRead);
    EXPECT_EQ(value, 1);
    return value == 1 ? operand<internal::SignalOperand>().which : -1;
  }
  int waits_for(const Object& object) {
    wait_on(object);
    return heard(object);
  }
};
TINA_IN_EVERY_WORLD(Signals);

TEST_P(Signals, EndAWait) {
  const Object object = hears({kHangup});
  wait_on(object);
  EXPECT_TRUE(waits(object, kRead));
  world().signal(kHangup);
  EXPECT_EQ(heard(object), kHangup);
}

TEST_P(Signals, AreKeptWhileNobodyWaits) {
  const Object object = hears({kUser1});
  world().signal(kUser1);
  settle();
  EXPECT_EQ(waits_for(object), kUser1);
  wait_on(object);
  EXPECT_TRUE(waits(object, kRead)) << "one signal, one end";
}

TEST_P(Signals, ComeInTheirOrder) {
  const Object object = hears({kHangup, kUser1, kUser2, kWindow});
  const std::vector<Which> all{kWindow, kHangup, kUser2, kUser1, kHangup};
  for (const Which one : all) world().signal(one);
  for (const Which one : all) EXPECT_EQ(waits_for(object), one);
}

TEST_P(Signals, ReachWhoNamesThem) {
  const Object one = hears({kHangup});
  const Object other = hears({kUser1});
  wait_on(one);
  wait_on(other);
  world().signal(kUser1);
  EXPECT_EQ(heard(other), kUser1);
  EXPECT_TRUE(waits(one, kRead));
}

TEST_P(Signals, ReachEverybodyWhoNamesThem) {
  const Object one = hears({kHangup, kWindow});
  const Object other = hears({kHangup});
  wait_on(one);
  wait_on(other);
  world().signal(kHangup);
  EXPECT_EQ(heard(one), kHangup);
  EXPECT_EQ(heard(other), kHangup);
}

TEST_P(Signals, AreNoneOfWhoNamesNone) {
  const Object object = hears({});
  wait_on(object);
  for (const Which one : {kHangup, kUser1, kUser2, kWindow}) world().signal(one);
  EXPECT_TRUE(waits(object, kRead));
}

TEST_P(Signals, ThatCameBeforeAreNotHeard) {
  [[maybe_unused]] const Object before = hears({kUser2});
  world().signal(kUser2);
  const Object object = hears({kUser2});
  wait_on(object);
  EXPECT_TRUE(waits(object, kRead));
}

TEST_P(Signals, StayWhenAWaitIsCancelled) {
  const Object object = hears({kUser1});
  wait_on(object);
  EXPECT_TRUE(waits(object, kRead));
  cancel(object, kRead);
  EXPECT_EQ(end(object, kRead), -ECANCELED);
  world().signal(kUser1);
  EXPECT_EQ(waits_for(object), kUser1);
}

TEST_P(Signals, AreHeardByANewObject) {
  Object object = hears({kHangup});
  world().signal(kHangup);
  close(object);
  Object again = hears({kHangup});
  wait_on(again);
  EXPECT_TRUE(waits(again, kRead)) << "those of the one before are lost";
  world().signal(kHangup);
  EXPECT_EQ(heard(again), kHangup);
}

TEST_P(Signals, AreLostBeyondAPage) {
  constexpr int kKept = 4096;
  const Object object = hears({kUser1, kUser2});
  for (int i = 0; i < kKept; ++i) world().signal(kUser1);
  world().signal(kUser2);
  for (int i = 0; i < kKept; ++i) ASSERT_EQ(waits_for(object), kUser1) << i;
  wait_on(object);
  EXPECT_TRUE(waits(object, kRead)) << "the last one found no room";
}

TEST_P(Signals, NeedADescriptor) {
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_signals({kHangup}), -EMFILE);
}

TEST_P(Signals, AreHeardWhileDescriptorsHaveRunOut) {
  const Object object = hears({kWindow});
  world().exhaust_descriptors(true);
  world().signal(kWindow);
  EXPECT_EQ(waits_for(object), kWindow);
}

}  // namespace
}  // namespace tina::parity
