// SPDX-License-Identifier: Apache-2.0
// See backend.h.
#include "sim/backend.h"

namespace tina::sim {

const internal::BackendCalls& SimPlatform::calls() {
  using Self = SimPlatform;
  static constexpr internal::BackendCalls kCalls = {
      [](void* backend, const internal::Operation& operation) {
        Self& self = *static_cast<Self*>(backend);
        self.network_->start(self.shard_, operation);
      },
      [](void* backend, internal::Token token) {
        Self& self = *static_cast<Self*>(backend);
        self.network_->cancel(self.shard_, token);
      },
      [](void* backend, std::int32_t descriptor) {
        Self& self = *static_cast<Self*>(backend);
        self.network_->shut(self.shard_, descriptor);
      },
      [](void* backend, std::int32_t descriptor) {
        Self& self = *static_cast<Self*>(backend);
        self.network_->close(self.shard_, descriptor);
      },
      [](void* backend, const internal::ListenRequest& request) {
        Self& self = *static_cast<Self*>(backend);
        return self.network_->listen(self.shard_, request);
      },
      [](void* backend, std::int32_t descriptor) {
        return static_cast<Self*>(backend)->network_->peer_address(descriptor);
      },
  };
  return kCalls;
}

}  // namespace tina::sim
