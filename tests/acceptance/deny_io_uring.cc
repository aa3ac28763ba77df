// SPDX-License-Identifier: Apache-2.0
//
// Runs a program on a kernel that refuses io_uring: installs a seccomp filter under which
// io_uring_setup fails with EPERM, as default container profiles do, and executes the rest of the
// command line. With --errno NUMBER it fails with that instead; with --epoll_pwait2 behind that,
// that call does, too, as under an older profile. With --check it calls io_uring_setup itself and
// exits with 0 only if that was refused. Exit status 125: the filter could not be installed; 127:
// the program could not start.

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr int kNoFilter = 125;
constexpr int kNoProgram = 127;

bool install_filter(unsigned error, unsigned call) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{sizeof(program) / sizeof(program[0]), program};
  // An unprivileged process may only narrow what it and its children can do.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

bool io_uring_is_refused() {
  return syscall(SYS_io_uring_setup, 1, nullptr) == -1 && errno == EPERM;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: deny_io_uring --check | [--errno NUMBER] PROGRAM [ARGUMENT…]\n");
    return kNoFilter;
  }
  unsigned error = EPERM;
  if (argc > 3 && strcmp(argv[1], "--errno") == 0) {
    error = static_cast<unsigned>(atoi(argv[2]));
    argv += 2;
  }
  const bool coarse = strcmp(argv[1], "--epoll_pwait2") == 0;
  if (coarse) ++argv;
  if (!install_filter(error, SYS_io_uring_setup) ||
      (coarse && !install_filter(error, SYS_epoll_pwait2))) {
    fprintf(stderr, "deny_io_uring: cannot install the filter: %s\n", strerror(errno));
    return kNoFilter;
  }
  if (strcmp(argv[1], "--check") == 0) return io_uring_is_refused() ? 0 : 1;
  execvp(argv[1], argv + 1);
  fprintf(stderr, "deny_io_uring: cannot start %s: %s\n", argv[1], strerror(errno));
  return kNoProgram;
}
