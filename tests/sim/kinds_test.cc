// SPDX-License-Identifier: Apache-2.0
// A system is simulated by what its objects need, and by nothing else: what is left out changes no
// decision of a run.
#include "tina/sim_kinds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "echo_server.system.h"
#include "sim/simulator.h"

namespace tina::sim {
namespace {

using internal::IoKind;
using internal::IoTable;

constexpr std::size_t at(IoKind kind) { return static_cast<std::size_t>(kind); }

/// The kinds of a system with one object.
template <IoKind kind>
consteval Kinds kinds_of_one() {
  const std::array ios = {IoTable{"one", kind, 0, 0, 1}};
  std::array<internal::TypeTable, 1> types{};
  types[0].ios = ios;
  std::array<internal::RoleTable, 1> roles{};
  roles[0].types = types;
  return kinds_of({.name = "", .spec = "", .roles = roles});
}

TEST(Kinds, AreThoseOfTheDeclaredObjects) {
  constexpr Kinds kEcho = kinds_of(echo::echo_server::kSystem);
  Kinds wanted{};
  wanted[at(IoKind::kTcpListener)] = &kTcpListeners;
  wanted[at(IoKind::kTcpStream)] = &kTcpStreams;
  EXPECT_EQ(kEcho, wanted);

  constexpr Kinds kDirectories = kinds_of_one<IoKind::kDirectory>();
  wanted = {};
  wanted[at(IoKind::kDirectory)] = &kFiles;
  EXPECT_EQ(kDirectories, wanted);
}

TEST(Kinds, AreAllThereForASystemThatIsNotKnown) {
  constexpr Kinds kAll = all_kinds();
  EXPECT_EQ(std::ranges::count(kAll, nullptr), 0);
}

TEST(Kinds, ThatASystemHasNoObjectOfChangeNoRunOfIt) {
  const echo::Config config{.port = 9000};
  WorldOptions all;
  all.seed = 7;
  all.peers = tina_simulated_peers;
  WorldOptions own = all;
  own.kinds = kinds_of(echo::echo_server::kSystem);
  const Verdict with_all = run_twice(echo::echo_server::kSystem, &config, all);
  const Verdict with_own = run_twice(echo::echo_server::kSystem, &config, own);
  ASSERT_TRUE(with_all.ok() && with_own.ok());
  EXPECT_EQ(with_own.outcome.trace_hash, with_all.outcome.trace_hash);
}

}  // namespace
}  // namespace tina::sim
