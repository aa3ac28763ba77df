# SPDX-License-Identifier: Apache-2.0
"""`./dev demo`: the echo server under load while its isolates crash, as a live table and a summary.

One connection in a hundred sends a poison, again and again: its handler dereferences null. At the
end a Listener is poisoned too. The demo fails if any other connection loses a byte, if a crash is
not accounted for, or if the server allocated. It ends by itself; Ctrl-C ends it early and cleanly.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import subprocess
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dev_tasks.console import ROOT, say
from dev_tasks.echo_server import Server, Trouble, echo_binary, guarded_binary, require, total
from dev_tasks.load import finish_load, run_load, start_load

SPEC = ROOT / "examples" / "tcp_echo" / "echo.tina"
LISTENER_POISON = "127.6.6.6"
# All that the demo runs: who looks at it first should not wait for the tests to compile.
TARGETS = ("tcp_echo", "tcp_echo_guarded", "tina_load")

_INTERRUPTED = 130
_WIDTH = 110
_WHO = re.compile(r"\bshard=(?P<shard>\d+) .*\bpath=(?P<path>[^#\s]+)#(?P<slot>\d+)")
_SLOTS_SHOWN = 8
_COLUMNS = ("time", "requests/s", "p50 us", "p99 us", "p99.9 us", "crashes", "restarts", "lost")
_COLUMN = 11
_LABEL = 24


@dataclass(frozen=True, slots=True)
class _Ended:
    """What is known once the server has stopped."""

    report: Any
    counters: Any
    memory: tuple[int, int]
    listener: str
    status: int


def run_demo(arguments: Sequence[str]) -> int:
    """Show spec, budget, live table and summary; 0 if everything was as promised."""
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the load (20)")
    parser.add_argument("--connections", type=int, default=200, help="connections (200)")
    options = parser.parse_args(list(arguments))
    try:
        _show_spec_and_budget()
        with Server(shards=2, program=guarded_binary()) as server:
            return _show(server, options.seconds, options.connections)
    except Trouble as trouble:
        say(f"\ndemo: {trouble}")
        return 1


def _section(title: str, words: str) -> None:
    """A heading, and what happens under it and why, in words a newcomer knows."""
    say(f"\n--- {title}\n")
    say(textwrap.fill(words, _WIDTH) + "\n")


def _show_spec_and_budget() -> None:
    text = SPEC.read_text(encoding="utf-8").rstrip()
    name = SPEC.relative_to(ROOT)
    _section(
        f"1 of 4: the spec, {name}",
        f"These {len(text.splitlines())} lines declare the whole program. The generator checks "
        "them and writes the dispatch, the supervision tree and the memory layout; only the "
        "handlers are C++ by hand.",
    )
    say(text)
    _section(
        "2 of 4: the memory, `tcp_echo budget`",
        "Every byte of a shard has its place before the program starts, so it cannot run out of "
        "memory later. The compiler holds the total to the limit in the spec.",
    )
    command = [str(echo_binary()), "budget"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    require(result.returncode == 0, f"tcp_echo budget: {result.stderr.strip()[:100]}")
    say(result.stdout.rstrip())


def _show(server: Server, seconds: float, connections: int) -> int:
    """The part with the server running."""
    _section(
        f"3 of 4: {connections} connections for {seconds:.0f} s, and crashes on purpose",
        f"The server runs on two shards (port {server.port}, process {server.process.pid}). One "
        "connection in a hundred sends bytes at which its handler writes through a null pointer: "
        "that isolate ends and its client is cut off. `lost` counts everybody else who was; it "
        "must stay 0.",
    )
    before = server.resident_bytes()
    load = start_load(
        server.port,
        connections=connections,
        seconds=seconds,
        poison_per_10000=100,
        live=True,
        live_interval_ms=1000,
    )
    with load:
        try:
            report, interrupted = _live_table(server, load)
        finally:
            load.terminate()
    after = server.resident_bytes()
    if not interrupted:
        say("\n  Now one of the two Listeners gets its poison: its supervisor must restart it.")
    listener = "" if interrupted else _crash_the_listener(server)
    counters = server.counters()
    faults = _summary(server, _Ended(report, counters, (before, after), listener, server.stop()))
    for fault in faults:
        say(f"demo: NOT AS PROMISED: {fault}")
    if faults:
        return 1
    say("\ndemo: interrupted, everything was put away" if interrupted else "\ndemo: done")
    return _INTERRUPTED if interrupted else 0


def _live_table(server: Server, load: subprocess.Popen[str]) -> tuple[Any, bool]:
    """One row a second until the load ends; its report, and whether Ctrl-C ended it."""
    assert load.stdout is not None
    say("".join(f"{name:>{_COLUMN}}" for name in _COLUMNS))
    interrupted = False
    while True:
        try:
            for line in load.stdout:
                entry = json.loads(line)
                if not entry.get("live"):
                    return entry, interrupted
                say(_row(entry, server.counters()))
            return finish_load(load), interrupted
        except KeyboardInterrupt:
            require(not interrupted, "interrupted twice")
            interrupted = True
            say("  (interrupted: ending the load)")
            load.send_signal(signal.SIGINT)


def _row(entry: Any, counters: Any) -> str:
    latency = entry["latency_us"]
    cells = [
        f"{entry['t']:.0f} s",
        f"{entry['requests_per_s']:,.0f}",
        *(f"{latency[name]:,.0f}" for name in ("p50", "p99", "p999")),
        f"{total(counters, 'crashes'):,}",
        f"{total(counters, 'restarts'):,}",
        f"{entry['lost']}",
    ]
    return "".join(f"{cell:>{_COLUMN}}" for cell in cells)


def _crash_the_listener(server: Server) -> str:
    """Poison one shard's Listener, see it restarted and serving; what the summary says of it."""
    begin = time.monotonic()
    with socket.socket() as poison:
        poison.bind((LISTENER_POISON, 0))
        poison.settimeout(5)
        try:
            poison.connect(("127.0.0.1", server.port))
            closed = poison.recv(1) == b""
        except ConnectionResetError:
            closed = True
        except OSError as error:
            raise Trouble(f"the poisoned Listener's client: {error}") from None
    require(closed, "the Listener took its poison and answered")
    report = run_load(server.port, connections=20, requests=2000)
    require(bool(report["ok"]), "the restarted Listener does not serve")
    milliseconds = 1000 * (time.monotonic() - begin)
    return f"crashed too, was restarted, and 2,000 requests later {milliseconds:.0f} ms had passed"


