// SPDX-License-Identifier: Apache-2.0
// See real_world.h.
#include "real_world.h"

#include "src/os_epoll.h"
#include "src/os_uring.h"

namespace tina::parity {

std::unique_ptr<World> make_io_uring_world() {
  using internal::UringPlatform;
  return std::make_unique<RealWorld<UringPlatform>>([](UringPlatform& platform, int wake) {
    return platform.open(kSlots * kLanesPerSlot, wake, kSlots * kLanesPerSlot, {4, 64});
  });
}

std::unique_ptr<World> make_epoll_world() {
  using internal::EpollPlatform;
  return std::make_unique<RealWorld<EpollPlatform>>([](EpollPlatform& platform, int wake) {
    const internal::LaneGroup lanes[] = {{kSlots, kLanesPerSlot}};
    return platform.open(lanes, wake, kSlots * kLanesPerSlot);
  });
}

std::unique_ptr<World> make_world(Kind kind) {
  switch (kind) {
    case Kind::kIoUring:
      return make_io_uring_world();
    case Kind::kEpoll:
      return make_epoll_world();
    case Kind::kSimulated:
      return make_simulated_world();
  }
  return nullptr;
}

bool available(Kind kind) {
  std::uint32_t features = 0;
  return kind != Kind::kIoUring || internal::UringPlatform::probe(64, 1, features) == 0;
}

const char* name(Kind kind) {
  switch (kind) {
    case Kind::kIoUring:
      return "io_uring";
    case Kind::kEpoll:
      return "epoll";
    case Kind::kSimulated:
      return "simulated";
  }
  return "?";
}

}  // namespace tina::parity
