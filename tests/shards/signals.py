# SPDX-License-Identifier: Apache-2.0
"""Sends signals to the program of tests/systems/reload, on both backends.

Usage: signals.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from flood import Server, equal

_SHARDS = 2
_KINDS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH)


class Hearer(Server):
    """The program, what it says read line by line."""

    def __init__(self, program: str, *options: str) -> None:
        super().__init__(program, *options, shards=_SHARDS)

    def say_until(self, reached: Callable[[], bool]) -> None:
        """Reads on until what it has said is enough."""
        assert self.process.stderr is not None
        while not reached():
            line = self.process.stderr.readline()
            assert line, "it ended:\n" + self.said
            self.said += line

    def heard(self, which: int) -> int:
        """How often a kind was told, over all shards."""
        lines = [line for line in self.said.split("\n") if "event=signalled " in line]
        return sum(f" which={which} " in line for line in lines)

    def descriptors(self) -> int:
        """Those that it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


def _heard(server: Hearer, which: int, times: int) -> Callable[[], bool]:
    return lambda: server.heard(which) == times


def each(program: str, *options: str) -> None:
    """Every kind is told to every shard, once for each time; to those that declare it alone."""
    server = Hearer(program, *options)
    for nth in range(1, 4):
        for which, kind in enumerate(_KINDS):
            server.process.send_signal(kind)
            server.say_until(_heard(server, which, nth * _SHARDS))
    server.say_until(lambda: server.said.count("event=crasher_signalled") == 3 * _SHARDS)
    equal("exit status", server.stop(), 0)
    equal("others told", server.said.count("event=crasher_signalled"), 3 * _SHARDS)


def storm(program: str, *options: str) -> None:
    """Thousands at once: some become one, as signals do; the last is never lost."""
    server = Hearer(program, *options)
    for _ in range(5000):
        for kind in _KINDS:
            server.process.send_signal(kind)
    told = [server.heard(which) for which in range(4)]
    server.say_until(lambda: all(server.heard(w) >= _SHARDS for w in range(4)))
    equal("exit status", server.stop(), 0)
    assert "event=crash " not in server.said, told


def restarts(program: str, *options: str) -> None:
    """10 000 restarts with a wait under way leave no descriptor, and the next signal is told."""
    server = Hearer(program, "--crashes=5000", *options)
    server.say_until(lambda: server.said.count("event=steady") == _SHARDS)
    server.process.send_signal(signal.SIGUSR1)  # sweeps what the last life has left
    server.say_until(lambda: server.said.count("event=crasher_signalled") == _SHARDS)
    fresh = Hearer(program, *options)
    fresh.process.send_signal(signal.SIGUSR1)
    fresh.say_until(lambda: fresh.said.count("event=crasher_signalled") == _SHARDS)
    equal("descriptors", server.descriptors(), fresh.descriptors())
    for one in (server, fresh):
        equal("exit status", one.stop(), 0)
    equal("lives", server.said_of("steady", "lives"), 5000 * _SHARDS)


_PARTS: dict[str, Callable[[str, str], object]] = {
    part.__name__: part for part in (each, storm, restarts)
}

if __name__ == "__main__":
    for backend in ("epoll", "io_uring"):
        try:
            _PARTS[sys.argv[1]](sys.argv[2], f"--backend={backend}")
        except AssertionError as refused:
            if "before it served" not in str(refused) or backend == "epoll":
                raise
            print(f"left out, since it is not to be had here: {backend}")
