# SPDX-License-Identifier: Apache-2.0
"""One run of a program of the file benchmark: `files.py FOLDER MODE OPERATIONS PROGRAM [WORD…]`.

Makes the file in FOLDER, in the page cache and on the medium; afterwards looks whether every block
is there that the program should have left: a block begins with its number, and one that is to be
written is marked before. Adds to its JSON line on which file system that was.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

_BLOCK = 4096
_BLOCKS = 16_384
_GROUP = 128
_MODES = ("read", "write", "commit")  # their numbers are those of the programs
_MARK = 1 << 63
_MISSED_MAX = 0.01  # of random writes: the share of blocks that no draw has met
_LIMIT_S = 100


def file_system(folder: Path) -> str:
    """The type of the file system that a folder is on, as the kernel names it."""
    where, best, found = str(folder.resolve()), "", "unknown"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, about = line.partition(" - ")
        point = mount.split()[4].encode().decode("unicode_escape")
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, found = point, about.split()[0]
    return found


def make(path: Path, blocks: int, mark: int) -> None:
    """A file whose blocks begin with their numbers."""
    with path.open("wb") as file:
        for number in range(blocks):
            file.write(struct.pack("<Q", number | mark).ljust(_BLOCK, b"\0"))
        file.flush()
        os.fsync(file.fileno())


def trouble(path: Path, blocks: int) -> str:
    """Which block is not the one that belongs there; empty if all are."""
    missed = 0
    with path.open("rb") as file:
        for number in range(blocks):
            block = file.read(_BLOCK)
            found = struct.unpack_from("<Q", block)[0] if len(block) == _BLOCK else None
            if found == number | _MARK:
                missed += 1
            elif found != number:
                return f"block {number} is not what was written"
    return f"{missed} blocks were never written" if missed > blocks * _MISSED_MAX else ""


def main() -> int:
    """Run it once and print one JSON line."""
    folder, mode, operations, *command = sys.argv[1:]
    blocks = 0 if mode == "commit" else _BLOCKS
    with tempfile.TemporaryDirectory(prefix="tina_files_", dir=folder) as own:
        path = Path(own) / "f"
        make(path, blocks, _MARK if mode == "write" else 0)
        words = [f"--path={path}", f"--mode={_MODES.index(mode)}", f"--operations={operations}"]
        run = [*command, *words]
        done = subprocess.run(run, stdout=subprocess.PIPE, text=True, timeout=_LIMIT_S)
        if done.returncode != 0:
            return done.returncode
        said = trouble(path, blocks or int(operations) * _GROUP)
    if said:
        print(said, file=sys.stderr)
        return 1
    line = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    print(json.dumps({**json.loads(line), "file_system": file_system(Path(folder))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
