# SPDX-License-Identifier: Apache-2.0
"""Runs the TCP proxy between curl and nginx, and between plain sockets, while upstreams fail.

Usage: balance.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints what it has seen. Without curl or nginx the parts that need them are skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shards"))

import nginx
from flood import Server, equal, total
from relays import free_port, hear, say

_HOST = "127.0.0.1"
_LIMIT_S = 60
_SKIPPED = 77
_FILE_BYTES = 24 << 20
_running: list[Server] = []
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Proxy:
    """A proxy on one shard in front of upstreams that may be there or not."""

    def __init__(self, program: str, upstreams: int, *options: str, host: str = _HOST) -> None:
        """Starts it; nobody need listen upstream yet."""
        self.port = free_port()
        self.upstreams = [free_port() for _ in range(upstreams)]
        where = ",".join(f"{host}:{port}" for port in self.upstreams)
        listed = (f"--port={self.port}", f"--upstreams={where}", "--shards=1")
        self.server = Server(program, *listed, *options, shards=1)
        self.url = f"http://{_HOST}:{self.port}"
        _running.append(self.server)

    def counter(self, name: str) -> int:
        """A counter of its shard, or the sum of it over its isolates."""
        return total(self.server.shards("main"), name)

    def said(self, event: str, index: int) -> list[str]:
        """What it has said of an event of an upstream."""
        lines = [line for line in self.server.said.split("\n") if f"event={event} " in line]
        return [line for line in lines if f" index={index}" in line]

    def relays(self) -> int:
        """How many relays live."""
        return int(self.server.page_now()[0]["types"]["Relay"]["live"])

    def client(self) -> Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection to it."""
        return asyncio.open_connection(_HOST, self.port)

    def stop(self) -> None:
        """Drains it when nobody is there any more; nothing may have crashed."""
        self.server.until(lambda: self.relays() == 0)
        equal("exit status", self.server.stop(), 0)
        assert "event=crash" not in self.server.said, self.server.said
        equal(
            "clients that an upstream still has",
            self.server.said_of("upstream_served", "clients"),
            0,
        )


@contextlib.asynccontextmanager
async def upstream(port: int, talk: Talk) -> AsyncIterator[None]:
    """While `talk` serves each connection to the port; what that raises is raised here."""
    failures: list[BaseException] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except Exception as failure:  # raised again below
            failures.append(failure)
        finally:
            writer.close()

    async with await asyncio.start_server(served, _HOST, port):
        yield
    if failures:
        raise failures[0]


def named(name: bytes) -> Talk:
    """An upstream that answers each client's whole text with its name and the text."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if text := await reader.read(-1):  # nothing is a probe
            await say(writer, name + text)

    return talk


async def ask(proxy: Proxy, text: bytes = b"?") -> bytes:
    """What comes back through the proxy."""
    reader, writer = await proxy.client()
    await say(writer, text)
    answer = await reader.read(-1)
    writer.close()
    return answer


def curl(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """One run of curl."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=_LIMIT_S)


def names(proxy: Proxy, requests: int) -> Counter[str]:
    """Who has answered so many requests, each on a connection of its own; all must be answered."""
    done = curl("--header", "Connection: close", *[f"{proxy.url}/name"] * requests)
    assert done.returncode == 0, done.stderr.decode()
    found = Counter(done.stdout.decode().split())
    equal("answers", found.total(), requests)
    return found


