// SPDX-License-Identifier: Apache-2.0
// See disk_file.h.
#include "sim/disk_file.h"

#include <algorithm>
#include <cstring>

namespace tina::sim {
namespace {

/// The piece of a range of bytes that lies in one sector.
struct Piece {
  std::uint64_t number;
  std::size_t within;
  std::size_t size;
};

Piece first_piece(std::uint64_t offset, std::size_t size) {
  const std::size_t within = offset % StoredFile::kSector;
  return {offset / StoredFile::kSector, within, std::min(size, StoredFile::kSector - within)};
}

}  // namespace

std::size_t StoredFile::read(std::uint64_t offset, std::span<std::byte> to) const {
  if (offset >= seen_.size) return 0;
  const std::size_t whole = std::min<std::uint64_t>(to.size(), seen_.size - offset);
  for (std::size_t done = 0; done < whole;) {
    const Piece piece = first_piece(offset + done, whole - done);
    const auto found = seen_.sectors.find(piece.number);
    if (found == seen_.sectors.end()) {
      std::memset(to.data() + done, 0, piece.size);
    } else {
      std::memcpy(to.data() + done, found->second.data() + piece.within, piece.size);
    }
    done += piece.size;
  }
  return whole;
}

std::size_t StoredFile::fits(std::uint64_t offset, std::size_t size, std::uint64_t free) const {
  std::size_t done = 0;
  while (done < size) {
    const Piece piece = first_piece(offset + done, size - done);
    if (!seen_.sectors.contains(piece.number) && free-- == 0) break;
    done += piece.size;
  }
  return done;
}

void StoredFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const Piece piece = first_piece(offset + done, bytes.size() - done);
    Sector& sector = seen_.sectors.try_emplace(piece.number).first->second;
    std::memcpy(sector.data() + piece.within, bytes.data() + done, piece.size);
    dirty_.insert(piece.number);
    done += piece.size;
  }
  if (!bytes.empty()) seen_.size = std::max(seen_.size, offset + bytes.size());
}

void StoredFile::truncate(std::uint64_t size) {
  if (size < seen_.size) {
    const auto from = seen_.sectors.lower_bound(size / kSector);
    for (auto cut = from; cut != seen_.sectors.end(); ++cut) dirty_.insert(cut->first);
  }
  seen_.size = size;
  drop_beyond(seen_);
}

void StoredFile::put_on_medium(std::uint64_t number) {
  const auto found = seen_.sectors.find(number);
  if (found == seen_.sectors.end()) {
    medium_.sectors.erase(number);
  } else {
    medium_.sectors[number] = found->second;
  }
}

/// What lies behind the end is zeros again when the file grows.
void StoredFile::drop_beyond(Content& content) {
  const std::uint64_t whole = (content.size + kSector - 1) / kSector;
  content.sectors.erase(content.sectors.lower_bound(whole), content.sectors.end());
  const std::size_t within = content.size % kSector;
  if (within == 0) return;
  const auto last = content.sectors.find(content.size / kSector);
  if (last == content.sectors.end()) return;
  std::fill(last->second.begin() + static_cast<std::ptrdiff_t>(within), last->second.end(),
            std::byte{0});
}

}  // namespace tina::sim
