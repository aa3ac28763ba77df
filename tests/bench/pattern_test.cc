// SPDX-License-Identifier: Apache-2.0
//
// The verifier decides whether a server kept every byte. Goal: it accepts the stream however it is
// cut, and notices a changed, lost, doubled, swapped or foreign byte; no piece of the stream can be
// taken for poison.

#include "load/pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace tina::load {
namespace {

std::vector<char> Stream(const Pattern& pattern, PatternPosition from, size_t bytes) {
  std::vector<char> stream;
  while (stream.size() < bytes) {
    const size_t length = std::min(bytes - stream.size(), Pattern::kSliceMax);
    const auto piece = pattern.Slice(Pattern::Advance(from, stream.size()), length);
    stream.insert(stream.end(), piece.begin(), piece.end());
  }
  return stream;
}

TEST(Pattern, NeverContainsTheFirstLetterOfThePoison) {
  const Pattern pattern;
  const std::vector<char> stream = Stream(pattern, {0}, 2 * Pattern::kPeriod);
  EXPECT_EQ(std::count(stream.begin(), stream.end(), kPoisonWord[0]), 0);
}

TEST(Pattern, IsTheSameInEveryRun) {
  const Pattern first;
  const Pattern second;
  const std::vector<char> stream = Stream(first, {123}, Pattern::kPeriod);
  EXPECT_EQ(second.Compare({123}, stream).mismatched_bytes, 0U);
}

TEST(Pattern, AcceptsTheStreamHoweverItIsCut) {
  const Pattern pattern;
  const std::vector<char> stream = Stream(pattern, {65'000}, 300'000);
  std::mt19937 random(3);
  for (size_t done = 0; done < stream.size();) {
    const size_t length = std::min<size_t>(1 + random() % 70'000, stream.size() - done);
    const auto piece = std::span<const char>(stream).subspan(done, length);
    EXPECT_EQ(pattern.Compare(Pattern::Advance({65'000}, done), piece).mismatched_bytes, 0U);
    done += length;
  }
}

TEST(Pattern, NoticesEachChangedByteAndSaysWhere) {
  const Pattern pattern;
  std::vector<char> stream = Stream(pattern, {9}, 150'000);
  for (const size_t index : {size_t{0}, size_t{65'535}, size_t{65'536}, size_t{149'999}}) {
    std::vector<char> changed = stream;
    changed[index] = static_cast<char>(changed[index] ^ 1);
    const Comparison found = pattern.Compare({9}, changed);
    EXPECT_EQ(found.mismatched_bytes, 1U);
    EXPECT_EQ(found.first_mismatch, index);
  }
}

TEST(Pattern, NoticesALostByteADoubledByteAndSwappedRequests) {
  const Pattern pattern;
  const std::vector<char> stream = Stream(pattern, {40'000}, 256);
  std::vector<char> lost = stream;
  lost.erase(lost.begin() + 10);
  EXPECT_GT(pattern.Compare({40'000}, lost).mismatched_bytes, 0U);
  std::vector<char> doubled = stream;
  doubled.insert(doubled.begin() + 10, doubled[10]);
  EXPECT_GT(pattern.Compare({40'000}, doubled).mismatched_bytes, 0U);
  std::vector<char> swapped = stream;
  std::swap_ranges(swapped.begin(), swapped.begin() + 64, swapped.begin() + 64);
  EXPECT_GT(pattern.Compare({40'000}, swapped).mismatched_bytes, 100U);
}

TEST(Pattern, GivesEveryConnectionAStreamOfItsOwn) {
  const Pattern pattern;
  std::set<uint32_t> phases;
  for (uint64_t ordinal = 0; ordinal < Pattern::kPeriod; ++ordinal) {
    phases.insert(Pattern::PhaseOf(ordinal).value);
  }
  EXPECT_EQ(phases.size(), Pattern::kPeriod);
  const std::vector<char> foreign = Stream(pattern, Pattern::PhaseOf(1), 64);
  EXPECT_GT(pattern.Compare(Pattern::PhaseOf(0), foreign).mismatched_bytes, 50U);
}

TEST(Pattern, PoisonStartsWithTheWordAndIsAsLongAsARequest) {
  const Pattern pattern;
  for (const size_t size : {size_t{1}, size_t{6}, size_t{64}, size_t{200'000}}) {
    const std::vector<char> payload = pattern.PoisonPayload(size);
    EXPECT_EQ(payload.size(), std::max(size, kPoisonWord.size()));
    EXPECT_TRUE(std::equal(kPoisonWord.begin(), kPoisonWord.end(), payload.begin()));
  }
}

}  // namespace
}  // namespace tina::load
