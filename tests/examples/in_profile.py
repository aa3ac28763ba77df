# SPDX-License-Identifier: Apache-2.0
"""Runs a program under a seccomp profile, as a container engine would, without a container.

Usage: in_profile.py [--without WORD] PROFILE PROGRAM [ARGUMENT…]. The profile is of the form that
Docker and Podman take. `--without` leaves out every system call whose name contains the word. The
numbers of system calls are those of the kernel's header.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import struct
import sys
from pathlib import Path

_HEADERS = (
    Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    Path("/usr/include/asm/unistd_64.h"),
)
_NUMBER = re.compile(r"^#define __NR_(\w+)\s+(\d+)$", re.MULTILINE)
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_X86_64 = 0xC000003E
_EPERM = 1


def allowed(profile: Path, without: str = "") -> set[str]:
    """The system calls that a profile allows."""
    text = json.loads(profile.read_text(encoding="utf-8"))
    groups = [group for group in text["syscalls"] if group["action"] == "SCMP_ACT_ALLOW"]
    names = {name for group in groups for name in group["names"]}
    return {name for name in names if not without or without not in name}


def numbers() -> dict[str, int]:
    """The number of each system call of this architecture."""
    for header in _HEADERS:
        if header.is_file():
            found = _NUMBER.findall(header.read_text(encoding="utf-8"))
            return {name: int(number) for name, number in found}
    sys.exit("in_profile: no asm/unistd_64.h (Debian: linux-libc-dev)")


def filter_of(names: set[str]) -> bytes:
    """The filter: what is not named fails with EPERM. A name that this kernel's header does not
    know is left out, as engines do."""
    known = numbers()
    calls = sorted(known[name] for name in names if name in known)
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _X86_64), (_RETURN, 0, 0, _ERRNO | _EPERM)]
    program.append((_LOAD, 0, 0, 0))
    for call in calls:
        program += [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, _ALLOW)]
    program.append((_RETURN, 0, 0, _ERRNO | _EPERM))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def enter(names: set[str]) -> None:
    """From now on this process and its children may only make these system calls."""
    code = ctypes.create_string_buffer(filter_of(names))
    header = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        sys.exit("in_profile: no_new_privs is refused")
    if library.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.c_char_p(header), 0, 0) != 0:
        sys.exit(f"in_profile: the filter is refused: {os.strerror(ctypes.get_errno())}")


def main(arguments: list[str]) -> None:
    """Enters the profile and becomes the program."""
    without = ""
    if arguments[:1] == ["--without"]:
        without, arguments = arguments[1], arguments[2:]
    if len(arguments) < 2:
        sys.exit("usage: in_profile.py [--without WORD] PROFILE PROGRAM [ARGUMENT…]")
    names = allowed(Path(arguments[0]), without)
    enter(names)
    os.execv(arguments[1], arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
