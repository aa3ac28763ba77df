# SPDX-License-Identifier: Apache-2.0
"""From the start of a server to its first connection: `start.py PROGRAM`, an echo server.

Pre-faulting is left out by the server's own count of it, which is also printed.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time

_LIMIT_S = 10


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    latest = time.monotonic() + _LIMIT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > latest:
                raise


def main() -> int:
    """Start it once and print one JSON line."""
    port = _free_port()
    command = [sys.argv[1], "run", "--shards", "1", "--port", str(port)]
    begin = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(port, process)
        elapsed_ms = (time.monotonic() - begin) * 1e3
    finally:
        process.terminate()
    said = process.communicate(timeout=_LIMIT_S)[1]
    found = re.search(r"event=memory .* us=(\d+)", said)
    prefault_ms = int(found[1]) / 1e3 if found else 0.0
    figures = {"ms": elapsed_ms - prefault_ms, "prefault_ms": prefault_ms}
    print(json.dumps({"bench": "start", **figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
