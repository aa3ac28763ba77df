# SPDX-License-Identifier: Apache-2.0
"""Holds the seccomp profile of the documents to what the examples really ask of the kernel.

Usage: containers.py PART PROFILE ECHO CLIENTS DISPATCHER PROXY, where PART is one of the functions
below. Each runs parts of the examples' own tests with the programs wrapped: in strace, or in the
profile. Prints what went wrong and fails, or prints what it has seen.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from in_profile import allowed, numbers

_HERE = Path(__file__).resolve().parent
_LIMIT_S = 80
_SKIPPED = 77
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(", re.MULTILINE)
# A script, its part, and which of the four programs it takes.
_Run = tuple[str, str, Sequence[int]]
_SHORT: tuple[_Run, ...] = (
    ("echo.py", "told", (0, 1)),
    ("echo.py", "netcat", (0, 1)),
    ("dispatch.py", "netcat", (2,)),
    ("dispatch.py", "drain", (2,)),
    ("balance.py", "refused", (3,)),
)
_LONG: tuple[_Run, ...] = (
    ("echo.py", "server_dies", (0, 1)),
    ("dispatch.py", "thousands", (2,)),
    ("dispatch.py", "drain", (2,)),
    ("balance.py", "unanswered", (3,)),
    ("balance.py", "half_close", (3,)),
    ("balance.py", "drain", (3,)),
)


def wrapped(folder: Path, programs: Sequence[str], before: str, backend: str = "") -> list[str]:
    """The programs as scripts that put words in front of them, and a backend behind `run`."""
    scripts = []
    for number, program in enumerate(programs):
        script = folder / f"{number}-{Path(program).name}"
        more = f'[ "$1" = run ] && set -- "$@" --backend {backend}\n' if backend else ""
        script.write_text(f'#!/bin/sh\n{more}exec {before} {program} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        scripts.append(str(script))
    return scripts


def run(runs: Sequence[_Run], programs: Sequence[str]) -> None:
    """Runs parts of the examples' tests; one that is skipped for want of a peer is none."""
    for script, part, which in runs:
        command = [sys.executable, str(_HERE / script), part, *(programs[i] for i in which)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
        assert done.returncode in (0, _SKIPPED), f"{script} {part}:\n{done.stdout}{done.stderr}"


def traced(profile: Path, programs: Sequence[str]) -> None:
    """What the programs ask of the kernel, on either backend, is in the profile."""
    if shutil.which("strace") is None:
        print("skipped: strace is not installed")
        sys.exit(_SKIPPED)
    asked = set[str]()
    for backend in ("io_uring", "epoll"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            before = f"strace -D -f -ff -qq -e signal=none -o {folder}/trace"
            run(_SHORT, wrapped(folder, programs, before, backend))
            for trace in folder.glob("trace.*"):
                asked.update(_CALL.findall(trace.read_text(encoding="utf-8", errors="replace")))
    assert {"io_uring_enter", "epoll_pwait2", "accept4", "execve"} & asked, f"only {asked}"
    missing = asked - allowed(profile)
    assert not missing, f"not in {profile.name}: {', '.join(sorted(missing))}"
    print(f"{len(asked)} system calls seen, all in the profile")


def enforced(profile: Path, programs: Sequence[str]) -> None:
    """In the profile the programs do what they do elsewhere, over io_uring."""
    with tempfile.TemporaryDirectory() as name:
        before = f"{sys.executable} {_HERE}/in_profile.py {profile}"
        run(_LONG, wrapped(Path(name), programs, before, "io_uring"))
    print(f"{len(_LONG)} parts of the examples' tests in the profile, over io_uring")


def without(profile: Path, programs: Sequence[str]) -> None:
    """Without the three names of io_uring they do the same, over epoll, and say so."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = f"{sys.executable} {_HERE}/in_profile.py --without io_uring {profile}"
        scripts = wrapped(folder, programs, before)
        run(_LONG, scripts)
        nowhere = [scripts[1], "run", "--server=127.0.0.1:1", "--clients=0"]
        done = subprocess.run(nowhere, capture_output=True, text=True, timeout=_LIMIT_S)
        assert "event=backend name=epoll" in done.stderr, done.stderr
        assert "allow io_uring_setup" in done.stderr, done.stderr
        assert done.returncode == 0, done
    print(f"{len(_LONG)} parts of the examples' tests in the profile, over epoll")


def halfway(profile: Path, programs: Sequence[str]) -> None:
    """A profile that lets a ring be made and not entered refuses io_uring all the same."""
    with tempfile.TemporaryDirectory() as name:
        before = f"{sys.executable} {_HERE}/in_profile.py --without io_uring_enter {profile}"
        scripts = wrapped(Path(name), programs, before)
        run((("echo.py", "pair", (0, 1)),), scripts)
        command = [scripts[0], "run", "--backend", "io_uring"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S)
        assert done.returncode == 1 and "io_uring cannot be used here" in done.stderr, done


def known(profile: Path, _: Sequence[str]) -> None:
    """Each name in the profile is a system call, and stands there once."""
    names = re.findall(r'"(\w+)"', profile.read_text(encoding="utf-8").split('"syscalls"')[1])
    names = [
        name for name in names if name.islower() and name not in ("comment", "names", "action")
    ]
    unknown = set(names) - set(numbers())
    assert not unknown, f"no system calls: {unknown}"
    assert len(names) == len(set(names)), "a name stands twice"


_PARTS: dict[str, Callable[[Path, Sequence[str]], None]] = {
    part.__name__: part for part in (traced, enforced, without, halfway, known)
}


if __name__ == "__main__":
    _PARTS[sys.argv[1]](Path(sys.argv[2]).resolve(), sys.argv[3:])
