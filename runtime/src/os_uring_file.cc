// SPDX-License-Identifier: Apache-2.0
// See os_uring.h. Operations on files: those that the kernel's io_uring has go to the ring, the
// others to threads. A commit is two entries, linked: the write that fails, or that writes less
// than it should, keeps the sync from being done, and of the two only one has a completion.
#include <fcntl.h>

#include "src/os_file.h"
#include "src/os_uring.h"
#include "src/os_uring_file.h"

namespace tina::internal {
namespace {

struct Known {
  OpCode op;
  io_uring_op in_ring;
};
constexpr Known kKnown[] = {
    {OpCode::kOpen, IORING_OP_OPENAT},
    {OpCode::kRead, IORING_OP_READ},
    {OpCode::kReadScattered, IORING_OP_READV},
    {OpCode::kWrite, IORING_OP_WRITE},
    {OpCode::kWriteGathered, IORING_OP_WRITEV},
    {OpCode::kCommit, IORING_OP_FSYNC},
    {OpCode::kSync, IORING_OP_FSYNC},
    {OpCode::kSyncData, IORING_OP_FSYNC},
    {OpCode::kDescribe, IORING_OP_STATX},
    {OpCode::kOpenDirectory, IORING_OP_OPENAT},
    {OpCode::kDescribePath, IORING_OP_STATX},
    {OpCode::kRename, IORING_OP_RENAMEAT},
    {OpCode::kUnlink, IORING_OP_UNLINKAT},
    {OpCode::kRemoveDirectory, IORING_OP_UNLINKAT},
    {OpCode::kMakeDirectory, IORING_OP_MKDIRAT},
};

void prepare_writev(io_uring_sqe* sqe, const Operation& operation) {
  io_uring_prep_writev(sqe, operation.descriptor, vectors_of(operation), operation.size,
                       operation.as<WriteOperand>().offset + operation.done);
}

void prepare_names(io_uring_sqe* sqe, const Operation& operation) {
  const std::int32_t on = operation.descriptor;
  const auto& name = operation.as<NameExtra>();
  switch (operation.op) {
    case OpCode::kOpenDirectory:
      return io_uring_prep_openat(sqe, AT_FDCWD, operation.as<OpenOperand>().path.c_str(),
                                  kOpenDirectoryFlags, 0);
    case OpCode::kDescribePath:
      return io_uring_prep_statx(sqe, on, name.path.c_str(), AT_SYMLINK_NOFOLLOW, status_mask(),
                                 raw_status(operation.as<DescribeOperand>().status));
    case OpCode::kRename: {
      const auto& names = operation.as<RenameExtra>();
      return io_uring_prep_renameat(sqe, on, names.from.c_str(), on, names.to.c_str(), 0);
    }
    case OpCode::kUnlink:
      return io_uring_prep_unlinkat(sqe, on, name.path.c_str(), 0);
    case OpCode::kRemoveDirectory:
      return io_uring_prep_unlinkat(sqe, on, name.path.c_str(), AT_REMOVEDIR);
    case OpCode::kMakeDirectory:
      return io_uring_prep_mkdirat(sqe, on, name.path.c_str(), name.mode);
    default:
      TINA_ASSERT(false);
  }
}

}  // namespace

void prepare_file(io_uring_sqe* sqe, const Operation& operation) {
  auto* data = const_cast<std::byte*>(operation.data);
  const std::int32_t on = operation.descriptor;
  switch (operation.op) {
    case OpCode::kOpen: {
      const auto& wanted = operation.as<OpenOperand>();
      io_uring_prep_openat(sqe, AT_FDCWD, wanted.path.c_str(), open_flags_of(wanted), wanted.mode);
      return;
    }
    case OpCode::kRead:
      io_uring_prep_read(sqe, on, data, read_size(operation), operation.as<ReadExtra>().offset);
      return;
    case OpCode::kReadScattered:
      io_uring_prep_readv(sqe, on, vectors_of(operation), operation.size,
                          operation.as<ReadExtra>().offset);
      return;
    case OpCode::kWrite:
      io_uring_prep_write(sqe, on, data, operation.size,
                          operation.as<WriteOperand>().offset + operation.done);
      return;
    case OpCode::kWriteGathered:
      return prepare_writev(sqe, operation);
    case OpCode::kSync:
      return io_uring_prep_fsync(sqe, on, 0);
    case OpCode::kSyncData:
      return io_uring_prep_fsync(sqe, on, IORING_FSYNC_DATASYNC);
    case OpCode::kDescribe:
      return io_uring_prep_statx(sqe, on, "", AT_EMPTY_PATH, status_mask(),
                                 raw_status(operation.as<ReadOperand>().status));
    default:
      return prepare_names(sqe, operation);
  }
}

/// Once, at the start.
void UringPlatform::learn_operations() {
  io_uring_probe* const probe = io_uring_get_probe_ring(&ring_);
  if (probe == nullptr) return;
  for (const Known& known : kKnown) {
    in_ring_[static_cast<unsigned>(known.op)] =
        io_uring_opcode_supported(probe, known.in_ring) != 0;
  }
  io_uring_free_probe(probe);
  // A write whose success has no completion of its own.
  if ((ring_.features & IORING_FEAT_CQE_SKIP) == 0) {
    in_ring_[static_cast<unsigned>(OpCode::kCommit)] = false;
  }
}

void UringPlatform::start_commit(const Operation& operation) {
  make_room(2);
  io_uring_sqe* const write = io_uring_get_sqe(&ring_);
  prepare_writev(write, operation);
  io_uring_sqe_set_flags(write, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
  write->user_data = operation.token.bits;
  io_uring_sqe* const sync = io_uring_get_sqe(&ring_);
  io_uring_prep_fsync(sync, operation.descriptor, IORING_FSYNC_DATASYNC);
  sync->user_data = operation.token.bits | kCommitted;
}

}  // namespace tina::internal
