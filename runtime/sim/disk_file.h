// SPDX-License-Identifier: Apache-2.0
// One file of the simulated disk: what readers see, and apart from it what is on the medium. Kept
// by sectors, so that a file with a hole of any size takes no room for it. Invariant: a sector in
// which the two differ is either dirty, so that a sync takes it to the medium, or was given up by a
// sync that failed, as Linux does. Simulation's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>

namespace tina::sim {

class StoredFile {
 public:
  /// What a disk writes whole or not at all, bytes.
  static constexpr std::uint64_t kSector = 512;

  std::uint64_t size() const { return seen_.size; }
  /// Sectors that it takes of the disk.
  std::uint64_t sectors() const { return seen_.sectors.size(); }

  /// Returns how many bytes there were.
  std::size_t read(std::uint64_t offset, std::span<std::byte> to) const;
  /// How many of `size` bytes can be written at `offset` if `free` more sectors may be taken.
  std::size_t fits(std::uint64_t offset, std::size_t size, std::uint64_t free) const;
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);

  /// What has been written gets onto the medium.
  void sync() {
    reach_medium([] { return true; });
    medium_.size = seen_.size;
  }
  /// The sectors for which `reaches()` says so get there, the others never do unless they are
  /// written again.
  template <class Reaches>
  void sync_in_part(Reaches&& reaches) {
    reach_medium(reaches);
  }
  /// What was dirty has been lost unless `reaches()`.
  template <class Reaches>
  void lose_power(Reaches&& reaches) {
    reach_medium(reaches);
    if (reaches()) medium_.size = seen_.size;
    drop_beyond(medium_);
    seen_ = medium_;
  }

 private:
  using Sector = std::array<std::byte, kSector>;
  struct Content {
    std::map<std::uint64_t, Sector> sectors;  ///< by number; one that is not there is zeros
    std::uint64_t size = 0;
  };

  template <class Reaches>
  void reach_medium(Reaches&& reaches) {
    for (const std::uint64_t number : dirty_) {
      if (reaches()) put_on_medium(number);
    }
    dirty_.clear();
  }
  void put_on_medium(std::uint64_t number);
  static void drop_beyond(Content& content);

  Content seen_;
  Content medium_;
  std::set<std::uint64_t> dirty_;
};

}  // namespace tina::sim
