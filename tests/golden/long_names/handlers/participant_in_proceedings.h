#pragma once
#include "long_names.tina.h"

namespace long_names {

struct ParticipantInProceedings : ParticipantInProceedingsBase {
  InitResult on_init(ParticipantInProceedingsInit&&, Context&) { return ok(); }
  Then<Stay<WaitingForAnnouncement>, ActingUponIt, GoneForever> on_announcement_of_something(
      in<WaitingForAnnouncement>, const AnnouncementOfSomething&, Context&) {
    return to<ActingUponIt>(io(primary_stream.receive()));
  }
  Then<Stay<WaitingForAnnouncement>, ActingUponIt, GoneForever> on_after(in<WaitingForAnnouncement>,
                                                                         Context&) {
    return stay();
  }
  Then<WaitingForAnnouncement, GoneForever> on_primary_stream_received(in<ActingUponIt>,
                                                                       net::tcp_stream::Received&&,
                                                                       Context&) {
    return to<GoneForever>();
  }
};

}  // namespace long_names
