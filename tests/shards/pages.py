# SPDX-License-Identifier: Apache-2.0
"""Fetches pages from the server of tests/systems/pages, with curl and by hand, on each backend.

Usage: pages.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import hashlib
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from flood import Server, equal
from handover import free_port

_HOST = "127.0.0.1"
_LIMIT_S = 40
_BIG = 24 << 20


class Pages:
    """The server on one backend, with a folder of its own."""

    def __init__(self, program: str, backend: str) -> None:
        """Starts it."""
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        options = (f"--port={self.port}", f"--folder={self.folder.name}", "--sample=0")
        self.server = Server(program, *options, f"--backend={backend}", shards=1)
        self.idle = self.descriptors()

    def descriptors(self) -> int:
        """How many it has open."""
        return len(list(Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def write(self, name: str, size: int) -> bytes:
        """Makes a page; its bytes."""
        text = random.Random(size).randbytes(size)
        self.path(name).write_bytes(text)
        return text

    def path(self, name: str) -> Path:
        """Where a page is."""
        return Path(self.folder.name) / name

    def ask(self, name: str, buffer: int = 0) -> socket.socket:
        """A connection on which a page has been asked for; with little room for it, perhaps."""
        line = socket.socket()
        if buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        line.settimeout(_LIMIT_S)
        line.connect((_HOST, self.port))
        line.sendall(f"GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return line

    def curl(self, *names: str) -> subprocess.CompletedProcess[bytes]:
        """Fetches pages, on one connection."""
        urls = [f"http://{_HOST}:{self.port}/{name}" for name in names]
        command = ["curl", "-sS", "--fail-early", "--max-time", str(_LIMIT_S), *urls]
        return subprocess.run(command, capture_output=True, timeout=2 * _LIMIT_S)

    def stop(self) -> None:
        """All is given back, and it ends well."""
        self.server.until(lambda: self.descriptors() == self.idle)
        equal("exit status", self.server.stop(), 0)
        assert "event=crash" not in self.server.said, self.server.said


def everything(line: socket.socket, slowly: int = 0) -> bytes:
    """The page that comes, without its head; `slowly`: bytes at once."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = line.recv(slowly or 65536)
        assert piece, heard
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    pieces = [body]
    got = len(body)
    while got < size:
        piece = line.recv(slowly or 1 << 20)
        if not piece:
            break
        pieces.append(piece)
        got += len(piece)
    return b"".join(pieces)


def fetch(program: str, backend: str) -> None:
    """Pages of all sizes, many on one connection; and what is no page."""
    pages = Pages(program, backend)
    sizes = {"none": 0, "one": 1, "block": 4096, "odd": 4097, "some": 1_000_000, "big": _BIG}
    texts = {name: pages.write(name, size) for name, size in sizes.items()}
    for name, text in texts.items():
        done = pages.curl(name, name)
        same = hashlib.sha256(done.stdout).digest() == hashlib.sha256(text * 2).digest()
        assert done.returncode == 0 and same, (name, done.stderr, len(done.stdout))
    together = pages.curl(*texts)
    assert together.stdout == b"".join(texts.values()), together.stderr
    pages.path("folder").mkdir()
    for name in ("missing", "folder", "..", "a/b"):
        line = pages.ask(name)
        assert line.recv(1000).startswith(b"HTTP/1.1 404"), name
        line.close()
    pages.stop()


def slow(program: str, backend: str) -> None:
    """Visitors that take nothing hold up nobody, and then get every byte."""
    pages = Pages(program, backend)
    text = pages.write("big", _BIG)
    small = pages.write("small", 100_000)
    lines = [pages.ask("big", buffer=8192) for _ in range(24)]
    for _ in range(20):
        assert pages.curl("small").stdout == small
    assert pages.curl("big").stdout == text
    assert everything(lines[0], slowly=30_000) == text
    for line in lines[1:3]:
        assert everything(line) == text
    for line in lines:
        line.close()
    pages.stop()


def leave(program: str, backend: str) -> None:
    """Visitors that leave or break in the middle leave nothing behind."""
    pages = Pages(program, backend)
    pages.write("big", _BIG)
    draw = random.Random(7)
    for _ in range(200):
        line = pages.ask("big", buffer=8192)
        line.recv(1 + draw.randrange(100_000))
        if draw.randrange(2):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
    pages.stop()


def shrink(program: str, backend: str) -> None:
    """A page that becomes shorter on its way is cut off, which its visitor sees."""
    pages = Pages(program, backend)
    text = pages.write("big", _BIG)
    line = pages.ask("big", buffer=8192)
    line.recv(10)
    os.truncate(pages.path("big"), _BIG // 2)
    heard = everything_after(line)
    assert len(heard) < _BIG and text.find(heard[-1000:]) > 0, len(heard)
    pages.stop()
    assert "event=cut_off" in pages.server.said and "status=1" in pages.server.said


def everything_after(line: socket.socket) -> bytes:
    """What still comes, up to the end."""
    heard = b""
    while piece := line.recv(1 << 20):
        heard += piece
    return heard


def drain(program: str, backend: str) -> None:
    """A stop in the middle of pages ends them, and the program."""
    pages = Pages(program, backend)
    pages.write("big", _BIG)
    lines = [pages.ask("big", buffer=8192) for _ in range(8)]
    for line in lines:
        line.recv(1)
    equal("exit status", pages.server.stop(), 0)
    assert "event=crash" not in pages.server.said, pages.server.said


if __name__ == "__main__":
    part, program = sys.argv[1:]
    parts = {"fetch": fetch, "slow": slow, "leave": leave, "shrink": shrink, "drain": drain}
    for backend in ("io_uring", "epoll"):
        parts[part](program, backend)
