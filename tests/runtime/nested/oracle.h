// SPDX-License-Identifier: Apache-2.0
// Handlers of nested.tina's Oracle: keeps the last call until it is poked.
#pragma once

#include <utility>

#include "nested.tina.h"
#include "walker.h"

namespace nested {

struct Oracle : OracleBase {
  tina::Token<Desk::Ask> token;
  std::uint64_t value = 0;

  InitResult on_init(OracleInit&&, Context&) { return ok(); }

  Effect on_desk_ask(const Desk::Ask& ask, tina::Token<Desk::Ask>&& taken, Context&) {
    token = std::move(taken);
    value = ask.value;
    return receive();
  }
  Effect on_poke(const Poke&, Context& ctx) {
    const auto result = ctx.answer(std::move(token), Desk::Ask::Result{.value = value * 10});
    walk(result == tina::AnswerResult::kAnswered ? "answered" : "expired");
    return receive();
  }
};

}  // namespace nested
