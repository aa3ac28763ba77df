// SPDX-License-Identifier: Apache-2.0
// The ground of generated unions: one of several alternatives, and which. A generated union derives
// from this and gives the alternatives their names. Invariant: bytes that the present alternative
// does not use are zero. Trivially copyable; nothing here allocates. Not to be shared between
// threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <tuple>
#include <utility>

#include "tina/count.h"

namespace tina {

/// One of `Ts`. A new one holds the first, all zero. Reading an alternative that is not present is
/// an error of the caller (TINA_ASSERT).
template <class... Ts>
class Union {
  static_assert((internal::Plain<Ts> && ...), "a union holds plain data");
  static constexpr std::size_t kAlign = std::max({alignof(Ts)...});
  static constexpr std::size_t kSize = internal::round_up(std::max({sizeof(Ts)...}), kAlign);

 protected:
  template <std::size_t kIndex>
  using At = std::tuple_element_t<kIndex, std::tuple<Ts...>>;

  constexpr std::size_t index_() const { return tag_; }
  template <std::size_t kIndex>
  constexpr bool is_() const {
    return tag_ == kIndex;
  }
  template <std::size_t kIndex>
  const At<kIndex>& at_() const {
    TINA_ASSERT(tag_ == kIndex);
    return *std::launder(reinterpret_cast<const At<kIndex>*>(bytes_.data()));
  }
  template <std::size_t kIndex>
  void set_(const At<kIndex>& value) {
    const At<kIndex> copy = value;  // it may lie in this very union
    bytes_.fill(std::byte{});
    tag_ = kIndex;
    ::new (bytes_.data()) At<kIndex>(copy);
  }
  template <class Self, std::size_t kIndex>
  static Self make_(const At<kIndex>& value) {
    Self made;
    made.template set_<kIndex>(value);
    return made;
  }
  bool equals_(const Union& other) const {
    return tag_ == other.tag_ && equals_(other, std::index_sequence_for<Ts...>());
  }

 private:
  template <std::size_t... kIndex>
  bool equals_(const Union& other, std::index_sequence<kIndex...>) const {
    return ((tag_ != kIndex || at_<kIndex>() == other.template at_<kIndex>()) && ...);
  }

  internal::Unsigned<kAlign> tag_ = 0;
  alignas(kAlign) std::array<std::byte, kSize> bytes_{};
};

}  // namespace tina