@contextlib.contextmanager
def webs(proxy: Proxy) -> Iterator[tuple[list[nginx.Web], Path, Path]]:
    """nginx on each of its upstreams; the folder of their files, with a big one, and their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = folder / "files"
        files.mkdir()
        (files / "big").write_bytes(os.urandom(_FILE_BYTES))
        running = [
            nginx.Web(folder, f"web{i}", port, files) for i, port in enumerate(proxy.upstreams)
        ]
        try:
            yield running, files, folder
        finally:
            for web in running:
                web.kill()


def http(program: str) -> None:
    """curl through the proxy to three nginx: in turn, and a big file whole."""
    proxy = Proxy(program, 3)
    with webs(proxy) as (_, files, _folder):
        seen = names(proxy, 30)
        assert set(seen.values()) == {10} and len(seen) == 3, f"not in turn: {seen}"
        big = (files / "big").read_bytes()
        parallel = [word for i in range(6) for word in ("-o", f"{files}/{i}", f"{proxy.url}/big")]
        done = curl("--parallel", *parallel)
        assert done.returncode == 0, done.stderr.decode()
        for i in range(6):
            assert (files / str(i)).read_bytes() == big, "the file is changed"
        proxy.stop()
    print(f"30 requests, 10 to each of 3; 6 x {_FILE_BYTES >> 20} MiB whole")


def dies(program: str) -> None:
    """An nginx is killed under load, and comes back: no request fails but those it had."""
    proxy = Proxy(program, 3)
    with webs(proxy) as (running, files, folder):
        assert len(names(proxy, 9)) == 3
        running[1].kill()
        seen = names(proxy, 60)
        assert set(seen) == {"web0", "web2"}, f"somebody dead has answered: {seen}"
        running[1] = nginx.Web(folder, "web1", proxy.upstreams[1], files)
        back = Counter[str]()
        proxy.server.until(lambda: bool(back.update(names(proxy, 3)) or back["web1"]))
        proxy.stop()
    equal("marked down", len(proxy.said("upstream_down", 1)), 1)
    equal("marked up", len(proxy.said("upstream_up", 1)), 1)
    print("69 requests answered by those that live, then by all")


def middle(program: str) -> None:
    """An nginx is killed in the middle of a download: its client hears the end, nobody else."""
    proxy = Proxy(program, 2)
    with webs(proxy) as (running, files, _folder):
        slow = []
        for name in ("0", "1"):
            rate = ("curl", "-s", "--limit-rate", "8M", "-o", f"{files}/{name}", f"{proxy.url}/big")
            slow.append(subprocess.Popen(rate))
            proxy.server.until((files / name).exists)
        running[0].kill()
        equal("curl: the transfer has ended early", slow[0].wait(timeout=_LIMIT_S), 18)
        equal("curl beside it", slow[1].wait(timeout=_LIMIT_S), 0)
        assert (files / "1").read_bytes() == (files / "big").read_bytes(), "the file is changed"
        assert set(names(proxy, 5)) == {"web1"}
        proxy.stop()
    print("one download broken, the one beside it whole")


async def _refused(proxy: Proxy) -> None:
    reader, writer = await proxy.client()
    await say(writer, b"is anybody there?")
    await asyncio.to_thread(proxy.server.until, lambda: proxy.relays() == 1)
    # Whoever came while nobody listened is served when somebody does, within three seconds.
    async with upstream(proxy.upstreams[1], named(b"late: ")):
        await hear(reader, b"late: is anybody there?")
        writer.close()
        for i in range(20):
            equal("answers", (await ask(proxy, b"%d" % i)) == b"late: %d" % i, True)


def refused(program: str) -> None:
    """Nobody listens at one, and for a while at the other: clients wait, and lose nothing."""
    proxy = Proxy(program, 2)
    asyncio.run(asyncio.wait_for(_refused(proxy), _LIMIT_S))
    proxy.stop()


async def _unanswered(proxy: Proxy) -> None:
    with contextlib.ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.bind((_HOST, proxy.upstreams[0]))
        full.listen(0)
        for _ in range(4):  # what the queue holds; the rest is never answered
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((_HOST, proxy.upstreams[0]))
        async with upstream(proxy.upstreams[1], named(b"other: ")):
            answers = await asyncio.gather(*(ask(proxy) for _ in range(10)))
            equal("answers by the other one", answers.count(b"other: ?"), 10)
            given_up = proxy.counter("connects_given_up")
            assert given_up >= 1, "nobody has tried the one that does not answer"
            for _ in range(10):
                equal("answers", (await ask(proxy)) == b"other: ?", True)


def unanswered(program: str) -> None:
    """An upstream that answers no connect costs a client a second, once, and no request."""
    proxy = Proxy(program, 2)
    asyncio.run(asyncio.wait_for(_unanswered(proxy), _LIMIT_S))
    proxy.stop()


async def _silent(proxy: Proxy) -> None:
    over = asyncio.Event()

    async def mute(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await over.wait()

    async with upstream(proxy.upstreams[0], mute), upstream(proxy.upstreams[1], named(b"other: ")):
        equal("bytes of the silent one", len(await ask(proxy)), 0)
        for _ in range(10):
            equal("answers", (await ask(proxy)) == b"other: ?", True)
        over.set()


def silent(program: str) -> None:
    """An upstream that takes a connection and says nothing: time limit, and then the other one."""
    proxy = Proxy(program, 2, "--idle=300ms")
    asyncio.run(asyncio.wait_for(_silent(proxy), _LIMIT_S))
    proxy.stop()
    (down,) = proxy.said("upstream_down", 0)
    assert "errno=110 silent=1" in down, down


def _text(number: int, direction: str) -> bytes:
    return hashlib.shake_128(f"{number} {direction}".encode()).digest((1 << 20) + number)


async def _half_close(proxy: Proxy) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, first = struct.unpack("!QB", await reader.readexactly(9))
        if first == 0:  # the client has ended before a word is said here
            await hear(reader, _text(number, "up"))
            await say(writer, _text(number, "down"))
        else:
            await say(writer, _text(number, "down"))
            await hear(reader, _text(number, "up"))

    async def exchange(number: int, first: int) -> None:
        reader, writer = await proxy.client()
        writer.write(struct.pack("!QB", number, first))
        if first == 0:
            await say(writer, _text(number, "up"))
            await hear(reader, _text(number, "down"))
        else:  # the upstream has ended before the rest is said here
            await hear(reader, _text(number, "down"))
            await say(writer, _text(number, "up"))
        writer.close()

    async with upstream(proxy.upstreams[0], talk), upstream(proxy.upstreams[1], talk):
        await asyncio.gather(*(exchange(number, number % 2) for number in range(40)))
        await asyncio.to_thread(proxy.server.until, lambda: proxy.relays() == 0)


def half_close(program: str) -> None:
    """Forty megabytes each way; an end in one direction leaves the other one open, either way."""
    proxy = Proxy(program, 2)
    asyncio.run(asyncio.wait_for(_half_close(proxy), _LIMIT_S))
    proxy.stop()


async def _ipv6(proxy: Proxy) -> None:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await named(b"six: ")(reader, writer)
        writer.close()

    async with await asyncio.start_server(served, "::1", proxy.upstreams[0]):
        for _ in range(4):
            equal("answers", (await ask(proxy)) == b"six: ?", True)


def ipv6(program: str) -> None:
    """An upstream that has an IPv6 address."""
    proxy = Proxy(program, 1, host="[::1]")
    asyncio.run(asyncio.wait_for(_ipv6(proxy), _LIMIT_S))
    proxy.stop()


async def _least(proxy: Proxy) -> None:
    seen: Counter[int] = Counter()

    def counted(which: int) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen[which] += 1
            writer.write(b"%d" % which)
            await reader.read(-1)

        return talk

    async with contextlib.AsyncExitStack() as stack:
        for which, port in enumerate(proxy.upstreams):
            await stack.enter_async_context(upstream(port, counted(which)))
        held = []
        for _ in range(9):
            reader, writer = await proxy.client()
            held.append((await reader.readexactly(1), writer))
        assert set(seen.values()) == {3}, f"clients are {seen}"
        for name, writer in held:  # all clients of one upstream go
            if name == b"1":
                writer.close()
        await asyncio.to_thread(proxy.server.until, lambda: proxy.relays() == 6)
        for _ in range(3):  # so that the next ones find it
            reader, writer = await proxy.client()
            equal("upstream", int(await reader.readexactly(1)), 1)
            held.append((b"?", writer))
        for _, writer in held:
            writer.close()
        await asyncio.to_thread(proxy.server.until, lambda: proxy.relays() == 0)


def least(program: str) -> None:
    """With --least_connections a client goes where the fewest are."""
    proxy = Proxy(program, 3, "--least_connections")
    asyncio.run(asyncio.wait_for(_least(proxy), _LIMIT_S))
    proxy.stop()


async def _drain(proxy: Proxy) -> None:
    told = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        writer.write(first)
        if first == b"m":  # one that moves: it goes on after the order
            for _ in range(30):
                writer.write(bytes(100_000))
                await writer.drain()
                await asyncio.wait([asyncio.create_task(told.wait())], timeout=0.05)
            writer.write_eof()
        with contextlib.suppress(ConnectionError):
            await reader.read(-1)

    async with upstream(proxy.upstreams[0], talk):
        moving, resting = await proxy.client(), await proxy.client()
        moving[1].write(b"m")
        resting[1].write(b"r")
        equal("bytes", len(await moving[0].readexactly(1) + await resting[0].readexactly(1)), 2)
        status = asyncio.create_task(asyncio.to_thread(proxy.server.stop))
        heard = await moving[0].read(-1)
        equal("bytes after the order", len(heard), 30 * 100_000)
        moving[1].close()
        equal("bytes of one at rest", len(await resting[0].read(-1)), 0)
        resting[1].close()
        equal("exit status", await asyncio.wait_for(status, 10), 0)


def drain(program: str) -> None:
    """An order to end lets what moves go on to its end, and ends what rests within a second."""
    asyncio.run(asyncio.wait_for(_drain(Proxy(program, 1)), _LIMIT_S))


def wrong_list(program: str) -> None:
    """Upstreams that are none: one line says so, and the program does not start."""
    for text in (
        "",
        "here:80",
        "127.0.0.1",
        "127.0.0.1:0",
        "1.2.3.4:5,",
        "1.2.3.4:5;",
        "256.1.1.1:1",
        "1.2.3:4",
        "[::1:80",
        "[:]:1",
        "[::1]",
    ):
        command = [program, "run", f"--upstreams={text}", f"--port={free_port()}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S)
        assert done.returncode == 1 and "10.0.0.1:8000,[::1]:8000" in done.stderr, (text, done)


_WITH_PEERS = (http, dies, middle)
_PARTS: dict[str, Callable[[str], None]] = {
    part.__name__: part
    for part in (
        *_WITH_PEERS,
        refused,
        unanswered,
        silent,
        half_close,
        ipv6,
        least,
        drain,
        wrong_list,
    )
}


def main(part: str, program: str) -> None:
    """Runs one part."""
    chosen = _PARTS[part]
    if chosen in _WITH_PEERS and not (nginx.installed() and shutil.which("curl")):
        print("skipped: curl or nginx is not installed (Debian: curl, nginx-light)")
        sys.exit(_SKIPPED)
    try:
        chosen(program)
    finally:
        for server in _running:
            if server.process.poll() is None:
                server.process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
