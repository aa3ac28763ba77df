// SPDX-License-Identifier: Apache-2.0
// The containers of messages and of isolates' state, each against a simple model of it, and their
// layout: no padding, and nothing left of what has been removed.

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tina/flags.h"
#include "tina/inline_map.h"
#include "tina/list.h"
#include "tina/ring_buffer.h"
#include "tina/string.h"
#include "tina/union.h"

namespace tina {
namespace {

using Random = std::mt19937_64;

template <class T>
std::string bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

TEST(String, IsAsLargeAsItsCountAndItsText) {
  EXPECT_EQ(sizeof(String<15>), 16u);
  EXPECT_EQ(sizeof(String<255>), 256u);
  EXPECT_EQ(sizeof(String<256>), 258u);
  EXPECT_EQ(sizeof(String<257>), 260u);  // room for a whole number of counts
  EXPECT_EQ(alignof(String<70'000>), 4u);
  EXPECT_EQ(sizeof(List<std::uint64_t, 3>), 32u);
  EXPECT_EQ(sizeof(List<std::uint8_t, 3>), 4u);
  EXPECT_EQ(sizeof(Option<std::uint64_t>), 16u);
  EXPECT_EQ(sizeof(Option<bool>), 2u);
}

TEST(String, TakesWhatFitsAndNothingElse) {
  String<4> text("abc");
  EXPECT_FALSE(text.try_append("de"));
  EXPECT_FALSE(text.try_assign("12345"));
  EXPECT_EQ(text, "abc");
  EXPECT_TRUE(text.try_append("d"));
  EXPECT_EQ(text, "abcd");
  text = "x";
  EXPECT_EQ(bytes_of(text), bytes_of(String<4>("x")));  // nothing is left of the longer one
  EXPECT_LT(String<4>("a"), String<4>("b"));
  EXPECT_DEATH(text.assign("12345"), "");
  EXPECT_DEATH(static_cast<void>(text[1]), "");
}

TEST(Bytes, TakesWhatFitsAndNothingElse) {
  Bytes<3> data{1, 2};
  const Bytes<2> more{3, 4};
  EXPECT_FALSE(data.try_append(more.bytes()));
  EXPECT_TRUE(data.try_append(more.bytes().first(1)));
  EXPECT_EQ(data, (Bytes<3>{1, 2, 3}));
  data.assign(more.bytes());
  EXPECT_EQ(bytes_of(data), bytes_of(Bytes<3>{3, 4}));
  EXPECT_DEATH(static_cast<void>(data[2]), "");
}

TEST(String, BehavesAsAStdString) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    String<11> text;
    std::string model;
    for (int step = 0; step < 1000; ++step) {
      const std::string piece(random() % 14, static_cast<char>('a' + random() % 26));
      switch (random() % 4) {
        case 0:
          ASSERT_EQ(text.try_assign(piece), piece.size() <= 11) << seed;
          if (piece.size() <= 11) model = piece;
          break;
        case 1:
          text.clear();
          model.clear();
          break;
        default:
          ASSERT_EQ(text.try_append(piece), model.size() + piece.size() <= 11) << seed;
          if (model.size() + piece.size() <= 11) model += piece;
      }
      ASSERT_EQ(text, model) << seed;
      ASSERT_EQ(text.view() < piece, model < piece) << seed;
      for (std::size_t index = 0; index < model.size(); ++index) {
        ASSERT_EQ(text[index], model[index]) << seed;
      }
      ASSERT_EQ(bytes_of(text), bytes_of(String<11>(model))) << seed;
    }
  }
}

TEST(Bytes, BehaveAsAVectorOfBytes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    Bytes<9> data;
    std::vector<std::byte> model;
    for (int step = 0; step < 1000; ++step) {
      const std::vector<std::byte> piece(random() % 7, static_cast<std::byte>(random()));
      if (random() % 3 == 0) {
        data.assign(piece);
        model = piece;
      } else {
        ASSERT_EQ(data.try_append(piece), model.size() + piece.size() <= 9) << seed;
        if (model.size() + piece.size() <= 9) model.insert(model.end(), piece.begin(), piece.end());
      }
      const auto bytes = data.bytes();
      ASSERT_EQ(std::vector<std::byte>(bytes.begin(), bytes.end()), model) << seed;
    }
  }
}

TEST(List, BehavesAsAVector) {
  Random random(1);
  List<std::uint32_t, 5> list;
  std::vector<std::uint32_t> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto value = static_cast<std::uint32_t>(random());
    switch (random() % 4) {
      case 0:
      case 1:
        EXPECT_EQ(list.try_push_back(value), model.size() < 5);
        if (model.size() < 5) model.push_back(value);
        break;
      case 2:
        if (model.empty()) break;
        list.erase(value % model.size());
        model.erase(model.begin() + value % model.size());
        break;
      default:
        if (model.empty()) break;
        list.pop_back();
        model.pop_back();
    }
    ASSERT_EQ(std::vector<std::uint32_t>(list.begin(), list.end()), model);
    List<std::uint32_t, 5> fresh;
    for (const std::uint32_t item : model) fresh.push_back(item);
    ASSERT_EQ(bytes_of(list), bytes_of(fresh));  // what is gone leaves no trace
  }
}

