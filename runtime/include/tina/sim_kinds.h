// SPDX-License-Identifier: Apache-2.0
// Which parts of the simulator a program holds: what simulates the I/O objects of a kind is reached
// through a table of pointers and by nothing else, and the table is made from that of the system at
// compile time. So a program links what its system declares, and cannot lack any of it. Immutable,
// any thread.
#pragma once

#include <array>
#include <cstddef>

#include "tina/table.h"

namespace tina::sim {

/// What simulates objects of one kind; the simulator's own business (sim/kind.h).
struct Kind;

// Each is defined in the source of the simulator that simulates it.
extern const Kind kTcpListeners, kTcpStreams, kUdpSockets, kUnixStreams, kUnixDatagrams;
extern const Kind kSignals, kStandardStreams, kNamedPipes, kFiles, kResolvers;

/// By internal::IoKind; null: no object is of that kind.
using Kinds = std::array<const Kind*, static_cast<std::size_t>(internal::IoKind::kPipeWriter) + 1>;

/// What simulates a kind. At compile time only, where it links nothing but what is asked for.
consteval const Kind* simulator_of(internal::IoKind kind) {
  switch (kind) {
    case internal::IoKind::kTcpListener:
      return &kTcpListeners;
    case internal::IoKind::kTcpStream:
      return &kTcpStreams;
    case internal::IoKind::kSignals:
      return &kSignals;
    case internal::IoKind::kInput:
    case internal::IoKind::kOutput:
      return &kStandardStreams;
    case internal::IoKind::kFile:
    case internal::IoKind::kDirectory:
      return &kFiles;
    case internal::IoKind::kResolver:
      return &kResolvers;
    case internal::IoKind::kUdpSocket:
      return &kUdpSockets;
    case internal::IoKind::kUnixListener:
    case internal::IoKind::kUnixStream:
      return &kUnixStreams;
    case internal::IoKind::kUnixDatagram:
      return &kUnixDatagrams;
    case internal::IoKind::kPipeReader:
    case internal::IoKind::kPipeWriter:
      return &kNamedPipes;
  }
}

/// Those of the objects that a system declares.
consteval Kinds kinds_of(const internal::SystemTable& system) {
  Kinds kinds{};
  for (const internal::RoleTable& role : system.roles) {
    for (const internal::TypeTable& type : role.types) {
      for (const internal::IoTable& io : type.ios) {
        kinds[static_cast<std::size_t>(io.kind)] = simulator_of(io.kind);
      }
    }
  }
  return kinds;
}

/// All that there are: for systems that are known when the program runs.
consteval Kinds all_kinds() {
  Kinds kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    kinds[i] = simulator_of(static_cast<internal::IoKind>(i));
  }
  return kinds;
}

}  // namespace tina::sim
