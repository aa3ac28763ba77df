# SPDX-License-Identifier: Apache-2.0
"""One run of a program that sends a file: `sends.py CPU PROGRAM [WORD…]`.

Makes the file, listens, reads and forgets what comes on CPU, and stops the program when it has all.
Prints a JSON line with the MiB in a second from the first byte to the last, and the program's
processor time for each.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

_CONNECTIONS = 4
_SIZE = 16 << 20
_TIMES = 32
_PIECE = 1 << 20
_LIMIT_S = 60


class _Sink(threading.Thread):
    """Reads one connection to its end. The kernel throws the bytes away, and copies none."""

    def __init__(self, peer: socket.socket) -> None:
        super().__init__(daemon=True)
        self.size = 0
        self._peer = peer

    def run(self) -> None:
        buffer = bytearray(_PIECE)
        while size := self._peer.recv_into(buffer, _PIECE, socket.MSG_TRUNC):
            self.size += size


def _receive(listener: socket.socket) -> float:
    """MiB in a second, or an error if something is missing."""
    sinks: list[_Sink] = []
    for _ in range(_CONNECTIONS):
        peer, _address = listener.accept()
        if not sinks:
            began = time.perf_counter()
        sinks.append(_Sink(peer))
        sinks[-1].start()
    for sink in sinks:
        sink.join(_LIMIT_S)
    took = time.perf_counter() - began
    size = sum(sink.size for sink in sinks)
    if size != _CONNECTIONS * _SIZE * _TIMES:
        raise SystemExit(f"{size} bytes have come, not all")
    return size / (1 << 20) / took


def main() -> int:
    """Run it once and print one JSON line."""
    cpu, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="tina_sends_") as folder:
        path = Path(folder) / "page"
        path.write_bytes(os.urandom(_SIZE))
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(_LIMIT_S)
        port = listener.getsockname()[1]
        words = [f"--path={path}", f"--port={port}", f"--size={_SIZE}", f"--times={_TIMES}"]
        program = subprocess.Popen([*command, *words])
        try:
            if int(cpu) in range(os.cpu_count() or 1):
                os.sched_setaffinity(0, {int(cpu)})
            rate = _receive(listener)
        finally:
            program.send_signal(signal.SIGTERM)
            status = program.wait(_LIMIT_S)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_us = (used.ru_utime + used.ru_stime) * 1e6 / (_CONNECTIONS * _SIZE * _TIMES >> 20)
    if status not in (0, -signal.SIGTERM):
        return 1
    print(json.dumps({"bench": "send_file", "mib_per_s": rate, "cpu_us_per_mib": cpu_us}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
