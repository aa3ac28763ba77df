// SPDX-License-Identifier: Apache-2.0
// Accuracy and completeness of the detector, held against what the monitors say.
#pragma once

#include "detector.h"
#include "node.h"
#include "tina/sim.h"

namespace failure_detector {

inline bool suspects_only_the_dead(const tina::sim::View& world) {
  bool holds = true;
  world.each<Detector>([&](const Detector& detector) {
    for (std::uint32_t n = 0; n < NODES; ++n) {
      holds = holds && (!detector.suspected[n] || detector.dead[n]);
    }
  });
  return holds;
}
/// Whoever has been dead for more rounds than a node may be silent is suspected.
inline bool finds_all_dead(const tina::sim::View& world) {
  bool holds = true;
  world.each<Detector>([&](const Detector& detector) {
    for (std::uint32_t n = 0; n < NODES; ++n) {
      const bool long_dead = detector.dead[n] && detector.current > detector.died[n] + 3;
      holds = holds && (!long_dead || detector.suspected[n]);
    }
  });
  return holds;
}
inline bool suspects_somebody(const tina::sim::View& world) {
  bool holds = false;
  world.each<Detector>([&](const Detector& detector) {
    for (const bool suspected : detector.suspected) holds = holds || suspected;
  });
  return holds;
}

}  // namespace failure_detector
