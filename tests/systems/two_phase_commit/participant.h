// SPDX-License-Identifier: Apache-2.0
// One vote per transaction; bit n of a record stands for the transaction n of the last 32.
#pragma once

#include "two_phase_commit.tina.h"

namespace two_phase_commit {

struct Participant : ParticipantBase {
  InitResult on_init(ParticipantInit&& init, Context&) {
    number = init.number;
    return ok();
  }
  /// No to every fifth transaction, each participant to others.
  bool agrees(std::uint32_t transaction) const { return (transaction + number) % 5 != 0; }

  Answer<Vote::Prepare> on_vote_prepare(const Vote::Prepare& asked, Context&) {
    return reply(Vote::Prepare::Result{.yes = agrees(asked.transaction)});
  }
  Effect on_vote_decide(const Vote::Decide& decided, Context&) {
    const std::uint32_t bit = 1u << (decided.transaction % 32);
    committed = decided.commit ? committed | bit : committed & ~bit;
    aborted = decided.commit ? aborted & ~bit : aborted | bit;
    last = decided.transaction;
    against_a_no += decided.commit && !agrees(decided.transaction);
    return receive();
  }

  std::uint32_t number = 0;
  std::uint32_t committed = 0;
  std::uint32_t aborted = 0;
  std::uint32_t last = 0;
  std::uint32_t against_a_no = 0;
};

}  // namespace two_phase_commit
