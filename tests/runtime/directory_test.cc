// SPDX-License-Identifier: Apache-2.0
// The goal: a directory has one descriptor at a time, closed exactly once; every operation brings
// its paths to the backend as the handler gave them and ends exactly once; a list holds one buffer
// and no reader runs over its end.
#include "clerk.h"
#include "directory.system.h"
#include "object_fixture.h"

namespace tina::internal {
namespace {

using directory::Act;
using directory::contract::kClerk;
using Ends = std::vector<std::pair<std::string, std::int64_t>>;
using Descriptors = std::vector<std::int32_t>;
using Names = std::vector<std::string>;

class Directory : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    directory::ends.clear();
    boot(directory::directory::kSystem);
  }
  void order(Act act, std::string_view name = "shelf", std::string_view to = "") {
    tell(kClerk,
         directory::Order{.act = act, .name = tina::String<20>(name), .to = tina::String<20>(to)});
  }
  void opened(std::int32_t descriptor = 50) {
    order(Act::OPEN);
    complete(take_started(OpCode::kOpenDirectory), descriptor);
    EXPECT_EQ(ends(), (Ends{{"opened", 0}}));
  }
  /// Starts a list; it ends with a piece as a backend makes it.
  void list(Act act, std::string_view piece) {
    order(act);
    const Operation listing = take_started(act == Act::LIST ? OpCode::kList : OpCode::kListMore);
    ASSERT_LE(piece.size(), listing.size);
    std::copy_n(reinterpret_cast<const std::byte*>(piece.data()), piece.size(),
                const_cast<std::byte*>(listing.data));
    complete(listing, static_cast<std::int32_t>(piece.size()));
  }
  static Ends ends() { return std::exchange(directory::ends, {}); }
};

TEST_F(Directory, OpensAndClosesOneDescriptor) {
  order(Act::OPEN, "a/shelf");
  const Operation opening = take_started(OpCode::kOpenDirectory);
  EXPECT_EQ(opening.as<OpenOperand>().path.text(), "a/shelf");
  EXPECT_EQ(opening.descriptor, -1);
  complete(opening, 50);
  order(Act::OPEN);
  EXPECT_EQ(ends(), (Ends{{"opened", 0}, {"opened", EBUSY}}));
  order(Act::CLOSE);
  EXPECT_EQ(ends(), (Ends{{"closed", 0}}));
  EXPECT_EQ(platform.closed, Descriptors{50});
}

TEST_F(Directory, AnOperationOfOneThatIsNotOpenEndsInEbadf) {
  for (const Act act : {Act::LIST, Act::MORE, Act::DESCRIBE, Act::RENAME, Act::UNLINK, Act::REMOVE,
                        Act::MAKE, Act::SYNC}) {
    order(act, "x", "y");
    const Ends heard = ends();
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].second, EBADF) << heard[0].first;
  }
  EXPECT_TRUE(platform.started.empty());
}

TEST_F(Directory, BringsItsPathsToTheBackend) {
  opened();
  order(Act::RENAME, "old name", "new name");
  const Operation renaming = take_started(OpCode::kRename);
  EXPECT_EQ(renaming.descriptor, 50);
  EXPECT_EQ(renaming.as<RenameExtra>().from.text(), "old name");
  EXPECT_EQ(renaming.as<RenameExtra>().to.text(), "new name");
  order(Act::DESCRIBE, "beside");
  const Operation describing = take_started(OpCode::kDescribePath);
  EXPECT_EQ(describing.as<NameExtra>().path.text(), "beside");
  EXPECT_EQ(renaming.as<RenameExtra>().from.text(), "old name") << "each lane has its own";
  complete(renaming, 0);
  complete(describing, -ENOENT);
  EXPECT_EQ(ends(), (Ends{{"renamed", 0}, {"described", ENOENT}}));
  order(Act::MAKE, "new");
  const Operation making = take_started(OpCode::kMakeDirectory);
  EXPECT_EQ(making.as<NameExtra>().path.text(), "new");
  EXPECT_EQ(making.as<NameExtra>().mode, 0700u);
  complete(making, -EEXIST);
  order(Act::UNLINK, "x");
  complete(take_started(OpCode::kUnlink), 0);
  order(Act::REMOVE, "y");
  complete(take_started(OpCode::kRemoveDirectory), -ENOTEMPTY);
  order(Act::SYNC);
  complete(take_started(OpCode::kSync), 0);
  EXPECT_EQ(ends(),
            (Ends{{"made", EEXIST}, {"removed", 0}, {"removed", ENOTEMPTY}, {"synced", 0}}));
}

TEST_F(Directory, ListsPieceByPieceIntoABuffer) {
  opened();
  list(Act::LIST, std::string_view("\0\1a\1\2bc", 7));
  EXPECT_EQ(directory::names, (Names{"a", "bc"}));
  list(Act::MORE, std::string_view("\0\3def", 5));
  EXPECT_EQ(directory::names, (Names{"def"}));
  list(Act::MORE, "");
  EXPECT_EQ(ends(), (Ends{{"listed", 0}, {"listed", 0}, {"end", 0}}));
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

TEST_F(Directory, ReadsNothingBehindAPieceThatIsCutOff) {
  opened();
  list(Act::LIST, std::string_view("\0\1a\0\5bc", 7));
  EXPECT_EQ(directory::names, (Names{"a"}));
  list(Act::LIST, std::string_view("\0\1a\0", 4));
  EXPECT_EQ(directory::names, (Names{"a"}));
}

TEST_F(Directory, HasTwoLanesThatItsCloseEnds) {
  opened();
  order(Act::LIST);
  order(Act::UNLINK, "x");
  order(Act::ASK);
  EXPECT_EQ(ends(), (Ends{{"idle", 0}}));
  const Operation listing = take_started(OpCode::kList), unlinking = take_started(OpCode::kUnlink);
  order(Act::CLOSE);
  EXPECT_EQ(platform.closed, Descriptors{}) << "the backend still has both";
  complete(listing, 3);
  complete(unlinking, -ECANCELED);
  EXPECT_EQ(ends(), (Ends{{"closed", 0}}));
  EXPECT_EQ(platform.closed, Descriptors{50});
}

TEST_F(Directory, GivesAnOpenUpThatNobodyWaitsFor) {
  order(Act::OPEN);
  const Operation opening = take_started(OpCode::kOpenDirectory);
  order(Act::REST);
  complete(opening, 50);
  EXPECT_EQ(platform.closed, Descriptors{50});
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(Directory, ACrashLeavesNoDescriptorAndNoBuffer) {
  opened();
  order(Act::LIST);
  const Operation listing = take_started(OpCode::kList);
  order(Act::CRASH);
  EXPECT_EQ(platform.closed, Descriptors{});
  complete(listing, 3);
  EXPECT_EQ(platform.closed, Descriptors{50});
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

}  // namespace
}  // namespace tina::internal