def _summary(server: Server, ended: _Ended) -> list[str]:
    """Print the plain summary; what was not as promised."""
    totals, poison, lost = (ended.report[name] for name in ("totals", "poison", "lost"))
    crashes, restarts = total(ended.counters, "crashes"), total(ended.counters, "restarts")
    allocations = ended.counters["allocations_after_boot"]
    before, after = (size / 2**20 for size in ended.memory)
    _section(
        "4 of 4: what became of everybody",
        "The clients' own accounts beside the server's counters and crash reports.",
    )
    wrong, missing = totals["bytes_mismatched"], totals["bytes_unanswered"]
    _line("connections that died", f"{poison['closed']} of the {poison['sent']} poisoned")
    _line("all the others", f"{lost['total']} lost; {totals['bytes_verified']:,} bytes came back")
    _line("", f"and were compared: {wrong} wrong, {missing} missing")
    if ended.listener:
        _line("one of the Listeners", ended.listener)
    _line("crashes, restarts", f"{crashes:,} and {restarts:,}, by the server's counters")
    for what in _who_crashed(server):
        _line("", what)
    for number, piece in enumerate(_example(server)):
        _line("" if number else "the last crash report", piece)
    _line("memory", f"{before:.1f} MiB before the load, {after:.1f} MiB after")
    _line("allocations after boot", str(allocations))
    _line("SIGTERM", f"drained, exit status {ended.status}")
    expected = poison["sent"] + bool(ended.listener)
    checks = (
        (lost["total"] == 0, f"{lost['total']} connections were lost that were not poisoned"),
        (totals["bytes_sent"] == totals["bytes_verified"], "not every byte came back"),
        (poison["sent"] == poison["closed"], "a poisoned connection was not closed"),
        (crashes == expected, f"{crashes} crashes counted, {expected} caused"),
        (restarts == bool(ended.listener), f"{restarts} restarts counted"),
        (allocations == 0, f"allocations after boot: {allocations}"),
        (ended.status == 0, f"the server ended with status {ended.status}"),
    )
    return [what for right, what in checks if not right]


def _line(label: str, words: str) -> None:
    say(f"  {label:<{_LABEL}}{words}")


def _who_crashed(server: Server) -> list[str]:
    """The crash reports in short: how many of which type and shard, and the first slots."""
    slots: dict[tuple[str, str], list[str]] = {}
    for line in server.lines("event=crash"):
        match = _WHO.search(line)
        if match:
            slots.setdefault((match["shard"], match["path"]), []).append("#" + match["slot"])
    said = []
    for (shard, path), numbers in sorted(slots.items()):
        more = " …" if len(numbers) > _SLOTS_SHOWN else ""
        shown = " ".join(numbers[:_SLOTS_SHOWN]) + more
        said.append(f"{len(numbers):,} reports from {path} of shard {shard}: {shown}")
    return said


def _example(server: Server) -> list[str]:
    """One crash report in full, as the server's log has it, without its time."""
    lines = server.lines("event=crash")
    if not lines:
        return []
    words = lines[-1][lines[-1].index("event=crash") :]
    return textwrap.wrap(words, _WIDTH - _LABEL, break_long_words=False, break_on_hyphens=False)
