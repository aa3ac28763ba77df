# SPDX-License-Identifier: Apache-2.0
"""Runs endless.tina's systems and looks at what the watchdog made of their culprit.

Usage: endless.py PART PATIENT HASTY RESTING, where PART is one of the functions below and the rest
are the programs. Prints what went wrong and fails, or prints nothing.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LIMIT_S = 50
_EMERGENCY = 70
_ENDLESS = 'reason="a handler that does not return"'
# The culprit's deeds, as in endless.tina.
_LOOP, _SEND, _ALLOCATE, _INIT, _SLOW, _BLOCK, _STUCK, _LEAVE, _ARM, _TAKE = range(10)

STARTED: list[subprocess.Popen[str]] = []


class Court:
    """One run."""

    def __init__(self, program: str, deed: int, rounds: int = 1) -> None:
        """Starts it."""
        self.program = program
        self.page = tempfile.NamedTemporaryFile(suffix=".page")  # noqa: SIM115
        command = [program, "run", "--counters", self.page.name]
        command += ["--crime", str(deed), "--rounds", str(rounds)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        STARTED.append(self.process)
        self.said = ""

    def hear(self, words: str) -> None:
        """Reads on until a line has the words."""
        assert self.process.stderr is not None
        while True:
            line = self.process.stderr.readline()
            assert line, f"it ended without `{words}`:\n{self.said}"
            self.said += line
            if words in line:
                return

    def counters(self) -> list[dict[str, Any]]:
        """The counters of its shards, as they are now."""
        command = [self.program, "counters", self.page.name, "--json"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        shards: list[dict[str, Any]] = json.loads(text)["shards"]
        return shards

    def until(self, reached: Callable[[], bool]) -> None:
        """Waits until its counters say so; looking at them is all that passes the time."""
        latest = time.monotonic() + _LIMIT_S
        while not reached():
            assert time.monotonic() < latest, "the counters never said so:\n" + self.said
            assert self.process.poll() is None, "it ended:\n" + self.said

    def end(self, status: int = 0) -> None:
        """Stops it unless it has stopped itself, and holds its books against each other."""
        assert self.process.stderr is not None
        if status == 0:
            self.process.send_signal(signal.SIGTERM)
        self.said += self.process.stderr.read()
        got = self.process.wait(timeout=_LIMIT_S)
        assert got == status, f"status {got}:\n{self.said}"
        if status != 0:
            return
        for shard in self.counters():
            for name, type_ in shard["types"].items():
                taken = sum(type_[n] for n in ("delivered", "rejected", "expired", "stale"))
                kept = type_["waiting"] + type_["queued"]
                assert type_["accepted"] == taken + kept, f"messages of {name}: {type_}"
                ended = sum(n for key, n in type_.items() if key.startswith("call_"))
                ended += sum(type_[n] for n in ("replied", "timed_out", "abandoned"))
                assert type_["calls"] == ended + type_["outstanding"], f"calls of {name}: {type_}"

    def of(self, event: str) -> list[str]:
        """The lines of an event."""
        return [line for line in self.said.split("\n") if f"event={event} " in line]


def equal(what: str, one: object, other: object) -> None:
    """Two figures that must be one."""
    assert one == other, f"{what}: {one} and {other}"


def _ended(program: str, deed: int, message: str = "Act", rounds: int = 2) -> Court:
    """Each time the culprit is ended, restarted, and reported; who asked it is told."""
    court = Court(program, deed, rounds)
    court.hear("event=judged")
    beats = court.counters()[1]["types"]["Witness"]["results"]
    court.until(lambda: court.counters()[1]["types"]["Witness"]["results"] > beats)
    court.end()
    here, elsewhere = court.counters()
    crashes = [line for line in court.of("crash") if _ENDLESS in line]
    equal("reports of a handler without end", len(crashes), rounds)
    for line in crashes:
        assert f"path=Root.Culprit#0 state=Culprit message={message} " in line, line
        assert re.search(r" stack=0x[0-9a-f]+", line) and "signal=" not in line, line
    equal("handlers_endless", here["handlers_endless"], rounds)
    equal("handlers_slow", here["handlers_slow"], rounds)
    equal("slow ones that were reported", len(court.of("slow_handler")), rounds)
    equal("memory_faults", here["memory_faults"], 0)
    equal("shard_restarts", here["shard_restarts"], 0)
    equal("endless handlers elsewhere", elsewhere["handlers_endless"], 0)
    assert here["pass_ns_max"] >= 200_000_000, here["pass_ns_max"]
    return court


def loop(patient: str, hasty: str, resting: str) -> None:
    """A handler that computes without end costs its isolate, and who waits for it is told."""
    court = _ended(patient, _LOOP)
    types = court.counters()[0]["types"]
    equal("crashed", types["Culprit"]["crashed"], 2)
    equal("restarted", types["Culprit"]["restarted"], 2)
    equal("calls behind it", types["Judge"]["call_dead"], 2)
    equal("crashes of others", sum(t["crashed"] for t in types.values()), 2)


def send(patient: str, hasty: str, resting: str) -> None:
    """One that sends without end is left between two sends: what was sent arrives, in order."""
    court = _ended(patient, _SEND)
    types = court.counters()[0]["types"]
    equal("notes", types["Reader"]["delivered"], types["Reader"]["accepted"])
    equal("readers that crashed", types["Reader"]["crashed"], 0)
    assert types["Reader"]["accepted"] >= 64, types["Reader"]


def allocate(patient: str, hasty: str, resting: str) -> None:
    """One that allocates without end leaves no lock behind."""
    _ended(patient, _ALLOCATE, rounds=10)


def leave(patient: str, hasty: str, resting: str) -> None:
    """One that computes without end while it handles an exception."""
    _ended(patient, _LEAVE)


def init(patient: str, hasty: str, resting: str) -> None:
    """An `init` that does not return is a failed start, and is tried again."""
    court = Court(patient, _INIT, 2)
    court.hear("event=judged")
    court.until(lambda: court.counters()[0]["handlers_endless"] == 2)
    court.end()
    crashes = [line for line in court.of("crash") if _ENDLESS in line]
    equal("reports", len(crashes), 2)
    assert all("path=Root.Culprit#0" in line and "message=init " in line for line in crashes)


def slow(patient: str, hasty: str, resting: str) -> None:
    """A slow handler is reported, each time, and goes on."""
    court = Court(patient, _SLOW, 3)
    court.hear("event=judged")
    court.end()
    here = court.counters()[0]
    lines = court.of("slow_handler")
    equal("reports", len(lines), 3)
    equal("handlers_slow", here["handlers_slow"], 3)
    for line in lines:
        found = re.search(
            r"level=warning .*path=Root\.Culprit#0 state=Culprit message=Act ms=(\d+) cpu_ms=(\d+)"
            r"( stack=0x[0-9a-f]+)?$",
            line,
        )
        assert found and int(found[1]) >= 40 and int(found[2]) <= int(found[1]), line
    equal("crashes", here["crashes"], 0)
    equal("answers", here["types"]["Judge"]["replied"], 3)


def block(patient: str, hasty: str, resting: str) -> None:
    """One that waits in the kernel is slow, and is not ended: it uses no processor time."""
    court = Court(patient, _BLOCK, 1)
    court.hear("event=slow_handler")
    court.hear("event=judged")
    court.end()
    equal("handlers_slow", court.counters()[0]["handlers_slow"], 1)
    equal("crashes", court.counters()[0]["crashes"], 0)


def stuck(patient: str, hasty: str, resting: str) -> None:
    """One that stays in a library may hold what others need: the process ends, and says so."""
    court = Court(patient, _STUCK, 1)
    court.end(_EMERGENCY)
    equal("lines", len(court.of("emergency")), 1)
    assert 'what="a handler does not return from a library"' in court.of("emergency")[0]
    assert " message=Act " in court.of("slow_handler")[0], "who it was"


def rest(patient: str, hasty: str, resting: str) -> None:
    """A shard that has nothing to do is not woken to be looked at."""
    court = Court(resting, _LOOP)
    court.hear("event=serving")
    court.until(lambda: court.counters()[0]["sleeps"] > 0)
    tasks = Path(f"/proc/{court.process.pid}/task").iterdir()
    shard = next(task for task in tasks if (task / "comm").read_text().startswith("tina-0"))

    def waits() -> int:
        found = re.search(
            r"^voluntary_ctxt_switches:\s*(\d+)", (shard / "status").read_text(), re.M
        )
        assert found
        return int(found[1])

    before = waits()
    latest = time.monotonic() + 0.3
    court.until(lambda: time.monotonic() > latest)
    # The last tick before it rested may come after the first look.
    assert waits() - before <= 1, f"{waits() - before} wakes of a shard that rests"
    court.end()


def thousands(patient: str, hasty: str, resting: str) -> None:
    """Thousands of endings, between whatever the runtime does, leave nothing behind."""
    for deed, rounds in ((_LOOP, 2000), (_SEND, 2000), (_ARM, 1000), (_TAKE, 1000)):
        court = Court(hasty, deed, rounds)
        court.hear("event=judged")
        court.end()
        here = court.counters()[0]
        equal("handlers_endless", here["handlers_endless"], rounds)
        equal("restarts", here["restarts"], rounds)
        equal("crashes", here["crashes"], rounds)
        equal("blobs that were not there", here["blobs_exhausted"], 0)
        equal("blobs", here["blobs_free"], 4)
        equal("reports and lost ones", len(court.of("crash")) + lost(court), rounds)


def lost(court: Court) -> int:
    """Reports of crashes that found no place: none, for the log is quicker than the endings."""
    return sum(int(m[1]) for m in re.finditer(r"event=log_lost lines=(\d+)", court.said))


PARTS = {
    part.__name__: part
    for part in (loop, send, allocate, init, slow, block, stuck, leave, rest, thousands)
}

if __name__ == "__main__":
    try:
        PARTS[sys.argv[1]](*sys.argv[2:])
    finally:
        for process in STARTED:
            process.kill()  # one that has ended does not mind
