# SPDX-License-Identifier: Apache-2.0
"""Runs the name server of tests/systems against a DNS server that answers and lies.

Usage: lookups.py PART PROGRAM, where PART is one of the functions below; each runs on io_uring and
on epoll. Prints what went wrong and fails, or prints nothing.
"""

from __future__ import annotations

import contextlib
import errno
import random
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dns_server import DnsServer
from flood import Server, total
from relays import free_port

_HOST = "127.0.0.1"
_SEATS = 128
# The numbers of net::Resolution.
_NOT_FOUND, _NO_DATA, _SERVER_FAILURE, _REFUSED, _TIMED_OUT, _BAD_NAME, _BAD_ANSWER = range(1, 8)


class Names:
    """The server under test, and the DNS server that it asks."""

    def __init__(self, program: str, backend: str) -> None:
        """Starts both."""
        self.dns = DnsServer()
        self.port = free_port()
        options = (f"--port={self.port}", "--backend", backend, "--dns", self.dns.address)
        self.server = Server(program, *options, shards=1)
        self.closed = False
        self.ask("both.test.")  # all that it ever opens for itself is open then
        self.server.until(self.rests)
        self.idle = self.descriptors()

    def task(self, what: str) -> list[Path]:
        """What the system knows of its process: `fd` or `task`."""
        return list(Path(f"/proc/{self.server.process.pid}/{what}").iterdir())

    def descriptors(self) -> int:
        """How many it has open."""
        return len(self.task("fd"))

    def connect(self) -> socket.socket:
        """A client's connection to it."""
        stream = socket.create_connection((_HOST, self.port))
        stream.settimeout(20)
        return stream

    def ask(self, name: str) -> str:
        """The line that a name is answered by."""
        with self.connect() as stream:
            stream.sendall(name.encode() + b"\n")
            return stream.recv(4096).decode().strip()

    def counter(self, name: str) -> int:
        """A counter of its shard."""
        return total(self.server.shards("main"), name)

    def vanish(self) -> None:
        """The DNS server is no more."""
        self.dns.close()
        self.closed = True

    def rests(self) -> bool:
        """Whether nothing is under way but an accept, and no client lives."""
        return self.counter("operations_in_flight") == 1 and self.counter("live") == 1

    def rest(self) -> None:
        """Waits until it holds nothing but what it always has."""
        self.server.until(lambda: self.rests() and self.descriptors() == self.idle)

    def end(self) -> None:
        """Drains it; it must end well."""
        _same(self.server.stop(), 0, "exit status")
        if not self.closed:
            self.dns.close()


def _same(one: object, other: object, what: str) -> None:
    assert one == other, f"{what}: {one}, not {other}"


def _error(why: int, error: int) -> str:
    return f"error {why} {error}"


def answers(names: Names) -> None:
    """Whatever a DNS server says is a result, and the next name is answered as if it had not."""
    one, six = "10.0.0.1:80", "[fd00::1]:80"
    _same(set(names.ask("both.test.").split()), {"ok", one, six}, "both families")
    _same(names.ask("four.test.").split()[1:], ["10.0.0.1:80", "10.0.0.2:80"], "two of one")
    _same(set(names.ask("chain.test.").split()), {"ok", one, six}, "a chain of names")
    many = names.ask("many.test.").split()
    _same(len(set(many)), 9, "eight of a hundred addresses, by TCP")
    expected = {
        "empty.test.": _error(_NO_DATA, errno.ENODATA),
        "missing.test.": _error(_NOT_FOUND, errno.ENOENT),
        "refuses.test.": _error(_REFUSED, errno.ECONNREFUSED),
        "silent.test.": _error(_TIMED_OUT, errno.ETIMEDOUT),
        "wrong.test.": _error(_TIMED_OUT, errno.ETIMEDOUT),
        "a..b": _error(_BAD_NAME, errno.EINVAL),
        "no spaces": _error(_BAD_NAME, errno.EINVAL),
        "": _error(_BAD_NAME, errno.EINVAL),
        "a\0b": _error(_BAD_NAME, errno.EINVAL),
        "x" * 64 + ".test": _error(_BAD_NAME, errno.EINVAL),
        "y." * 200: _error(_BAD_NAME, errno.EINVAL),
        "127.0.0.1": "ok 127.0.0.1:80",
        "::1": "ok [::1]:80",
    }
    for name, line in expected.items():
        _same(names.ask(name), line, repr(name[:20]))
    for name in ("fails", "circle", "short", "boasts", "pointer", "cut"):
        line = names.ask(f"{name}.test.")
        assert line.startswith("error "), f"{name}: {line}"
    _same(set(names.ask("both.test.").split()), {"ok", one, six}, "both families again")
    names.rest()


