// SPDX-License-Identifier: Apache-2.0
// The goal: a Unix socket takes its path from nobody who is there, and from everybody who is not;
// what it leaves is what it found. Each test has a directory of its own.
#include "src/os_unix.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace tina::internal {
namespace {

class UnixSockets : public testing::Test {
 protected:
  UnixSockets() {
    std::array<char, 32> name{"/tmp/tina-unix-XXXXXX"};
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name.data();
    path_ = directory_ + "/x.sock";
  }
  ~UnixSockets() override {
    std::filesystem::remove_all(directory_);
    for (const int one : open_) ::close(one);
  }

  static IoTable table(IoKind kind) {
    return {.name = "one", .kind = kind, .first_record = 0, .first_completion = 0, .lanes = 1};
  }
  std::int32_t open(const IoTable& io, const net::UnixAddress& at) {
    const OpCode op = io.kind == IoKind::kUnixStream ? OpCode::kConnectUnix : OpCode::kNone;
    const std::int32_t opened =
        open_unix({.io = io, .address = {}, .op = op, .unix_address = &at, .file = &file_},
                  SocketMode::kWaits);
    if (opened >= 0) open_.push_back(opened);
    return opened;
  }
  std::int32_t listen(std::string_view at) { return open(table(IoKind::kUnixListener), at); }
  std::int32_t connect(std::string_view at) { return open(table(IoKind::kUnixStream), at); }
  /// Ends a listener as one does whose process is killed: its file stays.
  void leave(std::int32_t listener) {
    std::erase(open_, listener);
    ::close(listener);
  }
  bool exists() const { return std::filesystem::exists(std::filesystem::symlink_status(path_)); }

  std::string directory_, path_;
  std::vector<std::int32_t> open_;
  BoundFile file_{};
};

TEST_F(UnixSockets, ConnectAtAPath) {
  ASSERT_GE(listen(path_), 0);
  EXPECT_TRUE(exists());
  EXPECT_NE(file_.number, 0U);
  const std::int32_t one = connect(path_);
  EXPECT_GE(one, 0);
  EXPECT_EQ(::fcntl(one, F_GETFL) & O_NONBLOCK, 0) << "a ring waits for it";
}

TEST_F(UnixSockets, ConnectByANameThatIsNoFile) {
  const std::string name = "@" + path_;
  ASSERT_GE(listen(name), 0);
  EXPECT_FALSE(exists());
  EXPECT_EQ(file_.number, 0U);
  EXPECT_GE(connect(name), 0);
  EXPECT_EQ(listen(name), -EADDRINUSE);
}

TEST_F(UnixSockets, TakeThePlaceOfOneThatNobodyIsBoundTo) {
  leave(listen(path_));
  ASSERT_TRUE(exists()) << "as after a kill";
  EXPECT_EQ(connect(path_), -ECONNREFUSED);
  EXPECT_GE(listen(path_), 0);
  EXPECT_GE(connect(path_), 0);
}

TEST_F(UnixSockets, LeaveOneThatSomebodyListensAt) {
  const std::int32_t first = listen(path_);
  EXPECT_EQ(listen(path_), -EADDRINUSE);
  const int accepted = ::accept4(first, nullptr, nullptr, SOCK_NONBLOCK);
  EXPECT_EQ(accepted, -1) << "it was not even asked";
  EXPECT_GE(connect(path_), 0) << "it still stands there";
}

TEST_F(UnixSockets, LeaveOneThatSomebodyOnlyIsBoundTo) {
  sockaddr_un raw;
  const socklen_t size = write_unix(std::string_view(path_), raw);
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const int other = ::socket(AF_UNIX, type, 0);
    ASSERT_EQ(::bind(other, reinterpret_cast<sockaddr*>(&raw), size), 0);
    EXPECT_EQ(listen(path_), -EADDRINUSE) << type;
    EXPECT_TRUE(exists());
    ::unlink(path_.c_str());
    ::close(other);
  }
}

TEST_F(UnixSockets, LeaveWhatIsNoSocket) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(listen(path_), -EADDRINUSE);
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
  ::unlink(path_.c_str());
  std::filesystem::create_symlink(directory_ + "/y.sock", path_);
  EXPECT_EQ(listen(path_), -EADDRINUSE) << "a link that leads nowhere";
  EXPECT_TRUE(exists());
}

TEST_F(UnixSockets, LeaveItToWhoeverIsAboutToTakeIt) {
  leave(listen(path_));
  const int directory = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(directory, LOCK_EX), 0);
  EXPECT_EQ(listen(path_), -EADDRINUSE);
  EXPECT_TRUE(exists());
  ::close(directory);
  EXPECT_GE(listen(path_), 0);
}

