// SPDX-License-Identifier: Apache-2.0
// The goal: a system with files is refused in one line, since there is no simulated disk.
#include <gtest/gtest.h>

#include "files.system.h"
#include "tina/sim.h"

namespace tina::sim {
namespace {

TEST(FilesSimulation, ASystemWithFilesIsRefusedBeforeAnythingRuns) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(simulate(files::files::kSystem, nullptr, {}), 2);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "tina: system Files cannot be simulated: its `io book` is a fs.file\n");
}

}  // namespace
}  // namespace tina::sim
