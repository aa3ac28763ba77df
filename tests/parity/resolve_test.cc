// SPDX-License-Identifier: Apache-2.0
// Parity of resolving names: addresses with the port that was asked for, the errors of a server and
// of a name, and the end of a resolve that is given up.
#include <algorithm>
#include <string>
#include <vector>

#include "parity.h"
#include "tina/operand_resolve.h"

namespace tina::parity {
namespace {

using internal::ResolveOperand;
using internal::ResolveQuestion;
using net::Address;
using Addresses = std::vector<Address>;

Address v4(std::uint32_t host, std::uint16_t port = 0) { return Address::v4(host, port); }
Address v6(std::uint8_t last, std::uint16_t port = 0) {
  std::array<std::uint8_t, 16> host{0xfd};
  host[15] = last;
  return Address::v6(host, port);
}

class Resolving : public Case {
 protected:
  void prepare() {
    if (!IsSkipped()) world().open_names();
  }
  /// A resolver has no descriptor.
  Object resolver() { return keep(-1, 0); }
  void resolve(const Object& by, std::string_view name, std::uint16_t port) {
    start_with(by, kResolve, OpCode::kResolve,
               ResolveOperand{ResolveQuestion::of(name, port), 0, {}});
  }
  std::int32_t ends(const Object& by) {
    const std::int32_t value = end(by, kResolve);
    found_.clear();
    for (std::int32_t i = 0; i < value; ++i) {
      found_.push_back(operand<ResolveOperand>().answer.addresses[static_cast<std::size_t>(i)]);
    }
    return value;
  }
  std::int32_t resolves(std::string_view name, std::uint16_t port = 80) {
    const Object by = resolver();
    resolve(by, name, port);
    return ends(by);
  }
  bool found(const Address& one) const {
    return std::find(found_.begin(), found_.end(), one) != found_.end();
  }
  const Addresses& found() const { return found_; }