TEST_F(UnixSockets, RemoveTheirFileOnce) {
  const std::int32_t first = listen(path_);
  remove_file(first, file_);
  EXPECT_FALSE(exists());
  BoundFile older = file_;
  EXPECT_EQ(older.number, 0U);
  ASSERT_GE(listen(path_), 0) << "another may stand there before the first is closed";
  remove_file(first, older);
  EXPECT_TRUE(exists()) << "which is not the first one's";
}

TEST_F(UnixSockets, RemoveNoFileThatIsNotTheirs) {
  const std::int32_t first = listen(path_);
  BoundFile its = file_;
  ::rename(path_.c_str(), (path_ + ".old").c_str());
  ASSERT_GE(listen(path_), 0);
  remove_file(first, its);
  EXPECT_TRUE(exists());
  EXPECT_GE(connect(path_), 0);
}

TEST_F(UnixSockets, AreTheirOwnersAloneIfTheySaySo) {
  IoTable io = table(IoKind::kUnixListener);
  io.owner_only = true;
  ASSERT_GE(open(io, std::string_view(path_)), 0);
  struct stat facts{};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(UnixSockets, SayWhyTheyCannotConnect) {
  EXPECT_EQ(connect(path_), -ENOENT);
  EXPECT_EQ(connect(directory_ + "/none/x.sock"), -ENOENT);
  EXPECT_EQ(connect("@tina-unix-nobody"), -ECONNREFUSED);
  EXPECT_EQ(connect(std::string(108, 'x')), -ENAMETOOLONG);
  EXPECT_EQ(connect("@" + std::string(108, 'x')), -ENAMETOOLONG);
  EXPECT_EQ(connect("@"), -EINVAL);
  EXPECT_EQ(connect(""), -ENOENT);
  EXPECT_EQ(open(table(IoKind::kUnixStream), {}), -EINVAL);
  EXPECT_EQ(connect(std::string_view("a\0b", 3)), -EINVAL);
  std::ofstream(path_) << "no socket";
  EXPECT_EQ(connect(path_), -ECONNREFUSED);
}

TEST_F(UnixSockets, SayThatABacklogIsFull) {
  IoTable io = table(IoKind::kUnixListener);
  io.backlog = 0;
  ASSERT_GE(open(io, std::string_view(path_)), 0);
  EXPECT_GE(connect(path_), 0);
  EXPECT_EQ(connect(path_), -EAGAIN) << "and did not wait";
}

TEST_F(UnixSockets, BindTheLongestAddresses) {
  ASSERT_EQ(::chdir(directory_.c_str()), 0);
  const std::string longest(107, 'x');
  ASSERT_GE(listen(longest), 0);
  EXPECT_GE(connect(longest), 0);
  const BoundFile its = file_;
  EXPECT_NE(its.number, 0U);
  remove_file(open_.front(), file_);
  EXPECT_FALSE(std::filesystem::exists(longest));
  ASSERT_GE(listen("@" + longest), 0);
  EXPECT_GE(connect("@" + longest), 0);
  ASSERT_EQ(::chdir("/"), 0);
}

TEST(UnixAddress, ComesBackFromTheKernelAsItWent) {
  for (const char* text : {"/run/x.sock", "x", "@x", "./@x"}) {
    sockaddr_un raw;
    const socklen_t size = write_unix(text, raw);
    EXPECT_EQ(read_unix(raw, size).text(), text);
  }
  sockaddr_un none{};
  none.sun_family = AF_UNIX;
  EXPECT_TRUE(read_unix(none, sizeof(sa_family_t)).is_unnamed());
  EXPECT_TRUE(read_unix(none, 0).is_unnamed());
}

TEST(UnixAddress, IsJudgedAgainWhenItCameInAMessage) {
  net::UnixAddress made("/x");
  EXPECT_EQ(made.why_not(), 0);
  made.size = 200;
  EXPECT_EQ(made.why_not(), EINVAL);
  EXPECT_LE(made.text().size(), net::UnixAddress::kBytes);
  made.size = 108;
  EXPECT_EQ(made.why_not(), EINVAL) << "a NUL among them";
  made.bytes.fill('x');
  EXPECT_EQ(made.why_not(), ENAMETOOLONG);
  made.bytes[0] = '@';
  EXPECT_EQ(made.why_not(), 0);
}

}  // namespace
}  // namespace tina::internal
