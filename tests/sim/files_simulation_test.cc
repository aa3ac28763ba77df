// SPDX-License-Identifier: Apache-2.0
// The goal: a system with files is simulated as it is, in runs that are equal.
#include <gtest/gtest.h>

#include "files.system.h"
#include "tina/sim.h"

namespace tina::sim {
namespace {

TEST(FilesSimulation, ASystemWithFilesRuns) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(simulate(files::files::kSystem, nullptr, {}), 0);
  EXPECT_NE(::testing::internal::GetCapturedStdout().find("2, equal in all"), std::string::npos);
}

}  // namespace
}  // namespace tina::sim
