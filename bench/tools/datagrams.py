# SPDX-License-Identifier: Apache-2.0
"""One run of a UDP echo server under load: `datagrams.py LOAD LOAD_CPU PROGRAM [WORD…]`.

Starts the server on the processor that this runs on, with a port where a word says PORT, and the
load on the other; prints the load's JSON line.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time

_SECONDS = "1.0"
_LIMIT_S = 20


def free_port() -> int:
    """A port of which nobody takes datagrams now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether somebody sends a datagram back before long."""
    limit = time.monotonic() + _LIMIT_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(0.05)
        line.connect(("127.0.0.1", port))
        while time.monotonic() < limit:
            try:
                line.send(b"there?")
                return line.recv(16) == b"there?"
            except OSError:
                continue
    return False


def main() -> int:
    """Run it once."""
    load, cpu, *words = sys.argv[1:]
    port = str(free_port())
    command = [word.replace("PORT", port) for word in words]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not answers(int(port)):
            print(f"{words[0]} does not answer", file=sys.stderr)
            return 1
        return subprocess.run(
            ["taskset", "-c", cpu, load, port, _SECONDS], timeout=_LIMIT_S, check=False
        ).returncode
    finally:
        server.terminate()
        server.wait(timeout=_LIMIT_S)


raise SystemExit(main())