 private:
  Addresses found_;
};

class Names : public Resolving, public testing::WithParamInterface<Kind> {
 protected:
  void SetUp() override {
    open_world(GetParam());
    prepare();
  }
};
TINA_IN_EVERY_WORLD(Names);

TEST_P(Names, HaveAnAddress) {
  world().name("one.test", {v4(0x0a000001)});
  EXPECT_EQ(resolves("one.test", 443), 1);
  EXPECT_EQ(found(), Addresses{v4(0x0a000001, 443)});
}

TEST_P(Names, HaveAnAddressOfEitherFamily) {
  world().name("six.test", {v6(7)});
  world().name("both.test", {v4(0x0a000001), v6(7)});
  EXPECT_EQ(resolves("six.test"), 1);
  EXPECT_EQ(found(), Addresses{v6(7, 80)});
  EXPECT_EQ(resolves("both.test"), 2);
  EXPECT_TRUE(found(v4(0x0a000001, 80)));
  EXPECT_TRUE(found(v6(7, 80)));
}

TEST_P(Names, HaveUpToEightAddresses) {
  Addresses all;
  for (unsigned i = 1; i <= 20; ++i) all.push_back(v4(0x0a000000 + i));
  world().name("many.test", all);
  EXPECT_EQ(resolves("many.test", 9), 8);
  for (Address one : found()) {
    EXPECT_EQ(one.port, 9);
    one.port = 0;
    EXPECT_NE(std::find(all.begin(), all.end(), one), all.end());
  }
}

TEST_P(Names, AreTheSameInLargeLettersAndWithALastDot) {
  world().name("mixed.test", {v4(0x0a000002)});
  EXPECT_EQ(resolves("MiXed.TEST"), 1);
  EXPECT_EQ(resolves("mixed.test."), 1);
}

TEST_P(Names, AreAskedAboutAnew) {
  world().name("moves.test", {v4(0x0a000001)});
  EXPECT_EQ(resolves("moves.test"), 1);
  world().name("moves.test", {v4(0x0a000002)});
  EXPECT_EQ(resolves("moves.test"), 1);
  EXPECT_TRUE(found(v4(0x0a000002, 80)));
}

TEST_P(Names, AreAskedAboutByManyAtOnce) {
  constexpr unsigned kAtOnce = 200;  // more than can be asked at the same time
  std::vector<Object> all;
  for (unsigned i = 0; i < kAtOnce; ++i) {
    const std::string name = "name" + std::to_string(i) + ".test";
    world().name(name, {v4(0x0a000000 + i)});
    all.push_back(resolver());
    resolve(all.back(), name, 80);
  }
  for (unsigned i = 0; i < kAtOnce; ++i) {
    EXPECT_EQ(ends(all[i]), 1);
    EXPECT_TRUE(found(v4(0x0a000000 + i, 80))) << i;
  }
}

TEST_P(Names, AreConnectedTo) {
  world().name("server.test", {v4(0x7f000001)});
  std::uint16_t port = 0;
  const PeerId peer = world().listen(port);
  EXPECT_EQ(resolves("server.test", port), 1);
  const Object stream = open_stream();
  connect(stream, found().at(0));
  EXPECT_EQ(end(stream, kAll), 0);
  EXPECT_EQ(sends(stream, "by name"), 7);
  EXPECT_TRUE(peer_has(peer, "by name"));
}

TEST_P(Names, GiveUpAtOnce) {
  world().name_fails("silent.test", ETIMEDOUT);
  const Object by = resolver();
  resolve(by, "silent.test", 80);
  pass();
  cancel(by, kResolve);
  const std::int32_t value = ends(by);
  EXPECT_TRUE(value == -ECANCELED || value == -ETIMEDOUT) << value;
}

TEST_P(Names, AreAskedAboutAfterAGivingUp) {
  world().name_fails("silent.test", ETIMEDOUT);
  world().name("other.test", {v4(0x0a000003)});
  const Object by = resolver();
  resolve(by, "silent.test", 80);
  pass();
  cancel(by, kResolve);
  EXPECT_LT(ends(by), 0);
  resolve(by, "other.test", 80);
  EXPECT_EQ(ends(by), 1);
  EXPECT_EQ(found(), Addresses{v4(0x0a000003, 80)});
}

TEST_P(Names, OfOneResolverDoNotHoldUpAnother) {
  world().name_fails("silent.test", ETIMEDOUT);
  world().name("quick.test", {v4(0x0a000004)});
  const Object slow = resolver();
  resolve(slow, "silent.test", 80);
  EXPECT_EQ(resolves("quick.test"), 1);
  EXPECT_EQ(ends(slow), -ETIMEDOUT);
}

struct Failure {
  const char* name;
  std::int32_t error;
};

class NameFailures : public Resolving,
                     public testing::WithParamInterface<std::tuple<Kind, Failure>> {
 protected:
  void SetUp() override {
    open_world(std::get<0>(GetParam()));
    prepare();
  }
};
INSTANTIATE_TEST_SUITE_P(In, NameFailures,
                         testing::Combine(kEveryWorld,
                                          testing::Values(Failure{"no_such_name", ENOENT},
                                                          Failure{"refused", ECONNREFUSED},
                                                          Failure{"server_failure", EREMOTEIO},
                                                          Failure{"bad_answer", EBADMSG},
                                                          Failure{"silence", ETIMEDOUT})),
                         row_name<Failure>);

TEST_P(NameFailures, AreSaid) {
  const std::int32_t error = std::get<1>(GetParam()).error;
  world().name_fails("fails.test", error);
  EXPECT_EQ(resolves("fails.test"), -error);
  world().name("fails.test", {v4(0x0a000001)});
  EXPECT_EQ(resolves("fails.test"), 1) << "until it is well again";
}

TEST_P(Names, MayHaveNoAddress) {
  world().name("empty.test", {});
  EXPECT_EQ(resolves("empty.test"), -ENODATA);
}

TEST_P(Names, ThatNobodyHasSaidDoNotExist) { EXPECT_EQ(resolves("nobody.test"), -ENOENT); }

struct Literal {
  const char* name;
  const char* text;
  std::int32_t value;
};

class NameLiterals : public Resolving,
                     public testing::WithParamInterface<std::tuple<Kind, Literal>> {
 protected:
  void SetUp() override {
    open_world(std::get<0>(GetParam()));
    prepare();
  }
};
INSTANTIATE_TEST_SUITE_P(
    In, NameLiterals,
    testing::Combine(kEveryWorld,
                     testing::Values(Literal{"v4", "10.0.0.1", 1}, Literal{"v6", "fd00::7", 1},
                                     Literal{"zone", "fe80::1%2", 1}, Literal{"empty", "", -EINVAL},
                                     Literal{"space", "a b.test", -EINVAL},
                                     Literal{"long", nullptr, -EINVAL})),
    row_name<Literal>);

TEST_P(NameLiterals, AreReadAtOnce) {
  const Literal& literal = std::get<1>(GetParam());
  const std::string text = literal.text == nullptr ? std::string(256, 'a') : literal.text;
  EXPECT_EQ(resolves(text, 7), literal.value);
  if (literal.value == 1) {
    EXPECT_EQ(found().at(0).port, 7);
  }
}

}  // namespace
}  // namespace tina::parity
