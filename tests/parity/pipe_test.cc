// SPDX-License-Identifier: Apache-2.0
// Parity of named pipes, both ends the system's: a reader waits for its first writer and hears when
// the last has gone; lines stay whole; a pipe that is full makes its writer wait.
#include <unistd.h>

#include <string>

#include "byte_streams.h"

namespace tina::parity {
namespace {

using internal::IoKind;

class NamedPipes : public ByteStreams {
 protected:
  ~NamedPipes() override { ::unlink(text().c_str()); }

  static std::string text() { return "/tmp/tina-parity-" + std::to_string(::getpid()) + ".pipe"; }
  std::int32_t opens_pipe(IoKind kind, bool create = true, const std::string& path = text()) {
    internal::IoTable io = table(kind);
    io.create = create;
    const fs::Path at(path);
    return world().calls().open(world().backend(),
                                {.io = io, .address = {}, .op = OpCode::kOpenPipe, .path = &at});
  }
  Object opened(IoKind kind) {
    const std::int32_t descriptor = opens_pipe(kind);
    EXPECT_GE(descriptor, 0);
    return keep(descriptor, 0);
  }
  Object reader() { return opened(IoKind::kPipeReader); }
  Object writer() { return opened(IoKind::kPipeWriter); }
};
TINA_IN_EVERY_WORLD(NamedPipes);

TEST_P(NamedPipes, CarryBytes) {
  const Object from = reader();
  const Object to = writer();
  EXPECT_EQ(writes(to, "hello"), 5);
  EXPECT_EQ(reads(from, 64), 5);
  EXPECT_EQ(last(), "hello");
}

TEST_P(NamedPipes, MakeTheReaderWaitForItsFirstWriter) {
  const Object from = reader();
  await(from);
  EXPECT_TRUE(waits(from, kRead)) << "that nobody writes yet is no end";
  const Object to = writer();
  EXPECT_TRUE(waits(from, kRead));
  EXPECT_EQ(writes(to, "x"), 1);
  EXPECT_GE(end(from, kRead), 0);
  EXPECT_EQ(reads(from, 64), 1);
}

TEST_P(NamedPipes, EndWhenTheLastWriterHasGone) {
  const Object from = reader();
  Object one = writer();
  Object two = writer();
  EXPECT_EQ(writes(one, "one"), 3);
  close(one);
  EXPECT_EQ(reads(from, 64), 3);
  await(from);
  EXPECT_TRUE(waits(from, kRead)) << "one writer is left";
  close(two);
  EXPECT_GE(end(from, kRead), 0);
  EXPECT_EQ(reads(from, 64), 0);
  EXPECT_EQ(reads(from, 64), 0) << "and stay so";
}

TEST_P(NamedPipes, GiveWhatWasWrittenBeforeTheEnd) {
  const Object from = reader();
  Object to = writer();
  EXPECT_EQ(writes(to, "last words"), 10);
  close(to);
  EXPECT_EQ(reads(from, 4), 4);
  EXPECT_EQ(reads(from, 64), 6);
  EXPECT_EQ(reads(from, 64), 0);
}

TEST_P(NamedPipes, BeginAnewWithANewReader) {
  Object from = reader();
  Object to = writer();
  close(to);
  EXPECT_EQ(reads(from, 64), 0);
  close(from);
  const Object again = reader();
  await(again);
  EXPECT_TRUE(waits(again, kRead));
  const Object other = writer();
  EXPECT_EQ(writes(other, "y"), 1);
  EXPECT_GE(end(again, kRead), 0);
}

TEST_P(NamedPipes, AreHeardFromAnotherWriterAfterAnEnd) {
  const Object from = reader();
  Object to = writer();
  close(to);
  EXPECT_EQ(reads(from, 64), 0);
  const Object other = writer();
  EXPECT_EQ(writes(other, "more"), 4);
  EXPECT_EQ(reads(from, 64), 4);
}

TEST_P(NamedPipes, RefuseAWriterThatNobodyReads) {
  EXPECT_EQ(opens_pipe(IoKind::kPipeWriter), -ENXIO);
}

TEST_P(NamedPipes, TellAWriterThatNobodyReadsAnyMore) {
  Object from = reader();
  const Object to = writer();
  close(from);
  EXPECT_EQ(writes(to, "x"), -EPIPE);
}

TEST_P(NamedPipes, MakeAWriterWait) {
  const Object from = reader();
  const Object to = writer();
  const std::size_t sent = fill(to);
  EXPECT_GE(sent, 4096U);
  std::size_t heard = 0;
  while (heard < sent + 4096) {
    const std::int32_t got = reads(from, 65536);
    ASSERT_GT(got, 0);
    heard += static_cast<std::size_t>(got);
  }
  EXPECT_EQ(end(to, kRead), 4096);
}

TEST_P(NamedPipes, TellAWriterThatWaits) {
  Object from = reader();
  const Object to = writer();
  fill(to);
  close(from);
  EXPECT_EQ(end(to, kRead), -EPIPE);
}

TEST_P(NamedPipes, EndAWriteThatIsCancelled) {
  [[maybe_unused]] const Object from = reader();
  const Object to = writer();
  fill(to);
  cancel(to, kRead);
  EXPECT_EQ(end(to, kRead), -ECANCELED);
}

TEST_P(NamedPipes, EndAWaitThatIsCancelled) {
  const Object from = reader();
  await(from);
  EXPECT_TRUE(waits(from, kRead));
  cancel(from, kRead);
  EXPECT_EQ(end(from, kRead), -ECANCELED);
}

TEST_P(NamedPipes, KeepLinesWhole) {
  const Object from = reader();
  const Object to = writer();
  const std::string line = std::string(2999, 'x') + "\n";
  EXPECT_EQ(writes(to, line + line), 3000) << "one line of those that do not fit together";
  EXPECT_EQ(reads(from, 65536), 3000);
}

TEST_P(NamedPipes, AreMadeIfTheSettingSaysSo) {
  EXPECT_EQ(opens_pipe(IoKind::kPipeReader, false), -ENOENT);
  [[maybe_unused]] const Object from = reader();
  const std::int32_t other = opens_pipe(IoKind::kPipeReader, false);
  EXPECT_GE(other, 0) << "it is there now";
  keep(other, 0);
}

TEST_P(NamedPipes, SayWhatIsNoPath) {
  EXPECT_EQ(opens_pipe(IoKind::kPipeReader, true, ""), -ENOENT);
  EXPECT_EQ(opens_pipe(IoKind::kPipeReader, true, std::string(256, 'x')), -ENAMETOOLONG);
  EXPECT_EQ(opens_pipe(IoKind::kPipeReader, true, std::string("a\0b", 3)), -EINVAL);
}

TEST_P(NamedPipes, NeedADescriptor) {
  [[maybe_unused]] const Object from = reader();
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_pipe(IoKind::kPipeReader), -EMFILE);
  EXPECT_EQ(opens_pipe(IoKind::kPipeWriter), -EMFILE);
}

}  // namespace
}  // namespace tina::parity
