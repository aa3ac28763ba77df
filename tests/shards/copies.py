# SPDX-License-Identifier: Apache-2.0
"""Copies files of many sizes with tests/systems/copies, on both backends.

Usage: copies.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import errno
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_LIMIT_S = 40
_BUFFER = 1024  # bytes, as copies.tina says
_BUFFERS = 8  # of one read


def _number(said: str, event: str, name: str) -> int:
    found = re.findall(rf"event={event} .*\b{name}=(\d+)", said)
    assert found, f"no {event} in:\n{said}"
    return int(found[-1])


def _copy(command: list[str], source: Path, target: Path, limit: int | None = None) -> str:
    """What it has said of one copy."""

    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    run = subprocess.run(
        [*command, f"--origin={source}", f"--copy={target}"],
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT_S,
        preexec_fn=bound,
    )
    assert run.returncode == 0, run.stderr
    return run.stderr


def whole(command: list[str], folder: Path) -> None:
    """Every byte arrives, whatever the size, and reads fill as many buffers as there are."""
    stretch = _BUFFER * _BUFFERS
    for size in (0, 1, _BUFFER, _BUFFER + 1, stretch - 1, stretch, stretch + 1, 1_000_003):
        source, target = folder / f"from{size}", folder / f"to{size}"
        source.write_bytes(random.Random(size).randbytes(size))
        said = _copy(command, source, target)
        assert target.read_bytes() == source.read_bytes(), size
        assert _number(said, "copied", "bytes") == size, said
        assert _number(said, "copied", "reads") == -(-size // stretch), said
        assert _number(said, "copied", "parts") == min(_BUFFERS, -(-size // _BUFFER)), said


def refused(command: list[str], folder: Path) -> None:
    """What is no file, and a target without room, is an errno."""
    source, target = folder / "from", folder / "to"
    assert _number(_copy(command, source, target), "refused", "errno") == errno.ENOENT
    assert _number(_copy(command, folder, target), "refused", "errno") == errno.EISDIR
    source.write_bytes(bytes(100_000))
    said = _copy(command, source, target, limit=50_000)
    assert _number(said, "refused", "errno") == errno.EFBIG, said
    assert target.stat().st_size == 50_000


PARTS: dict[str, Callable[[list[str], Path], None]] = {
    part.__name__: part for part in (whole, refused)
}


def main() -> int:
    """Run a part on each backend."""
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        with tempfile.TemporaryDirectory(prefix="tina_copies_") as folder:
            try:
                PARTS[part]([program, "run", "--backend", backend], Path(folder))
            except AssertionError as trouble:
                print(f"{backend}: {trouble}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
