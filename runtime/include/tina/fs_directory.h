// SPDX-License-Identifier: Apache-2.0
// Directories as handlers see them: the names in one are made, changed and taken away, and told in
// pieces of one receive buffer each. Paths of operations are relative to the directory that was
// opened, wherever that is moved meanwhile; absolute ones are what they are. Invariant: a change of
// names is safe from power loss after a `sync` of the directory, and not before. Used on the
// shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "tina/effect.h"
#include "tina/fs_facts.h"
#include "tina/io.h"
#include "tina/operand_file.h"
#include "tina/path.h"

namespace tina::fs {

/// One name in a directory. What a link leads to is not looked at. Lies in the buffer of its piece.
struct Entry {
  std::string_view name;
  What what = What::kFile;
};

/// The names of one piece of a list, for a range `for`. Valid as long as the piece's buffer.
class Entries {
 public:
  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(std::span<const std::byte> rest) : rest_(rest) { cut(); }
    Entry operator*() const {
      return {{reinterpret_cast<const char*>(rest_.data()) + kHead, size() - kHead},
              static_cast<What>(rest_[0])};
    }
    Iterator& operator++() {
      rest_ = rest_.subspan(size());
      cut();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.rest_.size() == b.rest_.size();
    }

   private:
    static constexpr std::size_t kHead = 2;  ///< what it is, how long its name is

    std::size_t size() const { return kHead + std::to_integer<std::size_t>(rest_[1]); }
    /// What is no whole entry is none.
    void cut() {
      if (rest_.size() < kHead || size() > rest_.size()) rest_ = {};
    }

    std::span<const std::byte> rest_;
  };

  explicit Entries(std::span<const std::byte> piece) : piece_(piece) {}
  Iterator begin() const { return Iterator(piece_); }
  Iterator end() const { return {}; }

 private:
  std::span<const std::byte> piece_;
};

/// A directory, which starts closed. An operation on one that is not open completes with EBADF.
struct directory {
  using Lanes = internal::LaneList<internal::LaneName::kRead, internal::LaneName::kWrite,
                                   internal::LaneName::kAll>;

  /// What an end says that says no more than how it was.
  struct End {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `open`. EBUSY: it is open, and stays so.
  struct Opened : End {};
  /// End of `close`: nothing is under way any more, and it may be opened again. Never fails.
  struct Closed {};
  /// End of `list` and `list_more`: some names, in no order (`kOk`); no more of them (`kEnd`); or
  /// an error, as EINVAL of a name for which a receive buffer is too small. 280 bytes never are.
  struct Listed : End {
    Buffer data;
    Entries entries() const { return Entries(data.bytes()); }
  };
  /// End of `describe`.
  struct Described : End {
    Facts facts;
  };
  /// End of `rename`.
  struct Renamed : End {};
  /// End of `unlink` and `remove_directory`: the name is gone.
  struct Removed : End {};
  /// End of `make_directory`.
  struct Made : End {};
  /// End of `sync`: the names are on the medium as they are, or an error, after which it is not
  /// known which of them.
  struct Synced : End {};

  /// The operations of the declared I/O object `kObject`, whose first lane is record `kRecord` and
  /// whose first completion is bit `kCompletion`. Each call builds a value; nothing starts yet.
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion, bool kWhole>
  struct Operations {
    static constexpr unsigned kExtra = sizeof(internal::RenameExtra);

    /// Lane read: the first names; as many as fit into one buffer.
    constexpr auto list() const { return plain<0>(kReads, internal::OpCode::kList); }
    /// Lane read: the names behind those that came last. One that is made or taken away meanwhile
    /// comes or does not; each other one comes once.
    constexpr auto list_more() const { return plain<0>(kReads, internal::OpCode::kListMore); }
    /// Lane read: size, time and kind of what a path names. Of a link, of the link itself.
    auto describe(const Path& what) const {
      return internal::with(plain<1>(kReads, internal::OpCode::kDescribePath),
                            internal::NameExtra{what, 0});
    }
    /// Lane write: another name, in the same or another directory of the file system. What had the
    /// new one is replaced, and there is no moment at which neither is there.
    auto rename(const Path& from, const Path& to) const {
      return internal::with(plain<2>(kWrites, internal::OpCode::kRename),
                            internal::RenameExtra{from, to});
    }
    /// Lane write: takes the name of a file away. Who has the file open keeps it until he closes.
    auto unlink(const Path& what) const {
      return internal::with(plain<3>(kWrites, internal::OpCode::kUnlink),
                            internal::NameExtra{what, 0});
    }
    /// Lane write: takes an empty directory away.
    auto remove_directory(const Path& what) const {
      return internal::with(plain<3>(kWrites, internal::OpCode::kRemoveDirectory),
                            internal::NameExtra{what, 0});
    }
    /// Lane write: makes a directory. `mode`: its permission bits, less the umask.
    auto make_directory(const Path& what, std::uint32_t mode = 0755) const {
      return internal::with(plain<4>(kWrites, internal::OpCode::kMakeDirectory),
                            internal::NameExtra{what, mode});
    }
    /// Lane write: makes durable which names are there.
    constexpr auto sync() const { return plain<5>(kWrites, internal::OpCode::kSync); }
    /// Lane all: open it. Given up in the transition to a state that does not list `Opened`.
    auto open(const Path& where) const {
      static_assert(kWhole, "[E0406] no state lists (`on …`) the completion of this operation");
      return internal::with(internal::plain_op<kCompletion + 6, kWhole>(
                                kObject, kRecord + 2, internal::OpCode::kOpenDirectory),
                            internal::OpenOperand{where, 0, 0, 0});
    }
    /// Lane all: close it. What its lanes have outstanding or hold ends with it, and the one
    /// completion is `Closed`.
    constexpr auto close() const {
      static_assert(kWhole, "[E0406] no state lists (`on …`) the completion of this operation");
      return internal::plain_op<kCompletion + 7, kWhole>(kObject, kRecord + 2,
                                                         internal::OpCode::kClose);
    }

   private:
    static constexpr std::uint8_t kReads = 0, kWrites = 1;

    template <std::uint8_t kEnd>
    static constexpr auto plain(std::uint8_t lane, internal::OpCode op) {
      return internal::plain_op<kCompletion + kEnd>(kObject,
                                                    static_cast<std::uint8_t>(kRecord + lane), op);
    }
  };
};

}  // namespace tina::fs
