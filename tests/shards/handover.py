# SPDX-License-Identifier: Apache-2.0
"""Runs the switchboard of tests/systems between real sockets, on each backend: connections that are
accepted on one shard and served on another.

Usage: handover.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong
and fails, or prints nothing.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
from pathlib import Path

from flood import Server, equal, total

_HOST = "127.0.0.1"
_LIMIT_S = 20


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Board:
    """The program on one backend."""

    def __init__(self, program: str, backend: str) -> None:
        """Starts it."""
        self.port = free_port()
        self.server = Server(program, f"--port={self.port}", f"--backend={backend}")
        self.idle = self.descriptors()

    def descriptors(self) -> int:
        """How many it has open."""
        return len(list(Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def call(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection((_HOST, self.port), _LIMIT_S)

    def shards(self) -> list[dict[str, int]]:
        """The counters of its shards."""
        return self.server.shards("main")

    def all_given_back(self) -> None:
        """Waits until it has no connection any more."""
        self.server.until(lambda: self.descriptors() == self.idle)

    def stop(self) -> list[dict[str, int]]:
        """Drains it; its counters at the end, which must fit together."""
        equal("exit status", self.server.stop(), 0)
        assert "event=crash" not in self.server.said, self.server.said
        shards = self.shards()
        equal("handed over, taken", total(shards, "streams_sent"), total(shards, "streams_taken"))
        equal("messages", total(shards, "remote_sent"), total(shards, "remote_taken"))
        return shards


def answered(line: socket.socket, text: bytes) -> bool:
    """Whether what is said comes back; False if the connection was closed instead."""
    try:
        line.sendall(text)
        heard = b""
        while len(heard) < len(text):
            piece = line.recv(65536)
            if not piece:
                return False
            heard += piece
    except (ConnectionResetError, BrokenPipeError):
        return False
    assert heard == text, (heard[:100], text[:100])
    return True


def serve(program: str, backend: str) -> None:
    """Each connection is served, most of them on other shards than that of their listener."""
    board = Board(program, backend)
    for number in range(60):
        with board.call() as line:
            while not answered(line, b"%d" % number * 1000):
                line = board.call()  # its desk had no room
    board.all_given_back()
    shards = board.stop()
    taken = [shard["streams_taken"] for shard in shards]
    assert all(taken), f"each shard has taken some: {taken}"


def storm(program: str, backend: str) -> None:
    """More at once than the desks have places for; who is served is served in full, the others are
    closed and counted, and nothing stays open."""
    board = Board(program, backend)
    draw = random.Random(7)
    served = 0
    for _ in range(20):
        lines = [board.call() for _ in range(60)]
        draw.shuffle(lines)
        for line in lines:
            if draw.randrange(3) == 0:  # gone before it is served, perhaps in a message
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                served += answered(line, b"x" * draw.randrange(1, 5000))
            line.close()
    board.all_given_back()
    shards = board.stop()
    assert served > 0, "nobody was served"
    assert total(shards, "streams_dropped") > 0, "there was room for all"


def drain(program: str, backend: str) -> None:
    """A stop while connections are in channels and mailboxes: it ends well and at once."""
    board = Board(program, backend)
    lines = [board.call() for _ in range(100)]
    board.stop()
    for line in lines:
        line.close()


if __name__ == "__main__":
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        {"serve": serve, "storm": storm, "drain": drain}[part](program, backend)
