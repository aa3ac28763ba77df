# SPDX-License-Identifier: Apache-2.0
"""`./dev demo`: the echo server under load while its isolates crash, as a live table and a summary.

One connection in a hundred sends a poison, again and again: its handler dereferences null. At the
end the Listener is poisoned too. The demo fails if any other connection loses a byte, or if a
crash is not accounted for. It ends by itself; Ctrl-C ends it early and cleanly.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from dev_tasks.console import ROOT, say
from dev_tasks.echo_server import Server, Trouble, echo_binary, require, total
from dev_tasks.load import finish_load, run_load, start_load

SPEC = ROOT / "examples" / "tcp_echo" / "echo.tina"
LISTENER_POISON = "127.6.6.6"

_INTERRUPTED = 130
_PATH = re.compile(r"\bpath=(\S+)")
_COLUMNS = ("time", "requests/s", "p50 us", "p99 us", "p99.9 us", "crashes", "restarts", "lost")
_WIDTH = 11
_EXAMPLES_MAX = 3


def run_demo(arguments: Sequence[str]) -> int:
    """Show spec, budget, live table and summary; 0 if everything was as promised."""
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the load (20)")
    parser.add_argument("--connections", type=int, default=200, help="connections (200)")
    options = parser.parse_args(list(arguments))
    try:
        _show_spec_and_budget()
        with Server(shards=2) as server:
            return _show(server, options.seconds, options.connections)
    except Trouble as trouble:
        say(f"\ndemo: {trouble}")
        return 1


def _show_spec_and_budget() -> None:
    say(f"\n--- {SPEC.relative_to(ROOT)}: all that the generator needs to know\n")
    say(SPEC.read_text(encoding="utf-8").rstrip())
    say("\n--- tcp_echo budget: every byte that it will ever use\n")
    command = [str(echo_binary()), "budget"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    require(result.returncode == 0, f"tcp_echo budget: {result.stderr.strip()[:100]}")
    say(result.stdout.rstrip())


def _show(server: Server, seconds: float, connections: int) -> int:
    """The part with the server running."""
    say(f"\n--- port {server.port}, two shards; one connection in a hundred crashes\n")
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
    listener = "" if interrupted else _crash_the_listener(server)
    counters = server.counters()
    status = server.stop()
    faults = _summary(server, report, counters, (before, after), listener)
    if status != 0:
        faults.append(f"the server ended with status {status}")
    say(f"  SIGTERM               drained, exit status {status}")
    for fault in faults:
        say(f"demo: NOT AS PROMISED: {fault}")
    if faults:
        return 1
    say("\ndemo: interrupted, everything was put away" if interrupted else "\ndemo: done")
    return _INTERRUPTED if interrupted else 0


def _live_table(server: Server, load: subprocess.Popen[str]) -> tuple[Any, bool]:
    """One row a second until the load ends; its report, and whether Ctrl-C ended it."""
    assert load.stdout is not None
    say("".join(f"{name:>{_WIDTH}}" for name in _COLUMNS))
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
    return "".join(f"{cell:>{_WIDTH}}" for cell in cells)


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
    return f"crashed, was restarted, bound again and served 2,000 requests in {milliseconds:.0f} ms"


def _summary(
    server: Server, report: Any, counters: Any, memory: tuple[int, int], listener: str
) -> list[str]:
    """Print the plain summary; what was not as promised."""
    totals, poison, lost = report["totals"], report["poison"], report["lost"]["total"]
    crashes, restarts = total(counters, "crashes"), total(counters, "restarts")
    allocations = counters["allocations_after_boot"]  # None: no guard counts them in this binary
    say("\n--- summary\n")
    say(f"  connections that died {poison['closed']} of {poison['sent']} poisoned, no other")
    for line in _who_crashed(server):
        say(f"                        {line}")
    say(
        f"  all others            {lost} lost, {totals['bytes_verified']:,} bytes verified, "
        f"{totals['bytes_mismatched']} wrong, {totals['bytes_unanswered']} missing"
    )
    if listener:
        say(f"  the Listener          {listener}")
    say(f"  crashes, restarts     {crashes:,} and {restarts:,}, by the server's own counters")
    before, after = (size / 2**20 for size in memory)
    say(f"  memory                {before:.1f} MiB before the load, {after:.1f} MiB after")
    counted = "not counted" if allocations is None else allocations
    say(f"  allocations           {counted} after boot")
    expected = poison["sent"] + bool(listener)
    checks = (
        (lost == 0, f"{lost} connections were lost that were not poisoned"),
        (totals["bytes_sent"] == totals["bytes_verified"], "not every byte came back"),
        (poison["sent"] == poison["closed"], "a poisoned connection was not closed"),
        (crashes == expected, f"{crashes} crashes counted, {expected} caused"),
        (allocations == 0, f"allocations after boot: {counted}"),
    )
    return [what for right, what in checks if not right]


def _who_crashed(server: Server) -> list[str]:
    """The crash reports in short: how many from where, and the first ones in full."""
    lines = server.lines("event=crash")
    paths = Counter(match[1].split("#")[0] for line in lines if (match := _PATH.search(line)))
    said = [f"{count:,} crash reports from {path}" for path, count in sorted(paths.items())]
    return said + [line[line.index("event=crash") :][:110] for line in lines[:_EXAMPLES_MAX]]
