// SPDX-License-Identifier: Apache-2.0
// What the parity cases of files and directories are written in, beside parity.h. Names are within
// the case's own folder. Test's thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "parity.h"
#include "tina/contract_file.h"
#include "tina/fs.h"

namespace tina::parity {

using fs::Open;
using internal::kAllMoved;

inline constexpr Open kBoth = Open::kRead | Open::kWrite;
inline constexpr Open kNew = kBoth | Open::kCreate;

class Files : public Parity {
 protected:
  fs::Path path(const std::string& name) { return fs::Path(world().folder() + "/" + name); }

  // Files: what starts, and what is the end of it.
  void open(const Object& file, const fs::Path& where, Open flags, std::uint32_t mode = 0600) {
    start_with(file, kAll, OpCode::kOpen,
               internal::OpenOperand{where, static_cast<std::uint32_t>(flags), mode, 0});
  }
  std::int32_t opens(const fs::Path& where, Open flags, std::uint32_t mode = 0600) {
    return ends_open([&](const Object& nobody) { open(nobody, where, flags, mode); });
  }
  Object opened(const std::string& name, Open flags = kNew, std::uint32_t mode = 0600) {
    const std::int32_t descriptor = opens(path(name), flags, mode);
    EXPECT_GE(descriptor, 0) << name;
    return adopt(descriptor);
  }
  void make(const std::string& name, const std::string& text = "") {
    Object file = opened(name, kNew | Open::kTruncate);
    if (!text.empty()) {
      EXPECT_EQ(writes(file, 0, text), static_cast<std::int32_t>(text.size()));
    }
    close(file);
  }
  void read(const Object& file, std::uint64_t offset, std::size_t size, std::uint32_t most = 0) {
    start_with(file, kRead, OpCode::kRead, internal::ReadExtra{offset, most, 0},
               std::string(size, '.'));
  }
  std::int32_t reads(const Object& file, std::uint64_t offset, std::size_t size,
                     std::uint32_t most = 0) {
    read(file, offset, size, most);
    return end(file, kRead);
  }
  /// The same into parts of these sizes.
  std::int32_t scatters(const Object& file, std::uint64_t offset,
                        const std::vector<std::size_t>& sizes) {
    std::vector<std::string> parts;
    for (const std::size_t size : sizes) parts.emplace_back(size, '.');
    start_with(file, kRead, OpCode::kReadScattered, internal::ReadExtra{offset, 0, 0}, {}, parts);
    return end(file, kRead);
  }
  /// All that is there.
  std::string text(const Object& file) {
    std::string all;
    while (reads(file, all.size(), 5000) > 0) all += last();
    return all;
  }
  std::string text(const std::string& name) {
    Object file = opened(name, Open::kRead);
    const std::string all = text(file);
    close(file);
    return all;
  }
  void write(const Object& file, std::uint64_t offset, std::string bytes) {
    start_with(file, kWrite, OpCode::kWrite, internal::WriteOperand{offset}, std::move(bytes));
  }
  std::int32_t writes(const Object& file, std::uint64_t offset, std::string bytes) {
    write(file, offset, std::move(bytes));
    return end(file, kWrite);
  }
  std::int32_t does(const Object& file, OpCode op, std::uint64_t offset = 0,
                    const std::vector<std::string>& parts = {}) {
    start_with(file, kWrite, op, internal::WriteOperand{offset}, {}, parts);
    return end(file, kWrite);
  }
  std::int32_t describes(const Object& file) {
    start_with(file, kRead, OpCode::kDescribe, internal::ReadOperand{});
    const std::int32_t value = end(file, kRead);
    if (value == 0) facts_ = internal::facts_of(operand<internal::ReadOperand>().status);
    return value;
  }

  // Directories.
  std::int32_t opens_directory(const fs::Path& where) {
    return ends_open([&](const Object& nobody) {
      start_with(nobody, kAll, OpCode::kOpenDirectory, internal::OpenOperand{where, 0, 0, 0});
    });
  }
  Object directory(const std::string& name = ".") {
    const std::int32_t descriptor = opens_directory(path(name));
    EXPECT_GE(descriptor, 0) << name;
    return adopt(descriptor);
  }
  std::int32_t names(const Object& in, OpCode op, const fs::Path& what, std::uint32_t mode = 0700) {
    start_with(in, kWrite, op, internal::NameExtra{what, mode});
    return end(in, kWrite);
  }
  std::int32_t unlinks(const Object& in, const fs::Path& what) {
    return names(in, OpCode::kUnlink, what);
  }
  std::int32_t removes(const Object& in, const fs::Path& what) {
    return names(in, OpCode::kRemoveDirectory, what);
  }
  std::int32_t makes(const Object& in, const fs::Path& what, std::uint32_t mode = 0700) {
    return names(in, OpCode::kMakeDirectory, what, mode);
  }
  std::int32_t renames(const Object& in, const fs::Path& from, const fs::Path& to) {
    start_with(in, kWrite, OpCode::kRename, internal::RenameExtra{from, to});
    return end(in, kWrite);
  }
  std::int32_t describes(const Object& in, const fs::Path& what) {
    start_with(in, kRead, OpCode::kDescribePath,
               internal::DescribeOperand{.what = {what, 0}, .status = {}});
    const std::int32_t value = end(in, kRead);
    if (value == 0) facts_ = internal::facts_of(operand<internal::DescribeOperand>().status);
    return value;
  }
  std::int32_t lists(const Object& in, OpCode op, std::size_t size) {
    start_with(in, kRead, op, internal::ReadExtra{}, std::string(size, '.'));
    return end(in, kRead);
  }
  /// All names, each with a letter of what it is, as "d sub"; sorted.
  std::vector<std::string> list(const Object& in, std::size_t size = 4096) {
    std::vector<std::string> all;
    for (OpCode op = OpCode::kList; lists(in, op, size) > 0; op = OpCode::kListMore) {
      const fs::Entries piece(std::as_bytes(std::span(last())));
      for (const fs::Entry& entry : piece) {
        all.push_back(std::string(1, "fdlo"[static_cast<unsigned>(entry.what)]) + " " +
                      std::string(entry.name));
      }
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  /// What describes has said.
  const fs::Facts& facts() const { return facts_; }

 private:
  /// The end of an open, in a slot that is free again then.
  template <class Start>
  std::int32_t ends_open(Start&& start) {
    const Object nobody{-1, kOpeningSlot, 0};
    start(nobody);
    return end(nobody, kAll);
  }
  static constexpr std::uint32_t kOpeningSlot = 255;

  fs::Facts facts_;
};

using Names = std::vector<std::string>;

}  // namespace tina::parity
