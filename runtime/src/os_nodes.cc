// SPDX-License-Identifier: Apache-2.0
// See os_nodes.h.
#include "src/os_nodes.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "tina/base.h"

namespace tina::internal {
namespace {

constexpr int kPreferred = 1;  // MPOL_PREFERRED, which the C library's headers do not have
constexpr unsigned kNodesMax = 1024;
constexpr unsigned kWordBits = sizeof(unsigned long) * CHAR_BIT;
constexpr std::size_t kPage = 4096;

std::size_t read_list(char* text, std::size_t size) {
  const int file = ::open("/sys/devices/system/node/has_memory", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t got = ::read(file, text, size - 1);
  ::close(file);
  const std::size_t length = got > 0 ? static_cast<std::size_t>(got) : 0;
  text[length] = '\0';
  return length;
}

int own_node() {
  unsigned processor = 0;
  unsigned node = 0;
  return ::getcpu(&processor, &node) == 0 ? static_cast<int>(node) : -1;
}

int prefer_nodes(std::byte* block, std::size_t size, const unsigned long* mask,
                 unsigned long bits) {
  const long result =
      ::syscall(SYS_mbind, block, round_up(size, kPage), kPreferred, mask, bits, 0U);
  return result == 0 ? 0 : errno;
}

}  // namespace

const NodeCalls& node_calls() {
  static constexpr NodeCalls kCalls = {read_list, own_node, prefer_nodes};
  return kCalls;
}

unsigned count_nodes(const char* list) {
  unsigned count = 0;
  while (*list >= '0' && *list <= '9') {
    char* end = nullptr;
    const unsigned long first = std::strtoul(list, &end, 10);
    const unsigned long last = *end == '-' ? std::strtoul(end + 1, &end, 10) : first;
    if (last < first || last >= kNodesMax) return 1;
    count += static_cast<unsigned>(last - first + 1);
    list = *end == ',' ? end + 1 : end;
  }
  return count == 0 ? 1 : count;
}

NodePlace place_near(std::byte* block, std::size_t size, const NodeCalls& calls) {
  std::array<char, 256> text;
  NodePlace place;
  if (calls.list(text.data(), text.size()) == 0) return place;
  place.nodes = count_nodes(text.data());
  if (place.nodes == 1) return place;
  place.node = calls.node();
  if (place.node < 0 || place.node >= static_cast<int>(kNodesMax)) {
    place.node = -1;
    return place;
  }
  std::array<unsigned long, kNodesMax / kWordBits> mask{};
  const auto node = static_cast<unsigned>(place.node);
  mask[node / kWordBits] |= 1UL << (node % kWordBits);
  // The kernel counts one bit less than it is told.
  place.error = calls.prefer(block, size, mask.data(), kNodesMax + 1);
  return place;
}

}  // namespace tina::internal
