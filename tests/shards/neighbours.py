# SPDX-License-Identifier: Apache-2.0
"""Runs the neighbours of tests/systems over real Unix sockets, on each backend.

Usage: neighbours.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong
and fails, or prints nothing.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flood import Server, total

_LIMIT_S = 20


def same(what: str, found: object, expected: object) -> None:
    """Says what differs."""
    assert found == expected, f"{what}: {found!r}, not {expected!r}"


class Neighbours:
    """The program on one backend, at a path of its own."""

    def __init__(self, program: str, backend: str, at: str, rounds: int = 0) -> None:
        """Starts it."""
        self.at = at
        self.board = at + ".board"
        own = (f"--at={at}", f"--leave_at={self.board}")
        options = (*own, f"--rounds={rounds}", f"--backend={backend}")
        self.server = Server(program, *options, shards=1)
        if rounds == 0:
            self.settle()  # its own callers look once who is there

    def call(self) -> socket.socket:
        """A connection to its door."""
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_LIMIT_S)
        line.connect("\0" + self.at[1:] if self.at.startswith("@") else self.at)
        return line

    def say(self, text: bytes) -> None:
        """Says something of any length, and must hear it again, and then the end."""
        with self.call() as line:
            heard = b""
            for at in range(0, len(text), 700):
                line.sendall(text[at : at + 700])
                while len(heard) < min(at + 700, len(text)):
                    heard += line.recv(4096)
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(4096):
                heard += part
            same("what is heard", heard, text)

    def settle(self) -> None:
        """Waits until its door and its board alone are alive."""
        self.server.until(lambda: total(self.server.shards("main"), "live") == 2)

    def descriptors(self) -> int:
        """How many it has open."""
        return len(list(Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def stop(self) -> None:
        """Drains it; it must end well, and nothing may have crashed."""
        same("exit status", self.server.stop(), 0)
        assert "event=crash" not in self.server.said, self.server.said


@contextmanager
def door() -> Iterator[str]:
    """A path of a directory of its own."""
    with tempfile.TemporaryDirectory() as directory:
        yield f"{directory}/door.sock"


def until_refused(at: str) -> None:
    """Waits until nobody is bound to a path: a ring of a killed process lets go a moment later."""
    latest = time.monotonic() + _LIMIT_S
    while time.monotonic() < latest:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(at)
            except ConnectionRefusedError:
                return
    raise AssertionError("the socket of a killed process stays")


def calls(program: str, backend: str) -> None:
    """Its own callers hear all that they have said; its file is its owner's alone, and goes."""
    with door() as at:
        one = Neighbours(program, backend, at, rounds=200)
        same("who may connect", stat.S_IMODE(Path(at).stat().st_mode), 0o600)
        one.settle()
        one.stop()
        same("its file at the end", Path(at).exists(), False)


def strangers(program: str, backend: str) -> None:
    """Programs outside hear what they have said, at an abstract name, too."""
    with door() as at:
        for name in (at, f"@tina-{os.getpid()}-{backend}"):
            one = Neighbours(program, backend, name)
            idle = one.descriptors()
            for size in (0, 1, 2, 1023, 1024, 1025, 100_000):
                one.say(random.Random(size).randbytes(size))
            one.settle()
            same("descriptors in the end", one.descriptors(), idle)
            one.stop()


def notes(program: str, backend: str) -> None:
    """The board answers notes of programs outside, at a path and at a name of the kernel's."""
    with door() as at:
        one = Neighbours(program, backend, at)
        for own in (f"{at}.desk", ""):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as desk:
                desk.bind(own)
                desk.settimeout(_LIMIT_S)
                for size in (1, 2, 1023, 1024):
                    text = random.Random(size).randbytes(size)
                    desk.sendto(text, one.board)
                    same("the answer", desk.recvfrom(4096), (text, one.board))
        one.stop()
        same("its file at the end", Path(one.board).exists(), False)


def hang_up(program: str, backend: str) -> None:
    """Callers that hang up at any moment leave nothing behind."""
    with door() as at:
        one = Neighbours(program, backend, at)
        idle = one.descriptors()
        chance = random.Random(1)
        for number in range(300):
            with one.call() as line, suppress(ConnectionError):  # there may be no room
                if number % 3:
                    line.send(chance.randbytes(chance.randrange(1, 3000)))
                if number % 3 == 2:
                    line.recv(1)
        one.say(b"still there")
        one.settle()
        same("descriptors in the end", one.descriptors(), idle)
        one.stop()


def killed(program: str, backend: str) -> None:
    """What one that was killed has left makes way; one that is there does not."""
    with door() as at:
        first = Neighbours(program, backend, at)
        refused = subprocess.run(
            [program, "run", f"--at={at}", f"--leave_at={at}.other", f"--backend={backend}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT_S,
        )
        assert refused.returncode != 0, "two of them at one path"
        assert f"cannot listen at `{at}`: Address already in use" in refused.stderr, refused.stderr
        first.say(b"not disturbed")
        first.server.process.send_signal(signal.SIGKILL)
        first.server.end()
        same("its file after a kill", Path(at).exists(), True)
        until_refused(at)
        second = Neighbours(program, backend, at)
        second.say(b"again")
        second.stop()
        same("its file at the end", Path(at).exists(), False)


def taken(program: str, backend: str) -> None:
    """A file that is no socket, and a path that cannot be, are refused with a clear line."""
    with door() as at:
        Path(at).write_text("precious")
        for path, why in (
            (at, "Address already in use"),
            (at + "/x", "Not a directory"),
            (str(Path(at).parent / "none" / "x"), "its directory does not exist"),
            ("x" * 108, "not an address of a Unix socket"),
        ):
            refused = subprocess.run(
                [program, "run", f"--at={path}", f"--leave_at={at}.board", f"--backend={backend}"],
                capture_output=True,
                text=True,
                check=False,
                timeout=_LIMIT_S,
            )
            assert refused.returncode != 0, path
            assert why in refused.stderr, refused.stderr
        same("the file", Path(at).read_text(), "precious")


def main() -> None:
    """Runs one part on each backend."""
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        globals()[part](program, backend)


main()