TEST(List, RefusesWhatIsNotThere) {
  List<int, 2> list{1, 2};
  EXPECT_DEATH(static_cast<void>(list[2]), "");
  EXPECT_DEATH(list.push_back(3), "");
  EXPECT_DEATH(static_cast<void>((List<int, 2>().back())), "");
  EXPECT_DEATH((List<int, 2>().pop_back()), "");
}

TEST(Option, HasAValueOrNone) {
  Option<std::uint16_t> option;
  EXPECT_FALSE(option);
  EXPECT_EQ(option.value_or(7), 7);
  EXPECT_DEATH(static_cast<void>(option.value()), "");
  option = 5;
  EXPECT_EQ(*option, 5);
  EXPECT_EQ(option, Option<std::uint16_t>(5));
  option.reset();
  EXPECT_EQ(bytes_of(option), bytes_of(Option<std::uint16_t>()));
}

struct Shape : Union<std::uint8_t, std::uint64_t, String<3>> {
  std::size_t index() const { return index_(); }
  std::uint64_t wide() const { return at_<1>(); }
  void set_small(std::uint8_t value) { set_<0>(value); }
  void set_wide(std::uint64_t value) { set_<1>(value); }
  const String<3>& text() const { return at_<2>(); }
  void set_text(const String<3>& value) { set_<2>(value); }
  friend bool operator==(const Shape& a, const Shape& b) { return a.equals_(b); }
};

TEST(Union, HoldsOneAlternative) {
  EXPECT_EQ(sizeof(Shape), 16u);
  Shape shape;
  EXPECT_EQ(shape.index(), 0u);
  EXPECT_EQ(bytes_of(shape), std::string(16, '\0'));
  shape.set_wide(~std::uint64_t{0});
  EXPECT_EQ(shape.wide(), ~std::uint64_t{0});
  EXPECT_DEATH(static_cast<void>(shape.text()), "");
  shape.set_text(String<3>("abc"));
  Shape other;
  EXPECT_FALSE(shape == other);
  other.set_text(shape.text());
  EXPECT_TRUE(shape == other);
  shape.set_small(0);
  EXPECT_EQ(bytes_of(shape), std::string(16, '\0'));  // nothing is left of the wide one
}

enum class Mode : std::uint8_t { kRead = 1, kWrite = 2, kBoth = 3, kOwn = 128 };
TINA_FLAGS(Mode);

