# SPDX-License-Identifier: Apache-2.0
"""Drives the task dispatcher with real clients, and asks whether every job was answered.

Usage: dispatch.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong
and fails, or prints what it has seen.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shards"))

from flood import Server, equal, total
from relays import free_port

_HOST = "127.0.0.1"
_LIMIT_S = 60
_DRAIN_LIMIT_S = 8  # less than anything in the specification waits that must not
_SKIPPED = 77
_CLIENTS = 60
_JOBS = 100  # of each client
_KNOWN = {10: 4, 100: 25, 1000: 168, 3000: 430}
_DONE = re.compile(r"job (\d+): (\d+) primes, counted by worker (\d+\.\d+) in \d+ us")
_CRASHED = re.compile(
    r"job (\d+): crashed, and worker (\d+\.\d+) with it; a new one takes its place"
)


class Dispatcher:
    """A dispatcher that serves, and what its clients have been told."""

    def __init__(self, program: str) -> None:
        """Starts it, with as many shards as it takes on this machine."""
        self.port = free_port()
        self.server = Server(program, f"--port={self.port}", shards=2)
        self.numbers: list[int] = []
        self.crashed: list[int] = []

    async def ask(self, questions: list[str]) -> list[str]:
        """The answers to questions that are all put at once."""
        reader, writer = await asyncio.open_connection(_HOST, self.port)
        writer.write("".join(f"{question}\n" for question in questions).encode())
        answers = [(await reader.readline()).decode().rstrip("\n") for _ in questions]
        writer.close()
        return answers

    async def count(self, jobs: int) -> None:
        """Jobs of one client; each answer is checked and noted."""
        below = [list(_KNOWN)[i % len(_KNOWN)] for i in range(jobs)]
        answers = await self.ask([f"primes {number}" for number in below])
        for number, answer in zip(below, answers, strict=True):
            done, crashed = _DONE.fullmatch(answer), _CRASHED.fullmatch(answer)
            assert done or crashed, f"this is no answer: {answer!r}"
            if done:
                equal(f"primes below {number}", int(done[2]), _KNOWN[number])
                self.numbers.append(int(done[1]))
            elif crashed:
                self.crashed.append(int(crashed[1]))

    def stop(self) -> None:
        """Drains it, and compares what it has counted with what its clients were told."""
        equal("exit status", self.server.stop(), 0)
        jobs = len(self.numbers) + len(self.crashed)
        front, back = self.server.shards("front"), self.server.shards("back")
        equal("crashes, memory faults", total(back, "crashes"), total(back, "memory_faults"))
        equal("crashed workers, crashed jobs", total(back, "crashes"), len(self.crashed))
        equal("restarts, crashed jobs", total(back, "restarts"), len(self.crashed))
        equal("crashes on the front", total(front, "crashes"), 0)
        pages = [shard["types"] for shard in self.server.page_now()]
        begun = sum(types["Worker"]["delivered"] for types in pages if "Worker" in types)
        equal("jobs that workers have begun, jobs", begun, jobs)
        (dispatcher,) = [types["Dispatcher"] for types in pages if "Dispatcher" in types]
        # A worker's `Ready` may arrive when it is dead already: that call is made anew.
        anew = sum(dispatcher[f"call_{why}"] for why in ("dead", "full", "ring_full"))
        equal("calls to workers", dispatcher["calls"] - anew, jobs)
        equal("replies", dispatcher["replied"], len(self.numbers))
        equal("calls that ended by a crash", dispatcher["call_crashed"], len(self.crashed))
        equal("calls outstanding", dispatcher["outstanding"], 0)


async def _thousands(dispatcher: Dispatcher) -> None:
    await asyncio.gather(*(dispatcher.count(_JOBS) for _ in range(_CLIENTS)))
    jobs = _CLIENTS * _JOBS
    told = sorted(dispatcher.numbers + dispatcher.crashed)
    assert told == list(range(1, jobs + 1)), "jobs are missing, or were answered twice"
    assert all(number % 3 == 0 for number in dispatcher.crashed), "another job has crashed"
    equal("every third", len(dispatcher.crashed), jobs // 3)
    (status,) = await dispatcher.ask(["status"])
    expected = f"{jobs} jobs: {jobs - jobs // 3} done, {jobs // 3} crashed, 0 given up"
    assert status.startswith(expected), status
    print(f"{jobs} jobs: {len(dispatcher.numbers)} done, {len(dispatcher.crashed)} crashed, 0 lost")


def thousands(dispatcher: Dispatcher) -> None:
    """Six thousand jobs, of which every third kills its worker: each is answered, once, rightly."""
    asyncio.run(asyncio.wait_for(_thousands(dispatcher), _LIMIT_S))
    dispatcher.stop()


async def _undisturbed(dispatcher: Dispatcher) -> None:
    # Jobs 1 and 2 take a worker each for about 0.1 s; the others die beside them.
    long = [asyncio.create_task(dispatcher.ask(["primes 1000000"])) for _ in range(2)]
    short = [asyncio.create_task(dispatcher.ask(["primes 10"] * 30)) for _ in range(20)]
    said = [line for task in (*long, *short) for line in await task]
    equal("long jobs done", sum(" 78498 primes" in line for line in said), 2)
    equal("answers", sum(bool(_DONE.match(line) or _CRASHED.match(line)) for line in said), 602)
    # The first two may have come at a deadly number: then they are among the crashed.
    equal("crashed", sum("crashed" in line for line in said), 200)


def undisturbed(dispatcher: Dispatcher) -> None:
    """Long jobs go on while hundreds of others kill their workers beside them."""
    asyncio.run(asyncio.wait_for(_undisturbed(dispatcher), _LIMIT_S))
    equal("exit status", dispatcher.server.stop(), 0)


async def _rude(dispatcher: Dispatcher) -> None:
    usage = "say `primes N`, with N up to 1000000, or `status`"
    questions = [
        "hello",
        "primes",
        "primes -1",
        "primes 1000001",
        "primes 1e3",
        "primes 7 7",
        "\x00",
    ]
    assert await dispatcher.ask(questions) == [usage] * len(questions)
    assert await dispatcher.ask(["x" * 63]) == [usage]
    for text in (b"x" * 64, b"x" * 100_000, os.urandom(5000).replace(b"\n", b"") * 20):
        reader, writer = await asyncio.open_connection(_HOST, dispatcher.port)
        writer.write(text)
        try:
            heard = await reader.read(-1)
            assert heard in (b"", b"a line has at most 63 bytes\n"), heard
        except ConnectionError:
            pass  # what it had not read yet makes its end a reset
        writer.close()
    # A line in pieces, an empty one, and the other kind of line end.
    reader, writer = await asyncio.open_connection(_HOST, dispatcher.port)
    for piece in (b"pri", b"mes 1", b"0\r\n\n\r\npr", b"imes 100\n"):
        writer.write(piece)
        await writer.drain()
        await asyncio.to_thread(dispatcher.server.shards, "front")
    assert _DONE.fullmatch((await reader.readline()).decode().strip())
    assert _DONE.fullmatch((await reader.readline()).decode().strip())
    writer.close()
    equal("crashes", total(dispatcher.server.shards("front"), "crashes"), 0)


def rude(dispatcher: Dispatcher) -> None:
    """Whatever a client says, it is told what it may say, or loses its own connection."""
    asyncio.run(asyncio.wait_for(_rude(dispatcher), _LIMIT_S))
    equal("exit status", dispatcher.server.stop(), 0)


def netcat(dispatcher: Dispatcher) -> None:
    """The same for somebody at a terminal, who ends his side first."""
    if shutil.which("nc") is None:
        dispatcher.server.stop()
        print("skipped: nc is not installed (Debian: netcat-openbsd)")
        sys.exit(_SKIPPED)
    text = "primes 100\nprimes 1000\nprimes 10\nstatus\n"
    command = ["nc", "-N", _HOST, str(dispatcher.port)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=_LIMIT_S)
    said = done.stdout.splitlines()
    equal("lines", len(said), 4)
    assert _DONE.match(said[0]) and _DONE.match(said[1]) and _CRASHED.match(said[2]), said
    assert said[3].startswith("3 jobs: 2 done, 1 crashed, 0 given up"), said
    equal("exit status", dispatcher.server.stop(), 0)


async def _drain(dispatcher: Dispatcher) -> None:
    reader, writer = await asyncio.open_connection(_HOST, dispatcher.port)
    writer.write(b"primes 1000000\n" * 20)

    def running() -> bool:
        return total(dispatcher.server.shards("front"), "outstanding") >= 1

    await asyncio.to_thread(dispatcher.server.until, running)
    status = asyncio.create_task(asyncio.to_thread(dispatcher.server.stop))
    said = (await reader.read(-1)).decode().splitlines()
    assert said and all(_DONE.match(line) or _CRASHED.match(line) for line in said), said
    writer.close()
    equal("exit status", await asyncio.wait_for(status, _DRAIN_LIMIT_S), 0)
    stopped = dispatcher.server.said.count("event=child_killed")
    equal("isolates that were killed", stopped, 0)


def drain(dispatcher: Dispatcher) -> None:
    """An order to end waits for the job that is under way; its client hears the answer."""
    asyncio.run(asyncio.wait_for(_drain(dispatcher), _LIMIT_S))


_PARTS: dict[str, Callable[[Dispatcher], None]] = {
    part.__name__: part for part in (thousands, undisturbed, rude, netcat, drain)
}


def main(part: str, program: str) -> None:
    """Runs one part."""
    dispatcher = Dispatcher(program)
    try:
        _PARTS[part](dispatcher)
    finally:
        if dispatcher.server.process.poll() is None:
            dispatcher.server.process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
