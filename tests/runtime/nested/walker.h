// SPDX-License-Identifier: Apache-2.0
// Handlers of nested.tina's Walker: each says where it runs, then does what it was told.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nested.tina.h"

namespace nested {

/// What the handlers did, in order: `enter Left`, `order in Machine 7`.
inline std::vector<std::string> walked;

inline void walk(std::string_view what) { walked.emplace_back(what); }
inline void walk(std::string_view what, std::uint64_t value) {
  walked.push_back(std::string(what) + " " + std::to_string(value));
}

/// What goes wrong in the entry handler of state `in`.
enum class Harm { kCrash, kFault, kThrow };
struct Trouble {
  std::string_view in;
  Harm harm = Harm::kCrash;
};
inline Trouble trouble;

struct Walker : WalkerBase {
  std::uint32_t id = 0;

  InitResult on_init(WalkerInit&& init, Context&) {
    id = init.id;
    walk("init", id);
    return ok();
  }

  Then<Stay<Machine>, Outer, Inner, Left, Right, Beside, Apart, Far, Lost, Gone> on_order(
      in<Machine>, const Order& order, Context&) {
    walk("order in Machine", order.value);
    switch (order.way) {
      case Way::STAY:
        return stay();
      case Way::OUTER:
        return to<Outer>();
      case Way::INNER:
        return to<Inner>();
      case Way::LEFT:
        return to<Left>();
      case Way::RIGHT:
        return to<Right>();
      case Way::BESIDE:
        return to<Beside>();
      case Way::APART:
        return to<Apart>();
      case Way::FAR:
        return to<Far>();
      case Way::LOST:
        return to<Lost>();
      case Way::GONE:
        return to<Gone>();
    }
    return crash("an order of no kind");
  }
  Then<Stay<Machine>> on_note(in<Machine>, const Note& note, Context&) {
    walk("note in Machine", note.value);
    return stay();
  }

  Entry<Outer> on_enter(in<Outer>, Context&) { return entered<Outer>("Outer"); }
  Then<Apart> on_after(in<Outer>, Context&) {
    walk("after in Outer");
    return to<Apart>();
  }

  Entry<Inner> on_enter(in<Inner>, Context&) { return entered<Inner>("Inner"); }
  Then<Stay<Inner>, Right> on_hint(in<Inner>, const Hint& hint, Context&) {
    walk("hint in Inner", hint.value);
    return to<Right>();
  }
  Then<Stay<Inner>> on_knock(in<Inner>, const Knock& knock, Context&) {
    walk("knock in Inner", knock.value);
    return stay();
  }

  Entry<Left> on_enter(in<Left>, Context&) { return entered<Left>("Left"); }
  Then<Right> on_after(in<Left>, Context&) {
    walk("after in Left");
    return to<Right>();
  }

  Entry<Right> on_enter(in<Right>, Context&) { return entered<Right>("Right"); }
  Then<Stay<Right>, Inner> on_note(in<Right>, const Note& note, Context&) {
    walk("note in Right", note.value);
    return stay();
  }

  Entry<Beside> on_enter(in<Beside>, Context&) { return entered<Beside>("Beside"); }

  Entry<Far> on_enter(in<Far>, Context&) { return entered<Far>("Far"); }
  Then<Stay<Far>> on_note(in<Far>, const Note& note, Context&) {
    walk("note in Far", note.value);
    return stay();
  }

 private:
  template <class State>
  [[gnu::noinline]] Entry<State> entered(std::string_view state) {
    walk(std::string("enter ") + std::string(state));
    if (trouble.in != state) return start();
    volatile int* volatile nowhere = nullptr;
    if (trouble.harm == Harm::kFault) *nowhere = 1;
    if (trouble.harm == Harm::kThrow) throw std::runtime_error("thrown while entering");
    return crash("told to crash");
  }
};

}  // namespace nested
