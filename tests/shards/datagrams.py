# SPDX-License-Identifier: Apache-2.0
"""Runs the datagrams of tests/systems between real sockets, on each backend, and counts them.

Usage: datagrams.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong
and fails, or prints nothing.
"""

from __future__ import annotations

import contextlib
import random
import socket
import sys

from flood import Server, total

_LIMIT_S = 20
_AGAIN_S = 0.5
_BUFFER = 1024


def same(what: str, found: object, expected: object) -> None:
    """Says what differs."""
    assert found == expected, f"{what}: {found!r}, not {expected!r}"


def free_port() -> int:
    """A port of which nobody takes datagrams now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Answerer:
    """The program on one backend, with a socket that asks it."""

    def __init__(self, program: str, backend: str, rounds: int = 0) -> None:
        """Starts it."""
        self.port, self.desk = free_port(), free_port()
        ports = (f"--port={self.port}", f"--desk={self.desk}")
        options = (*ports, f"--rounds={rounds}", f"--backend={backend}")
        self.server = Server(program, *options, shards=1)

    def ask(self, text: bytes, host: str = "127.0.0.1", port: int | None = None) -> bytes:
        """The answer to a question, over either family."""
        port = port or self.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.settimeout(_AGAIN_S)
            for _ in range(int(_LIMIT_S / _AGAIN_S)):  # it may have no room for a question
                line.sendto(text, (host, port))
                with contextlib.suppress(TimeoutError):
                    answer, where = line.recvfrom(65536)
                    same("who answers", where[:2], (host, port))
                    return answer
            raise AssertionError(f"no answer to {len(text)} bytes")

    def stop(self) -> None:
        """Drains it; it must end well, and nothing may have crashed."""
        same("exit status", self.server.stop(), 0)
        assert "event=crash" not in self.server.said, self.server.said


def answers(program: str, backend: str) -> None:
    """Its own askers hear all of their answers, over connected sockets."""
    one = Answerer(program, backend, rounds=200)
    one.server.until(lambda: total(one.server.shards("main"), "live") == 2)
    one.stop()


def strangers(program: str, backend: str) -> None:
    """Each of many sockets hears its own answers."""
    one = Answerer(program, backend)
    for number in range(300):
        text = f"question {number}".encode()
        same("the answer", one.ask(text), text)
    one.stop()


def cut_off(program: str, backend: str) -> None:
    """What is longer than the buffer is received up to its length, and said to be cut off."""
    one = Answerer(program, backend)
    same("a buffer full", one.ask(b"x" * _BUFFER), b"x" * _BUFFER)
    same("one more", one.ask(b"x" * (_BUFFER + 1)), b"cut off")
    same("as many as there can be", one.ask(b"x" * 65507), b"cut off")
    same("the next one", one.ask(b"short"), b"short")
    one.stop()


def sizes(program: str, backend: str) -> None:
    """Datagrams of every size, none among them."""
    one = Answerer(program, backend)
    for size in (0, 1, 2, 3, 511, 512, _BUFFER - 1):
        text = random.Random(size).randbytes(size)
        same(f"{size} bytes", one.ask(text), text)
    one.stop()


def families(program: str, backend: str) -> None:
    """One socket takes IPv6 and IPv4, and answers each in its own family."""
    one = Answerer(program, backend)
    same("over IPv4", one.ask(b"four", "127.0.0.1"), b"four")
    same("over IPv6", one.ask(b"six", "::1"), b"six")
    one.stop()


def nobody(program: str, backend: str) -> None:
    """An asker whose answerer is gone hears that, and asks again when there is one."""
    first = Answerer(program, backend)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("127.0.0.1", first.port))
        line.settimeout(_LIMIT_S)
        line.send(b"there?")
        same("while it runs", line.recv(64), b"there?")
        first.stop()
        try:
            line.send(b"there?")
            line.recv(64)
        except ConnectionRefusedError:
            return
        raise AssertionError("somebody answers, though nobody is there")


def storm(program: str, backend: str) -> None:
    """A burst beyond its buffers costs datagrams, never the answerer."""
    one = Answerer(program, backend, rounds=50)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for number in range(20_000):
            line.sendto(number.to_bytes(4, "big") * 64, ("127.0.0.1", one.port))
    same("after the storm", one.ask(b"calm"), b"calm")
    one.server.until(lambda: total(one.server.shards("main"), "live") == 2)
    one.stop()


def crowd(program: str, backend: str) -> None:
    """Many questions at once are answered by few system calls, each to its own asker."""
    one = Answerer(program, backend)
    lines = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(64)]
    with contextlib.ExitStack() as stack:
        for line in lines:
            stack.enter_context(line)
            line.connect(("127.0.0.1", one.desk))
            line.settimeout(_LIMIT_S)
        for turn in range(50):
            for number, line in enumerate(lines):
                line.send(f"{turn} {number}".encode())
            for number, line in enumerate(lines):
                same("the answer", line.recv(64), f"{turn} {number}".encode())
    for host in ("127.0.0.1", "::1"):
        same("none", one.ask(b"", host, one.desk), b"")
        same("a buffer full", one.ask(b"x" * (_BUFFER + 1), host, one.desk), b"x" * _BUFFER)
    one.stop()


def main() -> None:
    """Runs one part on each backend."""
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        globals()[part](program, backend)


main()
