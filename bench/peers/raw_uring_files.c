// SPDX-License-Identifier: Apache-2.0
//
// Floor of the file benchmark: the same reads, writes and commits by a bare io_uring loop on one
// thread. Reads and writes: so many at once, replaced when half of them have completed by one
// system call, which is better than one for each. Commits: one writev of 128 blocks, linked to one
// fdatasync. One descriptor, plain buffers; as in our program, each block begins with its number,
// which a read compares. Prints one JSON line. Arguments: --path=FILE --mode=0|1|2 (as in
// files.tina) [--blocks=N] [--operations=N].

#include "peer.h"

#include <fcntl.h>
#include <liburing.h>
#include <sys/uio.h>

enum { kDepth = 32, kHalf = 16, kBlock = 4096, kGroup = 128, kEntries = 64 };
enum mode { kRead, kWrite, kCommit };

static struct io_uring ring;
static _Alignas(kBlock) unsigned char buffers[kGroup][kBlock];
static uint64_t numbers[kDepth];
static uint64_t randoms = 42;
static int file;

static void fail(const char* what, int error) {
  fprintf(stderr, "raw_uring_files: %s: %s\n", what, strerror(error));
  exit(1);
}

static void check(const char* what, int32_t result, int32_t wanted) {
  if (result < 0) fail(what, -result);
  if (result != wanted) fail(what, EIO);
}

static uint64_t draw(uint32_t bound) {
  randoms = randoms * 6364136223846793005u + 1442695040888963407u;
  return (randoms >> 32) * bound >> 32;
}

static void start(unsigned place, enum mode mode, uint32_t blocks) {
  struct io_uring_sqe* entry = io_uring_get_sqe(&ring);
  if (entry == NULL) fail("no entry", EBUSY);
  const uint64_t number = numbers[place] = draw(blocks);
  if (mode == kRead) {
    io_uring_prep_read(entry, file, buffers[place], kBlock, number * kBlock);
  } else {
    memcpy(buffers[place], &number, sizeof(number));
    io_uring_prep_write(entry, file, buffers[place], kBlock, number * kBlock);
  }
  entry->user_data = place;
}

static void end(const struct io_uring_cqe* completion, enum mode mode) {
  check(mode == kRead ? "read" : "write", completion->res, kBlock);
  if (mode == kWrite) return;
  uint64_t number = 0;
  memcpy(&number, buffers[completion->user_data], sizeof(number));
  if (number != numbers[completion->user_data]) fail("another block", EIO);
}

static void run_blocks(enum mode mode, uint32_t blocks, uint32_t operations) {
  static struct io_uring_cqe* completions[kDepth];
  uint32_t started = 0, ended = 0;
  for (; started < kDepth && started < operations; ++started) start(started, mode, blocks);
  while (ended < operations) {
    const uint32_t left = operations - ended;
    const int error = io_uring_submit_and_wait(&ring, left < kHalf ? left : kHalf);
    if (error < 0) fail("submit", -error);
    const unsigned count = io_uring_peek_batch_cqe(&ring, completions, kDepth);
    for (unsigned index = 0; index < count; ++index) {
      const unsigned place = (unsigned)completions[index]->user_data;
      end(completions[index], mode);
      ++ended;
      if (started < operations) {
        start(place, mode, blocks);
        ++started;
      }
    }
    io_uring_cq_advance(&ring, count);
  }
}

static void run_commits(uint32_t operations) {
  static struct iovec parts[kGroup];
  uint64_t number = 0;
  for (uint32_t commit = 0; commit < operations; ++commit) {
    const uint64_t offset = number * kBlock;
    for (unsigned part = 0; part < kGroup; ++part, ++number) {
      memcpy(buffers[part], &number, sizeof(number));
      parts[part] = (struct iovec){buffers[part], kBlock};
    }
    struct io_uring_sqe* write = io_uring_get_sqe(&ring);
    struct io_uring_sqe* sync = io_uring_get_sqe(&ring);
    if (write == NULL || sync == NULL) fail("no entry", EBUSY);
    io_uring_prep_writev(write, file, parts, kGroup, offset);
    write->flags |= IOSQE_IO_LINK;
    write->user_data = 0;
    io_uring_prep_fsync(sync, file, IORING_FSYNC_DATASYNC);
    sync->user_data = 1;
    const int error = io_uring_submit_and_wait(&ring, 2);
    if (error < 0) fail("submit", -error);
    for (unsigned ended = 0; ended < 2; ++ended) {
      struct io_uring_cqe* completion = NULL;
      if (io_uring_wait_cqe(&ring, &completion) != 0) fail("wait", EIO);
      if (completion->user_data == 0) {
        check("writev", completion->res, kGroup * kBlock);
      } else {
        check("fdatasync", completion->res, 0);
      }
      io_uring_cqe_seen(&ring, completion);
    }
  }
}

static const char* value_of(int argc, char** argv, const char* name, const char* otherwise) {
  for (int index = 1; index < argc; ++index) {
    const size_t length = strlen(name);
    if (strncmp(argv[index], name, length) == 0) return argv[index] + length;
  }
  if (otherwise == NULL) fail(name, EINVAL);
  return otherwise;
}

int main(int argc, char** argv) {
  const char* mode_text = value_of(argc, argv, "--mode=", NULL);
  const enum mode mode = (enum mode)peer_number(argv[0], mode_text, kRead, kCommit);
  const char* blocks_text = value_of(argc, argv, "--blocks=", "16384");
  const char* operations_text = value_of(argc, argv, "--operations=", "400000");
  const uint32_t blocks = (uint32_t)peer_number(argv[0], blocks_text, 1, UINT32_MAX);
  const uint32_t operations = (uint32_t)peer_number(argv[0], operations_text, 1, UINT32_MAX);
  file = open(value_of(argc, argv, "--path=", NULL), O_RDWR | O_CLOEXEC);
  if (file < 0) fail("open", errno);
  struct io_uring_params parameters = {.flags =
                                           IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
  const int error = io_uring_queue_init_params(kEntries, &ring, &parameters);
  if (error != 0) fail("io_uring", -error);
  io_uring_register_ring_fd(&ring);
  const uint64_t begin_ns = peer_now_ns();
  if (mode == kCommit) {
    run_commits(operations);
  } else {
    run_blocks(mode, blocks, operations);
  }
  const double elapsed = (double)(peer_now_ns() - begin_ns);
  printf("{\"bench\": \"files\", \"per_s\": %.1f, \"us\": %.3f}\n", operations / elapsed * 1e9,
         elapsed / operations / 1e3);
  return 0;
}
