// SPDX-License-Identifier: Apache-2.0
#include "front.h"

namespace packages {

Front::InitResult Front::on_init(FrontInit&&, Context&) { return ok(); }

Front::Effect Front::on_words_changed(const tina::Fired&, Context&) {
  return crash("to be written");
}

}  // namespace packages
