# SPDX-License-Identifier: Apache-2.0
"""Runs the postbox of tests/systems between real named pipes, on each backend.

Usage: postbox.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import os
import random
import select
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flood import Server

_LIMIT_S = 20


class Postbox:
    """The program on one backend, between two pipes of a directory of its own."""

    def __init__(self, program: str, backend: str, where: str) -> None:
        """Starts it."""
        self.letters = f"{where}/letters"
        self.answers = f"{where}/answers"
        self.server = Server(
            program,
            f"--letters={self.letters}",
            f"--answers={self.answers}",
            f"--backend={backend}",
            shards=1,
        )

    def reader(self) -> int:
        """Reads the answers from now on; the pipe is there as soon as its writer has looked."""
        self.server.until(lambda: Path(self.answers).exists())
        return os.open(self.answers, os.O_RDONLY | os.O_NONBLOCK)

    def write(self, text: bytes) -> None:
        """Is one of the writers, until all of the text is in the pipe."""
        self.server.until(lambda: Path(self.letters).exists())
        writer = os.open(self.letters, os.O_WRONLY)
        while text:
            text = text[os.write(writer, text) :]
        os.close(writer)

    def descriptors(self) -> int:
        """How many it has open."""
        return len(list(Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def stop(self) -> None:
        """Drains it; it must end well, and nothing may have crashed."""
        status = self.server.stop()
        assert status == 0, status
        assert "event=crash" not in self.server.said, self.server.said


@contextmanager
def postbox(program: str, backend: str) -> Iterator[Postbox]:
    """A running one."""
    with tempfile.TemporaryDirectory() as where:
        one = Postbox(program, backend, where)
        yield one
        one.stop()


def hear(reader: int, size: int) -> bytes:
    """The next bytes of the answers, so many."""
    heard = b""
    latest = time.monotonic() + _LIMIT_S
    while len(heard) < size:
        assert time.monotonic() < latest, (len(heard), size)
        if select.select([reader], [], [], 1)[0]:
            try:
                heard += os.read(reader, 65536)
            except BlockingIOError:
                continue
    return heard


def letters(program: str, backend: str) -> None:
    """Nothing is lost or changed, however many writers come and go, and whatever the sizes."""
    draw = random.Random(7)
    with postbox(program, backend) as one:
        reader = one.reader()
        for path in (one.letters, one.answers):
            mode = Path(path).stat().st_mode
            assert stat.S_ISFIFO(mode) and stat.S_IMODE(mode) == 0o600, oct(mode)
        for size in (1, 4095, 4096, 4097, 65536, 65537, 3_000_000, 5):
            text = bytes(draw.choices(b"abcdefgh\n", k=size))
            writer = threading.Thread(target=one.write, args=(text,))
            writer.start()
            heard = hear(reader, size)
            writer.join()
            assert heard == text, (size, len(heard))
        os.close(reader)


def readers_come_and_go(program: str, backend: str) -> None:
    """A reader that leaves is replaced by the next; letters that wait do, and no end stays open."""
    with postbox(program, backend) as one:
        reader = one.reader()
        one.write(b"first")
        assert hear(reader, 5) == b"first"
        before = one.descriptors()
        for _ in range(5):
            os.close(reader)
            one.write(b"lost")  # it hears by it that nobody reads
            one.server.until(lambda: one.descriptors() == before - 1)
            one.write(b"kept")  # stays in the pipe, since it reads again only for a reader
            reader = one.reader()
            assert hear(reader, 4) == b"kept"
            one.server.until(lambda: one.descriptors() == before)
        os.close(reader)


def refused(program: str, backend: str) -> None:
    """What is no pipe is an error that a handler hears of, and is not touched."""
    with tempfile.TemporaryDirectory() as where:
        Path(f"{where}/letters").write_text("no pipe", encoding="utf-8")
        one = Postbox(program, backend, where)
        assert one.server.process.stderr is not None
        line = ""
        while "event=no_letters" not in line:
            line = one.server.process.stderr.readline()
            assert line, "it ended"
        assert "errno=22" in line, line
        one.stop()
        assert Path(f"{where}/letters").read_text(encoding="utf-8") == "no pipe"


def main() -> None:
    """Runs one part on each backend."""
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        globals()[part](program, backend)


main()
