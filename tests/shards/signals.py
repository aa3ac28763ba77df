# SPDX-License-Identifier: Apache-2.0
"""Sends signals to the program of tests/systems/reload, on both backends.

Usage: signals.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flood import Server, equal, total

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

    def signal_until(self, kind: int, event: str, times: int) -> None:
        """Sends a signal until its event was said so often; again whenever lines were lost."""
        assert self.process.stderr is not None
        self.process.send_signal(kind)
        while times > 0:
            line = self.process.stderr.readline()
            assert line, "it ended"
            times -= f"event={event}" in line
            if "event=log_lost" in line:
                self.process.send_signal(kind)

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
    found = []
    for lives in (5000, 0):
        server = Hearer(program, f"--crashes={lives}", *options)
        server.until(partial(_has_restarted, server, lives * _SHARDS))
        # It also sweeps what the last life has left.
        server.signal_until(signal.SIGUSR1, "crasher_signalled", _SHARDS)
        found.append(server.descriptors())
        equal("exit status", server.stop(), 0)
    equal("descriptors", found[0], found[1])


def _has_restarted(server: Hearer, times: int) -> bool:
    return total(server.shards("main"), "restarts") == times


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
