# SPDX-License-Identifier: Apache-2.0
"""Keeps records in the log of tests/systems/logbook, kills it, damages its file and takes its room,
on both backends.

Usage: logbooks.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong
and fails, or prints nothing.
"""

from __future__ import annotations

import errno
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_LIMIT_S = 40
_BYTES = 37  # of a record
_KILLS = 10
_LIMIT_BYTES = 40_000


def _number(said: str, event: str, name: str) -> int:
    found = re.findall(rf"event={event} .*\b{name}=(\d+)", said)
    assert found, f"no {event} in:\n{said}"
    return int(found[-1])


def _run(command: list[str], records: int, limit: int | None = None) -> str:
    """Appends so many records, and what it has said."""

    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    run = subprocess.run(
        [*command, f"--records={records}"],
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT_S,
        preexec_fn=bound,
    )
    assert run.returncode == 0, run.stderr
    return run.stderr


def _records(command: list[str]) -> int:
    return _number(_run(command, 0), "read_back", "records")


def kept(command: list[str], path: Path) -> None:
    """What was acknowledged is read back, by each life after it."""
    for life in range(3):
        said = _run(command, 500)
        assert _number(said, "read_back", "records") == 500 * life, said
        assert _number(said, "appended", "kept") == 500, said
    assert path.stat().st_size == 1500 * _BYTES


def killed(command: list[str], path: Path) -> None:
    """Whenever it is killed, what it had acknowledged is there."""
    del path
    for life in range(_KILLS):
        words = [*command, "--records=1000000000", "--tell=1"]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        heard = 0
        for line in process.stderr:
            heard += " event=kept " in line
            if heard > 3 * life:
                break
        process.kill()
        said = line + process.stderr.read()
        process.wait(timeout=_LIMIT_S)
        # The line that was cut off by the end tells nothing.
        told = _number(said[: said.rindex("\n")], "kept", "records")
        there = _records(command)
        assert there >= told, f"{told} were acknowledged, {there} are there"


def torn(command: list[str], path: Path) -> None:
    """A record that was written in part is cut off, and what lies behind the last one."""
    _run(command, 100)
    os.truncate(path, 100 * _BYTES - 5)
    assert _records(command) == 99
    assert path.stat().st_size == 99 * _BYTES
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:_BYTES])  # a whole one, but not the next one
    assert _records(command) == 99
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert _records(command) == 98


def no_room(command: list[str], path: Path) -> None:
    """Refused is what finds no room, and nothing else; what is refused is not there."""
    del path
    said = _run(command, 3000, _LIMIT_BYTES)
    found = _number(said, "appended", "kept")
    assert 0 < found <= _LIMIT_BYTES // _BYTES, said
    assert found + _number(said, "appended", "refused") == 3000, said
    assert _number(said, "appended", "errno") == errno.EFBIG, said
    assert "logbook_broken" not in said
    said = _run(command, 200)
    assert _number(said, "read_back", "records") == found, said
    assert _number(said, "appended", "kept") == 200, said


def full_disk(command: list[str], path: Path) -> None:
    """The same on a file system that is full, where one may be made."""
    folder = path.parent / "disk"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=64k none {folder}"
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True).returncode != 0:
        print("left out: no file system may be mounted here")
        return
    words = [*command[:-1], f"--path={folder}/j"]
    script = f'{mount} && "$@" --records=3000 && "$@" --records=0'
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *words],
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT_S,
    )
    first, _, second = run.stderr.partition("event=ended")
    assert _number(first, "appended", "errno") == errno.ENOSPC, run.stderr
    found = _number(first, "appended", "kept")
    assert found > 0 and found + _number(first, "appended", "refused") == 3000, run.stderr
    assert _number(second, "read_back", "records") == found, run.stderr


def broken(command: list[str], path: Path) -> None:
    """A file that cannot be opened refuses each record, with the errno."""
    path.mkdir()
    said = _run(command, 300)
    assert _number(said, "logbook_broken", "errno") == errno.EISDIR, said
    assert _number(said, "appended", "refused") == 300, said
    assert _number(said, "appended", "errno") == errno.EISDIR, said


PARTS: dict[str, Callable[[list[str], Path], None]] = {
    part.__name__: part for part in (kept, killed, torn, no_room, full_disk, broken)
}


def main() -> int:
    """Run a part on each backend."""
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        with tempfile.TemporaryDirectory(prefix="tina_logbook_") as folder:
            path = Path(folder) / "j"
            command = [program, "run", "--backend", backend, f"--path={path}"]
            try:
                PARTS[part](command, path)
            except AssertionError as trouble:
                print(f"{backend}: {trouble}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
