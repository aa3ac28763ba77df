# SPDX-License-Identifier: Apache-2.0
"""Runs the two roles of flood.tina, and of routed.tina, as programs that must keep promises.

Usage: flood.py PART FLOOD FAR, where PART is one of the functions below and FLOOD and FAR are the
two programs. Prints what went wrong and fails, or prints nothing.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LIMIT_S = 40
_SHARDS = 3


class Server:
    """A flood that runs until it is told to stop, and what it then has said and counted."""

    def __init__(self, program: str, *options: str, shards: int = _SHARDS) -> None:
        """Starts it and waits until all of its shards serve."""
        self.page = tempfile.NamedTemporaryFile(suffix=".page")  # noqa: SIM115
        command = [program, "run", "--counters", self.page.name, *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.program = program
        assert self.process.stderr is not None
        self.said = ""
        while self.said.count("event=serving") < shards:
            line = self.process.stderr.readline()
            assert line, "it ended before it served:\n" + self.said
            self.said += line

    def affinities(self) -> list[str]:
        """The processors to which each of its threads is held."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/status")
        found = [re.search(r"Cpus_allowed_list:\s*(\S+)", t.read_text()) for t in tasks]
        return [match[1] for match in found if match]

    def stop(self) -> int:
        """Drains it; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Waits until it has ended; its exit status."""
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        return self.process.wait(timeout=_LIMIT_S)

    def until(self, reached: Callable[[], bool]) -> None:
        """Waits until its counters say so; looking at them is all that passes the time."""
        latest = time.monotonic() + _LIMIT_S
        while not reached():
            assert time.monotonic() < latest, "the counters never said so:\n" + self.said
            assert self.process.poll() is None, "it ended:\n" + self.said

    def said_of(self, event: str, field: str) -> int:
        """The sum of a field over all lines of an event."""
        lines = [line for line in self.said.split("\n") if f"event={event} " in line]
        return sum(int(m[1]) for line in lines if (m := re.search(rf" {field}=(\d+)", line)))

    def page_now(self) -> Any:
        """The counters of all shards."""
        command = [self.program, "counters", self.page.name, "--json"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return json.loads(text)["shards"]

    def shards(self, role: str) -> list[dict[str, int]]:
        """The counters of a role's shards, with the sums over their isolate types among them."""
        found = []
        for shard in self.page_now():
            if shard["role"] == role:
                sums = Counter[str]()
                for type_ in shard.pop("types").values():
                    sums.update(type_)
                found.append(dict(sums) | shard)
        return found


def total(shards: list[dict[str, int]], *counters: str) -> int:
    """The sum of counters over shards."""
    return sum(shard[counter] for shard in shards for counter in counters)


def equal(what: str, one: int, other: int) -> None:
    """Two figures that must be one."""
    assert one == other, f"{what}: {one} and {other}"


def account(flood: str, far: str) -> None:
    """Each job and each answer is found again, though most of them find no place."""
    _account(Server(flood), 1)


def ten_million(wide: str, far: str) -> None:
    """The same for ten million jobs put into rings, whose receivers are slow."""
    _account(Server(wide, "--burst", "2000", "--work", "2000"), 10_000_000)


def _account(server: Server, jobs: int) -> None:
    def flooded() -> bool:
        front, back = server.shards("front"), server.shards("back")
        refused = total(front, "ring_refused") and total(back, "refused_full")
        enough = total(front, "remote_sent") >= jobs and total(back, "delivered") > 1000
        return bool(refused) and enough

    server.until(flooded)
    equal("exit status", server.stop(), 0)
    front, back = server.shards("front"), server.shards("back")
    assert len(front) == 1 and len(back) == 2
    for one, other, event in ((front, back, "pumped"), (back, front, "milled")):
        equal(
            f"{event}: queued, in rings", server.said_of(event, "queued"), total(one, "remote_sent")
        )
        equal(f"{event}: sent, taken", total(one, "remote_sent"), total(other, "remote_taken"))
        taken = total(other, "accepted", "refused_full", "refused_dead")
        equal(f"{event}: taken, accounted for", total(other, "remote_taken"), taken)
        equal(
            f"{event}: accepted, delivered or dropped",
            total(other, "accepted"),
            total(other, "delivered", "stale"),
        )
    both = front + back
    equal("shed, known to who sent it", total(both, "remote_shed"), total(both, "remote_lost"))
    assert total(front, "remote_lost") > 0, "nothing was shed"
    equal("ring_full", server.said_of("pumped", "ring_full"), total(front, "ring_refused"))
    equal("answers", server.said_of("pumped", "answers"), total(front, "delivered"))
    assert total(front, "ring_refused") and total(back, "refused_full"), "it did not flood"
    assert total(back, "delivered") > 1000


def sample(flood: str, far: str) -> None:
    """Whenever somebody looks while it floods, each shard's counts add up."""
    server = Server(flood)
    taken_before, looks = 0, 0

    def looked_often() -> bool:
        nonlocal taken_before, looks
        shards = server.shards("front") + server.shards("back")
        for one in shards:
            parts = ("delivered", "rejected", "expired", "stale", "waiting", "queued")
            equal("accepted", one["accepted"], total([one], *parts))
            ends = ("accepted", "shed", "rejected", "notes")
            taken = total([one], *(f"remote_{end}" for end in ends))
            equal("taken from rings", one["remote_taken"], taken)
        looks += total(shards, "remote_taken") > taken_before
        taken_before = total(shards, "remote_taken")
        return looks >= 40 and total(shards, "remote_shed") > 0

    server.until(looked_often)
    equal("exit status", server.stop(), 0)


def weights(fair: str, far: str) -> None:
    """On three real shards, types that always have messages share calls by their weights."""
    server = Server(fair, "--run")
    server.until(lambda: all(s["types"]["Light"]["delivered"] > 200_000 for s in server.page_now()))
    for shard in server.page_now():
        light, heavy = (shard["types"][name]["delivered"] for name in ("Light", "Heavy"))
        assert abs(heavy - 3 * light) < 0.05 * heavy, f"{heavy} to {light}"
    equal("exit status", server.stop(), 0)


def restart(restarts: str, far: str) -> None:
    """A shard with memory faults comes back three times; the other one hears of it and goes on."""
    server = Server(restarts, shards=2)
    server.until(lambda: total(server.shards("main"), "call_quarantined") >= 5)
    equal("exit status", server.stop(), 0)
    both = server.shards("main")
    equal("restarts", total(both, "shard_restarts"), 3)
    equal("phase of the shard that faults", max(shard["phase"] for shard in both), 6)
    assert "event=heard_restart " in server.said and "event=heard_quarantine " in server.said
    ended, other = sorted(both, key=lambda shard: -int(shard["phase"]))
    equal("sent by the one that ended, taken", ended["remote_sent"], other["remote_taken"])
    # Its peer may have called it once more before it heard of the end.
    unread = other["remote_sent"] - ended["remote_taken"]
    assert 0 <= unread <= 4, f"{unread} unread of a caller that has 4 calls under way at most"
    ends = [name for name in both[0] if name.startswith("call_")]
    come_to = total(both, "replied", "timed_out", "abandoned", "outstanding", *ends)
    equal("calls, ended", total(both, "calls"), come_to)
    taken = total(both, "delivered", "rejected", "expired", "stale")
    equal("accepted, accounted for", total(both, "accepted"), taken)
    assert total(both, "replied") > 0, "how many depends on the machine's other work"


def place(flood: str, far: str) -> None:
    """`core` is where the shard runs, or one line says why it cannot."""
    server = Server(flood)
    held = server.affinities()
    equal("exit status", server.stop(), 0)
    usable = os.sched_getaffinity(0)
    if 0 not in usable:
        return
    alone = held.count("0") == 1 + (2 if len(usable) == 1 else 0)
    assert alone, f"the threads are held to {held}"
    assert ("event=processors_shared" in server.said) == (len(usable) < _SHARDS)
    refused([far, "run"], "role `front` wants processor 1000 and this machine has")
    if len(usable) > 1:
        others = ",".join(str(cpu) for cpu in usable - {0})
        refused(["taskset", "-c", others, flood, "run"], "which this process may not use")
    refused([flood, "run", "--shards", "2"], "the roles of the spec need at least 3")
    refused([flood, "run", "--shards", "4"], "at most 3")


def refused(command: list[str], words: str) -> None:
    """A command that ends with one line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    said = done.stderr
    assert done.returncode > 0 and said.count("\n") == 1 and words in said, (done.returncode, said)


def configure(flood: str, far: str) -> None:
    """A configuration file sets values, the command line wins, and a mistake is one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flood.conf"
        path.write_text("# a quiet one\n\n  burst = 0   # none\nwork=1\n")
        server = Server(flood, f"--config={path}")
        server.until(lambda: total(server.shards("front"), "results") > 10)
        equal("exit status", server.stop(), 0)
        equal("jobs", server.said_of("pumped", "queued"), 0)
        louder = Server(flood, "--config", str(path), "--burst", "1")
        louder.until(lambda: total(louder.shards("back"), "delivered") > 0)
        equal("exit status", louder.stop(), 0)
        assert louder.said_of("pumped", "queued") > 0
        for text, words in (
            (
                "burst = 1\nbrust = 2\n",
                ":2: the program has no config value `brust`; it has broken, burst, fault, work",
            ),
            ("burst = many\n", ":1: `burst` cannot be `many`"),
            ("burst\n", ":1: `burst` is not of the form `name = value`"),
            ("shards = 3\n", ":1: the program has no config value `shards`"),
        ):
            path.write_text(text)
            refused([flood, "run", "--config", str(path)], words)
        refused([flood, "run", "--config", folder + "/none"], "cannot be read")


def contain(flood: str, far: str) -> None:
    """`memory_fault shard`: a fault in a handler restarts its shard, and no other. One that goes on
    faulting is out of service after three times; the program serves on with the rest."""
    server = Server(flood, "--fault", "20")
    server.until(lambda: all(shard["phase"] == 6 for shard in server.shards("back")))
    equal("phase of the shard without faults", server.shards("front")[0]["phase"], 2)
    equal("exit status", server.stop(), 0)
    equal("restarts", server.said.count("event=shard_restarts "), 6)
    equal("quarantined", server.said.count("event=shard_quarantined "), 2)
    # Of the two mills of a shard only the first to fault still runs.
    equal("faults", len(re.findall(r"event=crash .*signal=SIGSEGV", server.said)), 8)


def fail_to_boot(flood: str, far: str) -> None:
    """One shard that cannot start says why and ends the program at once, the others with it."""
    begun = time.monotonic()
    command = [flood, "run", "--broken", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    assert time.monotonic() - begun < 5, "it took its time"
    assert done.returncode == 1, f"status {done.returncode}:\n{done.stderr}"
    crashes = [line for line in done.stderr.split("\n") if "event=crash" in line]
    assert crashes and all("shard=2 " in line and "told not to start" in line for line in crashes)
    assert "path=BackRoot.Mill#0" in crashes[0] and "message=init" in crashes[0]
    assert "event=ended status=1" in done.stderr


def simulate(flood: str, far: str) -> None:
    """One seed is one history, of three shards, with crashes and without a lost message."""
    hashes = []
    for seed in ("1", "1", "2", "3"):
        command = [flood, "simulate", "--seed", seed, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        run = json.loads(done.stdout)
        equal("shards", run["shards"], _SHARDS)
        assert run["messages_delivered"] > 100
        hashes.append(run["trace_hash"])
    assert hashes[0] == hashes[1] and len(set(hashes)) == 3, hashes


def route(routed: str, far: str) -> None:
    """Each key goes to one of four places and is found there; a broadcast reaches all four."""
    server = Server(routed)
    assert server.process.stderr is not None
    while "event=stored" not in server.said or server.said.count("event=flushed ") < 4:
        line = server.process.stderr.readline()
        assert line, "it ended before all was stored:\n" + server.said
        server.said += line
    equal("exit status", server.stop(), 0)
    equal("keys", server.said_of("stored", "keys"), 100)
    equal("places that answered, as bits", server.said_of("stored", "places"), 0b1111)
    equal("places that were told to flush", server.said_of("stored", "flushed"), 4)
    equal("places that did flush", server.said.count("event=flushed "), 4)
    equal("puts", server.said_of("flushed", "puts"), 100)
    equal("calls that failed", server.said_of("stored", "failed"), 0)
    assert "event=crash" not in server.said


def route_crashes(routed: str, far: str) -> None:
    """A client that crashes as often as it may sends its casts again, and each arrives once."""
    fault, lives = 30, 6
    server = Server(routed, "--fault", str(fault))
    assert server.process.stderr is not None
    while "event=shard_quarantined" not in server.said:
        line = server.process.stderr.readline()
        assert line, "it ended before its client had given up:\n" + server.said
        server.said += line
    server.until(lambda: total(server.shards("back"), "delivered") >= lives * (2 * fault - 1))
    equal("exit status", server.stop(), 0)
    equal("crashes", server.said.count('reason="told to"'), lives)
    equal("puts", server.said_of("held", "puts"), lives * fault)
    equal("keys", server.said_of("held", "keys"), fault)
    assert set(re.findall(r" most=(\d+)", server.said)) == {str(lives)}, server.said


def simulate_routes(routed: str, far: str) -> None:
    """Calls and casts by route run deterministically on three simulated shards."""
    hashes = []
    for seed in ("1", "1", "2"):
        command = [routed, "simulate", "--seed", seed, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        hashes.append(json.loads(done.stdout)["trace_hash"])
    assert hashes[0] == hashes[1] != hashes[2], hashes


_PARTS: dict[str, Callable[[str, str], None]] = {
    part.__name__: part
    for part in (
        account,
        ten_million,
        sample,
        weights,
        place,
        configure,
        contain,
        fail_to_boot,
        simulate,
        route,
        route_crashes,
        simulate_routes,
        restart,
    )
}

if __name__ == "__main__":
    _PARTS[sys.argv[1]](*sys.argv[2:])
