# SPDX-License-Identifier: Apache-2.0
"""A reader of the log that has stopped reading stalls nobody: no shard, and not the end.

Usage: blocked_log.py PROGRAM, whose isolates crash half a million times (bench_crash). Its stderr
is a pipe that is full almost at once and stays so. Prints what went wrong and fails.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys

_CRASHES = 500_000  # a shard's log holds 2048 lines that nobody has read
_SMALLEST_PIPE = 4096
_LIMIT_S = 50


def main(program: str) -> None:
    """Run it to its end, and read only then."""
    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, _SMALLEST_PIPE)
    command = [program, f"--crashes={_CRASHES}", "run", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=writer)
    os.close(writer)
    try:
        told, _ = process.communicate(timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, f"it ended with status {process.returncode}"
    assert b'"benchmark": "crash"' in told, told
    said = os.read(reader, 1 << 20)
    assert _SMALLEST_PIPE // 2 < len(said) <= _SMALLEST_PIPE, f"{len(said)} bytes were in the pipe"
    os.close(reader)


if __name__ == "__main__":
    main(*sys.argv[1:])
