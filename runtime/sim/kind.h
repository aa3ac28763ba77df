// SPDX-License-Identifier: Apache-2.0
// What simulates the I/O objects of one kind (tina/sim_kinds.h): the only way to it, so that a
// program without such objects does not link it. Whoever needs none of it looks at nothing here.
#pragma once

#include <memory>

#include "sim/files.h"
#include "sim/name_service.h"
#include "tina/sim_kinds.h"

namespace tina::sim {

class Network;
class NetworkUser;
class Trace;

struct Kind {
  /// Opens an object: its descriptor, or minus an errno. Null: only operations do, or nothing.
  std::int32_t (*open)(Network&, unsigned shard, const internal::OpenRequest&) = nullptr;
  /// Carries out the events of the kind. Null: it has none.
  void (*happen)(Network&, const Event&) = nullptr;
  std::unique_ptr<Files> (*make_files)(Clock&, Chooser&, Trace&, NetworkUser&,
                                       const DiskFaults&) = nullptr;
  std::unique_ptr<NameService> (*make_names)(Clock&, Chooser&, Trace&, NetworkUser&,
                                             const NameFaults&) = nullptr;
};

inline const Kind* find(const Kinds& kinds, internal::IoKind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

}  // namespace tina::sim
