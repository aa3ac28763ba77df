// SPDX-License-Identifier: Apache-2.0
// See backend.h.
#include "sim/backend.h"

namespace tina::sim {

const internal::BackendCalls& SimPlatform::calls() {
  static constexpr internal::BackendCalls kCalls = {
      [](void* backend, const internal::Operation& operation) {
        static_cast<SimPlatform*>(backend)->request({operation, false});
      },
      [](void* backend, internal::Token token) {
        static_cast<SimPlatform*>(backend)->request(
            {{token, internal::OpCode::kNone, -1, nullptr, 0}, true});
      },
      [](void* backend, std::int32_t descriptor) {
        SimPlatform& self = enter(backend);
        if (descriptor >= Files::kFirstDescriptor) return;  // what a file does ends by itself
        self.network_->shut(self.shard_, descriptor);
      },
      [](void* backend, std::int32_t descriptor) {
        SimPlatform& self = enter(backend);
        if (descriptor >= Files::kFirstDescriptor) {
          return self.files_->close(self.shard_, descriptor);
        }
        self.network_->close(self.shard_, descriptor);
      },
      [](void* backend, const internal::OpenRequest& request) {
        SimPlatform& self = enter(backend);
        return self.network_->open(self.shard_, request);
      },
      [](void*, std::int32_t, internal::BoundFile&) {},  // its sockets stand in no file system
      [](void* backend, const internal::Operation& operation) {
        SimPlatform& self = enter(backend);
        return self.network_->move_batch(self.shard_, operation);
      },
      [](void* backend, std::int32_t descriptor) {
        SimPlatform& self = enter(backend);
        self.network_->take(self.shard_, descriptor);
      },
      [](void* backend, std::int32_t descriptor) {
        SimPlatform& self = enter(backend);
        self.network_->drop(self.shard_, descriptor);
      },
      [](void* backend, std::uint32_t group, std::span<std::byte> buffer) {
        SimPlatform& self = enter(backend);
        self.network_->lend(self.shard_, group, buffer);
        return true;
      },
      [](void* backend, std::uint32_t group, std::uint32_t count) {
        SimPlatform& self = enter(backend);
        self.network_->take_back(self.shard_, group, count);
      },
  };
  return kCalls;
}

void SimPlatform::submit() {
  real_->open();
  for (const Request& request : requests_) {
    if (request.cancel) {
      const internal::Token token = request.operation.token;
      if (files_ != nullptr && files_->cancel(shard_, token)) continue;
      network_->cancel(shard_, token);
    } else if (internal::on_files(request.operation.op) &&
               request.operation.op != internal::OpCode::kSendFile) {
      files_->start(shard_, request.operation);
    } else {
      network_->start(shard_, request.operation);
    }
  }
  requests_.clear();
}

}  // namespace tina::sim
