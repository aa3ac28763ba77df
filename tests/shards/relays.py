# SPDX-License-Identifier: Apache-2.0
"""Runs the TCP proxy of the examples between real sockets, and asks what became of every byte.

Usage: relays.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import resource
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from flood import Server, equal

_HOST = "127.0.0.1"
_SIZE = 1 << 20
_LIMIT_S = 40
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def stream(number: int, direction: str) -> bytes:
    """What one side of a connection says: everybody can tell, and no two are alike."""
    return hashlib.shake_128(f"{number} {direction}".encode()).digest(_SIZE + number)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Proxy:
    """A proxy in front of a port, with the number of descriptors that it holds when idle."""

    def __init__(self, program: str) -> None:
        """Starts it; nobody need listen upstream yet."""
        self.port, self.upstream = free_port(), free_port()
        options = (f"--port={self.port}", f"--upstreams={_HOST}:{self.upstream}", "--shards=1")
        self.server = Server(program, *options, shards=1)
        self.idle = self.descriptors()

    def descriptors(self) -> int:
        """How many it has open."""
        return len(list(Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def relays(self) -> int:
        """How many relays live."""
        return int(self.server.page_now()[0]["types"]["Relay"]["live"])

    def client(self) -> Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection to it."""
        return asyncio.open_connection(_HOST, self.port)

    @contextlib.asynccontextmanager
    async def serving(self, talk: Talk) -> AsyncIterator[None]:
        """While `talk` serves each of its upstream connections; what that raises is raised here."""
        failures: list[BaseException] = []

        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            except Exception as failure:  # raised again below
                failures.append(failure)
            finally:
                writer.close()

        async with await asyncio.start_server(served, _HOST, self.upstream):
            yield
            await asyncio.to_thread(self.empty)
        if failures:
            raise failures[0]

    def empty(self) -> None:
        """Waits until no relay lives and every descriptor is closed."""
        self.server.until(lambda: self.relays() == 0 and self.descriptors() == self.idle)

    def stop(self) -> None:
        """Drains it; it must end well, and nothing may have crashed."""
        self.empty()
        equal("exit status", self.server.stop(), 0)
        assert "event=crash" not in self.server.said, self.server.said


async def say(writer: asyncio.StreamWriter, text: bytes) -> None:
    """Says all of it, then ends the direction."""
    writer.write(text)
    await writer.drain()
    writer.write_eof()


async def hear(reader: asyncio.StreamReader, text: bytes) -> None:
    """Hears exactly this, to the end."""
    heard = await reader.read(-1)
    assert heard == text, f"{len(heard)} bytes of {len(text)}, or others"


def number_of(head: bytes) -> int:
    """The number that a connection begins with."""
    (number,) = struct.unpack("!Q", head)
    return int(number)


async def both_at_once(proxy: Proxy) -> None:
    """Thirty connections, a megabyte in each direction of each, all at the same time."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = number_of(await reader.readexactly(8))
        up, down = stream(number, "up"), stream(number, "down")
        await asyncio.gather(hear(reader, up), say(writer, down))

    async def ask(number: int) -> None:
        reader, writer = await proxy.client()
        writer.write(struct.pack("!Q", number))
        up, down = stream(number, "up"), stream(number, "down")
        await asyncio.gather(hear(reader, down), say(writer, up))
        writer.close()

    async with proxy.serving(talk):
        await asyncio.gather(*(ask(number) for number in range(30)))


async def client_ends_first(proxy: Proxy) -> None:
    """The upstream answers only when it has read the client's end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hear(reader, stream(1, "up"))
        await say(writer, stream(1, "down"))

    async with proxy.serving(talk):
        reader, writer = await proxy.client()
        await say(writer, stream(1, "up"))
        await hear(reader, stream(1, "down"))
        writer.close()


async def upstream_ends_first(proxy: Proxy) -> None:
    """The client speaks only when it has read the upstream's end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(writer, stream(2, "down"))
        await hear(reader, stream(2, "up"))

    async with proxy.serving(talk):
        reader, writer = await proxy.client()
        await hear(reader, stream(2, "down"))
        await say(writer, stream(2, "up"))
        equal("bytes after the end", len(await reader.read(-1)), 0)
        writer.close()


async def back_pressure(proxy: Proxy) -> None:
    """A client that does not read stops its upstream: the proxy takes in no more than it sends."""
    written = 0
    stopped = asyncio.Event()

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(bytes(_SIZE))
                await asyncio.wait_for(writer.drain(), 1)
                written += _SIZE

    async def talk_until_stopped(r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        try:
            await talk(r, w)
        except TimeoutError:
            stopped.set()
            w.transport.abort()

    async with proxy.serving(talk_until_stopped):
        _, writer = await proxy.client()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await stopped.wait()
        writer.transport.abort()
    assert written < 64 * _SIZE, f"{written} bytes found a place"


async def reset(proxy: Proxy) -> None:
    """A reset of one side ends the other, either way."""
    heard = asyncio.Event()

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read(-1)
        heard.set()

    async with proxy.serving(cut):
        reader, writer = await proxy.client()
        writer.write(b"cut!")
        with contextlib.suppress(ConnectionError):
            equal("bytes", len(await reader.read(-1)), 0)
        writer.close()
    async with proxy.serving(listen):
        client = socket.create_connection((_HOST, proxy.port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"gone")
        client.close()
        await heard.wait()


async def no_descriptor(proxy: Proxy) -> None:
    """The accept takes the last descriptor, so that the connect finds none."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(writer, await reader.read(-1))

    pid = proxy.server.process.pid
    used = max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()) + 1
    free = used - proxy.idle
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + (0 if free else 1), before[1]))
    reader, writer = await proxy.client()
    equal("bytes", len(await asyncio.wait_for(reader.read(-1), _LIMIT_S)), 0)
    writer.close()
    await asyncio.to_thread(proxy.empty)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    async with proxy.serving(talk):
        reader, writer = await proxy.client()
        await say(writer, b"again")
        await hear(reader, b"again")
        writer.close()


_PARTS = {
    part.__name__: part
    for part in (
        both_at_once,
        client_ends_first,
        upstream_ends_first,
        back_pressure,
        reset,
        no_descriptor,
    )
}


def main(part: str, program: str) -> None:
    """Runs one part."""
    proxy = Proxy(program)
    try:
        asyncio.run(asyncio.wait_for(_PARTS[part](proxy), _LIMIT_S))
        proxy.stop()
    finally:
        if proxy.server.process.poll() is None:
            os.kill(proxy.server.process.pid, 9)


if __name__ == "__main__":
    main(*sys.argv[1:])
