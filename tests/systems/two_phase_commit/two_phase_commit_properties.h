// SPDX-License-Identifier: Apache-2.0
// What must hold of all transactions in every pass of every run.
#pragma once

#include "coordinator.h"
#include "participant.h"
#include "tina/sim.h"

namespace two_phase_commit {

/// No transaction is committed by one participant and aborted by another.
inline bool atomic(const tina::sim::View& world) {
  bool holds = true;
  world.each<Participant>([&](const Participant& one) {
    world.each<Participant>([&](const Participant& other) {
      if (one.last == other.last) holds = holds && (one.committed & other.aborted) == 0;
    });
  });
  return holds;
}
inline bool nobody_commits_against_a_no(const tina::sim::View& world) {
  bool holds = true;
  world.each<Participant>([&](const Participant& one) { holds = holds && one.against_a_no == 0; });
  return holds;
}
inline bool something_is_committed(const tina::sim::View& world) {
  bool holds = false;
  world.each<Participant>([&](const Participant& one) { holds = holds || one.committed != 0; });
  return holds;
}
inline bool something_is_aborted(const tina::sim::View& world) {
  bool holds = false;
  world.each<Participant>([&](const Participant& one) { holds = holds || one.aborted != 0; });
  return holds;
}

}  // namespace two_phase_commit
