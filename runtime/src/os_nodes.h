// SPDX-License-Identifier: Apache-2.0
// Memory nodes of a machine that has several: whose memory a processor reaches fastest. A shard
// asks for memory of its own node before it touches its arena; where that is refused, the first
// touch by its own thread still decides. The kernel's calls go through a table, so that a machine
// with one node can test what one with several would do. Boot only, shard's thread.
#pragma once

#include <cstddef>

namespace tina::internal {

/// What is asked of the kernel.
struct NodeCalls {
  /// The text of the list of nodes that have memory, such as `0-1,4`; 0 if there is none to read.
  std::size_t (*list)(char* text, std::size_t size);
  /// The node of the processor that runs the caller; negative: not known.
  int (*node)();
  /// Asks for the pages of a block from the nodes in `mask`; others serve if those are full. 0 or
  /// an errno.
  int (*prefer)(std::byte* block, std::size_t size, const unsigned long* mask, unsigned long bits);
};
/// Those of the system.
const NodeCalls& node_calls();

/// Nodes in a list such as `0-1,4`; 1 for what is none.
unsigned count_nodes(const char* list);

struct NodePlace {
  unsigned nodes = 1;  ///< of the machine
  int node = -1;       ///< of the calling thread; -1: there is one only, or it is not known
  int error = 0;       ///< why the policy was refused; 0: it was not, or not asked for
};
/// Asks for the memory of a block that is not present yet on the calling thread's node. Does
/// nothing on a machine with one.
NodePlace place_near(std::byte* block, std::size_t size, const NodeCalls& calls);

}  // namespace tina::internal
