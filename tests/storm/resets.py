# SPDX-License-Identifier: Apache-2.0
"""Connections to the echo server that their peers reset at random moments: before a byte, in the
middle of a request or its answer, half-closed, unread, or just as they were accepted. Afterwards
nothing may be left behind: no descriptor, no receive buffer, no operation, no slot; and the server
answers.

Usage: resets.py PROGRAM BACKEND CONNECTIONS. Prints what is left, or one line on what was done.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "codegen"))

from dev_tasks.echo_server import Server, Trouble, require, total

_OPEN_AT_ONCE = 200
_BYTES_MAX = 20_000
_QUIET_LIMIT_S = 60.0
_SEED = 5
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time


def leave_nothing_behind(program: Path, backend: str, connections: int) -> str:
    """Opens and resets so many; Trouble if anything is left. Says how many of which kind."""
    chance = random.Random(_SEED)
    with Server(1, program, options=["--backend", backend]) as server:
        before = _held(server)
        ends = {"reset": 0, "closed": 0, "refused": 0}
        open_now: list[socket.socket] = []
        for _ in range(connections):
            try:
                open_now.append(_begin(server.port, chance))
            except OSError:  # the server had no slot for it and said so
                ends["refused"] += 1
            if len(open_now) >= chance.randint(1, _OPEN_AT_ONCE):
                _end(open_now.pop(chance.randrange(len(open_now))), chance, ends)
        while open_now:
            _end(open_now.pop(), chance, ends)
        _wait(lambda: _held(server) == before, lambda: f"{_held(server)}, and before {before}")
        _still_echoes(server.port)
        _wait(lambda: _held(server) == before, lambda: f"{_held(server)}, and before {before}")
        counters = server.counters()
        served = counters["shards"][0]["types"]["Connection"]["spawned"]
        require(served > 0, "no connection was served")
        crashed = total(counters, "crashes")
        require(crashed == 0, f"{crashed} isolates crashed")
        require(server.stop() == 0, "its end was not clean")
    counts = ", ".join(f"{count} {how}" for how, count in ends.items())
    return f"{connections} connections on {backend}: {counts}; {served} served"


def _held(server: Server) -> dict[str, int]:
    """What the server holds now."""
    counters = server.counters()
    return {
        "descriptors": len(os.listdir(f"/proc/{server.process.pid}/fd")),
        "buffers_free": total(counters, "buffers_free"),
        "operations": total(counters, "operations_in_flight"),
        "isolates": total(counters, "live"),
    }


def _begin(port: int, chance: random.Random) -> socket.socket:
    """A connection that has done the first part of what it will do."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.connect(("127.0.0.1", port))
        made.setblocking(False)
        act = chance.randrange(5)
        with contextlib.suppress(BlockingIOError):
            if act >= 1:
                made.send(chance.randbytes(chance.randint(1, _BYTES_MAX)))
            if act == 2:
                made.recv(chance.randint(1, _BYTES_MAX))
            if act == 3:
                made.shutdown(socket.SHUT_WR)
    except OSError:
        made.close()
        raise
    return made


def _end(made: socket.socket, chance: random.Random, ends: dict[str, int]) -> None:
    """Ends a connection, after a last byte or two, by a reset or by a close."""
    with contextlib.suppress(OSError):
        if chance.randrange(3) == 0:
            made.recv(chance.randint(1, _BYTES_MAX))
        if chance.randrange(3) == 0:
            made.send(chance.randbytes(chance.randint(1, 300)))
    resets = chance.randrange(8) != 0
    if resets:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    made.close()
    ends["reset" if resets else "closed"] += 1


def _still_echoes(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"still there")
        got = b""
        while len(got) < 11:
            part = client.recv(64)
            require(bool(part), "the server closed a connection that it should serve")
            got += part
        require(got == b"still there", f"the server answered {got!r}")


def _wait(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    """Until the condition holds; Trouble with `what` after the limit."""
    deadline = time.monotonic() + _QUIET_LIMIT_S
    while not condition():
        require(time.monotonic() < deadline, f"left behind: {what()}")


def main(arguments: list[str]) -> Any:
    """0, or 1 after a line on what is left."""
    program, backend, connections = arguments
    try:
        print(leave_nothing_behind(Path(program), backend, int(connections)))
    except Trouble as trouble:
        print(f"resets: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
