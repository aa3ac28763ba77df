// SPDX-License-Identifier: Apache-2.0
// Asks all participants at once, and decides when the last call has ended, whichever way.
#pragma once

#include <array>

#include "two_phase_commit.tina.h"

namespace two_phase_commit {

struct Coordinator : CoordinatorBase {
  InitResult on_init(CoordinatorInit&&, Context& ctx) {
    for (std::uint32_t number = 0; number < PARTICIPANTS; ++number) {
      const auto spawned = ctx.spawn(ParticipantInit{.number = number});
      if (!spawned.ok()) return crash("no place for a participant");
      participants[number] = spawned.ref;
    }
    return ok();
  }
  Entry<Asking> on_enter(in<Asking>, Context&) {
    ++transaction;
    ended = 0;
    yes = 0;
    return start(call(vote.prepare(participants[0], transaction)),
                 call(vote.prepare(participants[1], transaction)),
                 call(vote.prepare(participants[2], transaction)));
  }
  Then<Stay<Asking>, Resting> on_vote_prepare_reply(in<Asking>,
                                                    const tina::Reply<Vote::Prepare>& answer,
                                                    Context& ctx) {
    yes += answer.result.yes;
    return one_more(ctx);
  }
  Then<Stay<Asking>, Resting> on_vote_prepare_failed(in<Asking>, const tina::Failed<Vote::Prepare>&,
                                                     Context& ctx) {
    return one_more(ctx);
  }

  std::array<tina::Ref<Participant>, PARTICIPANTS> participants{};
  std::uint32_t transaction = 0;
  std::uint32_t ended = 0;
  std::uint32_t yes = 0;
  std::uint32_t unheard = 0;

 private:
  Then<Stay<Asking>, Resting> one_more(Context& ctx) {
    if (++ended < PARTICIPANTS) return stay();
    const Vote::Decide decision{.transaction = transaction, .commit = yes == PARTICIPANTS};
    for (const auto& participant : participants) {
      unheard += ctx.send(participant, decision) != tina::SendResult::kQueued;
    }
    return to<Resting>();
  }
};

}  // namespace two_phase_commit