TEST(Flags, AreASetOfBits) {
  Mode mode = Mode::kRead | Mode::kOwn;
  EXPECT_TRUE(has(mode, Mode::kOwn));
  EXPECT_FALSE(has(mode, Mode::kBoth));
  mode |= Mode::kWrite;
  EXPECT_TRUE(has(mode, Mode::kBoth));
  mode &= ~Mode::kOwn;
  EXPECT_EQ(mode, Mode::kBoth);
}

TEST(RingBuffer, BehavesAsADeque) {
  Random random(2);
  RingBuffer<int, 7> ring;
  std::deque<int> model;
  for (int step = 0; step < 20'000; ++step) {
    const bool fills = step / 100 % 2 == 0;
    if (random() % 4 < (fills ? 3 : 1)) {
      EXPECT_EQ(ring.try_push_back(step), model.size() < 7);
      if (model.size() < 7) model.push_back(step);
    } else if (!model.empty()) {
      EXPECT_EQ(ring.pop_front(), model.front());
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    for (std::size_t index = 0; index < model.size(); ++index) {
      ASSERT_EQ(ring[index], model[index]);
    }
  }
}

TEST(RingBuffer, RefusesWhatIsNotThere) {
  RingBuffer<int, 1> ring;
  EXPECT_DEATH(ring.pop_front(), "");
  EXPECT_DEATH(static_cast<void>(ring[0]), "");
  ring.push_back(1);
  EXPECT_DEATH(ring.push_back(2), "");
  static_assert(std::is_trivially_destructible_v<RingBuffer<int, 1>>);
}

/// Puts many keys into one place, so that runs wrap around and erasing has to move them.
struct Crowded {
  std::uint32_t key = 0;
  friend bool operator==(const Crowded&, const Crowded&) = default;
};

}  // namespace

template <>
struct Hash<Crowded> {
  std::uint64_t operator()(const Crowded& crowded) const { return crowded.key % 3 + 13; }
};

namespace {

template <class Key, class Make>
void behaves_as_a_map(Make make) {
  Random random(3);
  InlineMap<Key, std::uint64_t, 10> map;
  std::map<std::uint32_t, std::uint64_t> model;
  for (std::uint64_t step = 0; step < 50'000; ++step) {
    const auto key = static_cast<std::uint32_t>(random() % 24);
    switch (random() % 3) {
      case 0: {
        const bool fits = model.contains(key) || model.size() < 10;
        ASSERT_EQ(map.insert_or_assign(make(key), step), fits);
        if (fits) model[key] = step;
        break;
      }
      case 1:
        ASSERT_EQ(map.erase(make(key)), model.erase(key) == 1);
        break;
      default: {
        const std::uint64_t* found = map.find(make(key));
        ASSERT_EQ(found != nullptr, model.contains(key));
        if (found != nullptr) {
          ASSERT_EQ(*found, model[key]);
        }
      }
    }
    ASSERT_EQ(map.size(), model.size());
    std::uint64_t sum = 0;
    map.for_each([&](const Key&, std::uint64_t value) { sum += value; });
    for (const auto& [model_key, value] : model) sum -= value;
    ASSERT_EQ(sum, 0u);
  }
}

TEST(InlineMap, BehavesAsAMap) {
  behaves_as_a_map<std::uint32_t>([](std::uint32_t key) { return key; });
  behaves_as_a_map<Crowded>([](std::uint32_t key) { return Crowded{key}; });
  behaves_as_a_map<String<8>>([](std::uint32_t key) { return String<8>(std::to_string(key)); });
}

TEST(InlineMap, RefusesWhatIsNotThere) {
  InlineMap<Handle, int, 1> map;
  EXPECT_DEATH(map.at(Handle{1}), "");
  EXPECT_TRUE(map.insert_or_assign(Handle{1}, 5));
  EXPECT_EQ(map.find_or_insert(Handle{2}), nullptr);
  EXPECT_EQ(map.at(Handle{1}), 5);
  map.clear();
  EXPECT_TRUE(map.empty());
  static_assert(std::is_trivially_destructible_v<InlineMap<Handle, int, 1>>);
}

}  // namespace
}  // namespace tina
