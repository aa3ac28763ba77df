#pragma once

#include "spec.tina.h"

namespace p {

struct Door : DoorBase {
  InitResult on_init(DoorInit&&, Context&) { return ok(io(street.accept())); }
  Then<Open, Closed> on_street_accepted(in<Open>, net::tcp_listener::Accepted&&, Context&) {
    return to<Open>(io(street.accept()));
  }
};

}  // namespace p