def spoiled(names: Names) -> None:
    """Answers with changed bytes harm nobody."""
    # Most of them are thrown away until the time is up: so many are asked side by side.
    with ThreadPoolExecutor(max_workers=30) as clients:
        for line in clients.map(names.ask, (f"spoiled-{number}.test." for number in range(300))):
            assert line.startswith(("ok ", "error ")), line
    _same(len(names.ask("both.test.").split()), 3, "addresses")
    names.rest()


def vanished(names: Names) -> None:
    """A DNS server that is no more is a result at once."""
    names.vanish()
    began = time.monotonic()
    _same(names.ask("both.test."), _error(_REFUSED, errno.ECONNREFUSED), "nobody listens")
    assert time.monotonic() - began < 5
    names.rest()


def given_up(names: Names) -> None:
    """A state that has had enough goes on, and the next name is asked on the same lane."""
    with names.connect() as stream:
        for _ in range(20):
            stream.sendall(b"?silent.test.\n")
            _same(stream.recv(99), b"late\n", "an answer in haste")
            stream.sendall(b"?four.test.\n")
            assert stream.recv(999).startswith((b"ok ", b"late")), "the next one"
    assert names.counter("resolves_given_up") >= 20
    names.rest()


def _crash_at_random(names: Names, seed: int, rounds: int) -> None:
    draw = random.Random(seed)
    kinds = ("both", "silent", "missing", "many", "fails", "spoiled-1", "localhost")
    for _ in range(rounds):
        with names.connect() as stream:
            haste = "?" if draw.random() < 0.2 else ""
            stream.sendall(f"{haste}{draw.choice(kinds)}.test.\n".encode())
            if draw.random() < 0.5:
                stream.settimeout(draw.random() / 500)
                with contextlib.suppress(OSError):
                    stream.recv(999)
            try:
                if draw.random() < 0.7:
                    stream.sendall(b"X")
            except OSError:
                pass


def crashes(names: Names) -> None:
    """Isolates that crash while they ask, at random moments, leave nothing behind."""
    threads = len(names.task("task"))
    workers = [
        threading.Thread(target=_crash_at_random, args=(names, seed, 1250)) for seed in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    names.rest()
    assert names.counter("resolves") > 5000
    assert names.counter("crashes") > 1000
    _same(len(names.task("task")), threads, "threads")
    _same(len(names.ask("both.test.").split()), 3, "addresses")
    names.rest()


def drain(names: Names) -> None:
    """SIGTERM while names are asked ends the process at once."""
    streams = [names.connect() for _ in range(40)]
    for stream in streams:
        stream.sendall(b"silent.test.\n")
    names.server.until(lambda: names.counter("resolves") >= len(streams))
    began = time.monotonic()
    names.server.process.terminate()
    for stream in streams:
        stream.close()
    _same(names.server.end(), 0, "exit status")
    assert time.monotonic() - began < 5
    names.dns.close()


def main() -> None:
    """Runs one part on both backends."""
    part, program = sys.argv[1:]
    for backend in ("io_uring", "epoll"):
        names = Names(program, backend)
        try:
            globals()[part](names)
            if part != "drain":
                names.end()
        finally:
            if names.server.process.poll() is None:
                names.server.process.kill()
            names.server.process.wait()
            for one in (names.dns.udp, names.dns.tcp):
                one.close()


if __name__ == "__main__":
    main()
