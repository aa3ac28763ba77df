// SPDX-License-Identifier: Apache-2.0
// The hall of the service benchmark: one session for all clients. Shard's thread.
#pragma once

#include "service.tina.h"
#include "session.h"

namespace service {

struct Hall : Works<HallBase> {
  InitResult on_init(HallInit&&, Context&) { return ok(); }
};

}  // namespace service
