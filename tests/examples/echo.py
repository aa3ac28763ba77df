# SPDX-License-Identifier: Apache-2.0
"""Runs the echo server and its clients against each other, and each against plain sockets.

Usage: echo.py PART SERVER CLIENTS, where PART is one of the functions below. Prints what went wrong
and fails, or prints what it has seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shards"))

from flood import Server, equal, total
from relays import free_port

_HOST = "127.0.0.1"
_LIMIT_S = 60
_SKIPPED = 77
_PAYLOAD = 1024
_running: list[Server] = []


def serve(program: str, port: int) -> Server:
    """An echo server on one shard."""
    server = Server(program, f"--port={port}", "--shards=1", shards=1)
    _running.append(server)
    return server


class Clients:
    """Clients that run until they have had their rounds, or are told to end."""

    def __init__(self, program: str, port: int, clients: int, rounds: int) -> None:
        """Starts them; nobody need listen yet."""
        options = (f"--clients={clients}", f"--rounds={rounds}")
        self.server = Server(program, f"--server={_HOST}:{port}", *options, shards=1)
        self.clients, self.rounds = clients, rounds
        _running.append(self.server)

    def counted(self, name: str) -> int:
        """A figure of their last lines."""
        said = [line for line in self.server.said.split("\n") if "isolate=Tally" in line]
        (line,) = [line for line in said if f" {name}=" in line]
        found = re.search(rf" {name}=(\d+)", line)
        assert found
        return int(found[1])

    def whole(self) -> None:
        """They have ended by themselves, and every payload has come back."""
        equal("exit status", self.server.end(), 0)
        equal("clients", self.counted("clients"), self.clients)
        equal("rounds", self.counted("rounds"), self.clients * self.rounds)
        assert self.counted("bytes") >= self.clients * self.rounds * _PAYLOAD
        equal("crashed", self.counted("crashed"), 0)

    def results(self) -> int:
        """How many ends of what they started they have heard so far."""
        return total(self.server.shards("main"), "results")

    def more(self, results: int) -> None:
        """Waits until they have heard of so many more."""
        before = self.results()
        self.server.until(lambda: self.results() >= before + results)


def pair(server: str, clients: str) -> None:
    """Sixty-four clients and the server, a thousand payloads each: all comes back, at once."""
    port = free_port()
    echo = serve(server, port)
    many = Clients(clients, port, 64, 1000)
    many.whole()
    equal("connects", many.counted("connects"), 64)
    equal("failures, breaks", many.counted("failures") + many.counted("breaks"), 0)
    equal("exit status", echo.stop(), 0)
    print(f"{many.counted('rounds')} payloads came back")


def server_dies(server: str, clients: str) -> None:
    """The server is killed, three times, and started again: the clients come back and finish."""
    port = free_port()
    echo = serve(server, port)
    many = Clients(clients, port, 32, 3000)
    for _ in range(3):
        many.more(5000)
        echo.process.kill()
        echo.process.wait()
        many.more(3 * 32)  # each hears the end, closes, and has paused
        echo = serve(server, port)
    many.whole()
    assert many.counted("breaks") >= 32 and many.counted("failures") >= 32, many.server.said
    equal("exit status", echo.stop(), 0)
    print(
        f"{many.counted('breaks')} connections broken, {many.counted('failures')} connects failed"
    )


def late(server: str, clients: str) -> None:
    """Nobody listens for a second: few connects are tried, and fewer as time goes by."""
    port = free_port()
    many = Clients(clients, port, 16, 10)
    begun = time.monotonic()
    many.server.until(lambda: time.monotonic() > begun + 1)
    echo = serve(server, port)
    many.whole()
    failures = many.counted("failures")
    # 10, 20, 40, … ms and up to a half more: at least four in a second, and not ten.
    assert 16 * 4 <= failures <= 16 * 9, f"{failures} failures of 16 clients"
    equal("exit status", echo.stop(), 0)
    print(f"{failures} connects of 16 clients failed in a second")


@contextlib.asynccontextmanager
async def _peer(port: int, changed: bool, mute: bool) -> AsyncIterator[None]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while text := await reader.read(4096):
                if changed:
                    text = text[:-1] + bytes([text[-1] ^ 1])
                if not mute:
                    writer.write(text)
        writer.close()

    async with await asyncio.start_server(talk, _HOST, port):
        yield


async def _changed(port: int, many: Clients) -> None:
    async with _peer(port, changed=True, mute=False):
        equal("exit status", await asyncio.to_thread(many.server.end), 1)


def changed(_: str, clients: str) -> None:
    """A server that changes a bit is found out, and the program says so by its status."""
    port = free_port()
    many = Clients(clients, port, 4, 10)
    asyncio.run(asyncio.wait_for(_changed(port, many), _LIMIT_S))
    equal("crashes", many.server.said.count('reason="a byte came back changed"'), 4)


async def _mute(port: int, many: Clients) -> None:
    async with _peer(port, changed=False, mute=True):
        await asyncio.to_thread(many.server.until, lambda: _live_and_waited(many))
    async with _peer(port, changed=False, mute=False):
        await asyncio.to_thread(many.whole)


def _live_and_waited(many: Clients) -> bool:
    # Connected, Sent, the limit, Closed, and the pause: five results of each client.
    return many.results() >= 5 * many.clients


def mute(_: str, clients: str) -> None:
    """A server that takes payloads and sends none back: after five seconds the next connect."""
    port = free_port()
    many = Clients(clients, port, 8, 10)
    asyncio.run(asyncio.wait_for(_mute(port, many), _LIMIT_S))
    assert many.counted("breaks") >= 8, many.server.said


def unanswered(server: str, clients: str) -> None:
    """A server whose queue is full: connects are given up after a second, and tried again."""
    port = free_port()
    with contextlib.ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        full.bind((_HOST, port))
        full.listen(0)
        for _ in range(4):  # what the queue holds; the rest is never answered
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((_HOST, port))
        many = Clients(clients, port, 4, 10)
        page = many.server
        page.until(lambda: total(page.shards("main"), "connects_given_up") >= 4)
    echo = serve(server, port)
    many.whole()
    assert many.counted("failures") >= 4, many.server.said
    equal("exit status", echo.stop(), 0)


def told(server: str, clients: str) -> None:
    """Clients without end report at SIGTERM what they have done until then."""
    port = free_port()
    echo = serve(server, port)
    many = Clients(clients, port, 32, 0)
    many.server.until(lambda: many.results() > 2000)
    equal("exit status", many.server.stop(), 0)
    equal("clients", many.counted("clients"), 32)
    assert many.counted("rounds") > 300, many.server.said
    equal("exit status", echo.stop(), 0)


def netcat(server: str, _: str) -> None:
    """The server and nc, which ends its side first and still hears all."""
    if shutil.which("nc") is None:
        print("skipped: nc is not installed (Debian: netcat-openbsd)")
        sys.exit(_SKIPPED)
    port = free_port()
    echo = serve(server, port)
    text = bytes(range(256)) * 2000
    command = ["nc", "-N", _HOST, str(port)]
    done = subprocess.run(command, input=text, capture_output=True, timeout=_LIMIT_S, check=True)
    assert done.stdout == text, f"{len(done.stdout)} bytes of {len(text)}, or others"
    equal("exit status", echo.stop(), 0)


_PARTS: dict[str, Callable[[str, str], None]] = {
    part.__name__: part
    for part in (pair, server_dies, late, changed, mute, unanswered, told, netcat)
}


def main(part: str, server: str, clients: str) -> None:
    """Runs one part."""
    try:
        _PARTS[part](server, clients)
    finally:
        for running in _running:
            if running.process.poll() is None:
                running.process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
