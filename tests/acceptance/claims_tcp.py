# SPDX-License-Identifier: Apache-2.0
"""Claims about TCP: one for each demand of bench/runner/tcp_rows.py, and about connections that
rest."""

from __future__ import annotations

import os
import resource
import socket
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import Server, binary, require, total
from dev_tasks.load import run_load, summary

sys.path.insert(0, str(ROOT / "bench"))

from runner import catalogue, measure, report, serve, tcp
from runner.gaps import GAPS
from runner.tcp_rows import (
    OPEN_LOOP_LOAD,
    OPEN_LOOP_P999_MAX,
    OPEN_LOOP_ROW,
    RAW,
    TCP_ROWS,
    TcpDemand,
    TcpRow,
)

# What a busy machine cannot change is measured each time, the rest with --slow.
_EXACT = frozenset({"served", "growth_kib"})
_IDLE = 2000  # twice the receive buffers of bench_crowd
_BUSY = 50


def _bench() -> measure.Bench:
    require((os.cpu_count() or 1) > 1, "two processors are needed")
    effort = replace(catalogue.QUICK, tcp_rounds=7, quiet_tries=5)
    return measure.Bench(ROOT / "build" / "gcc", Path(), effort, lambda _: None)


@cache
def _outcome(number: int) -> tcp.Outcome:
    """All servers of a row in turn, once for all of its demands."""
    return serve.tcp_row(_bench(), TCP_ROWS[number])


def _measure(number: int, demand: TcpDemand) -> Figure:
    row = TCP_ROWS[number]
    cells, record = tcp.record_of(row, demand, _outcome(number))
    problems = record.values["problems"]
    require(not problems, "; ".join(f"{name}: {why}" for name, why in problems.items()))
    return Figure(record.values["figure"], cells[2], record.verdict == "held")


def _text(row: TcpRow, demand: TcpDemand) -> str:
    return f"TCP, {row.connections} connections x {row.depth}: {demand.title}"


for _number, _row in enumerate(TCP_ROWS):
    for _demand in _row.demands:
        _gap = GAPS.get(f"tcp_echo_{_row.name}{_demand.name}", "")
        _slow = _demand.measure not in _EXACT
        _register = claim(_text(_row, _demand), target=_demand.text(), slow=_slow, gap=_gap)
        _register(partial(_measure, _number, _demand))


@claim(
    "TCP, open loop at 70 % load: least p99.9 beside the better raw server's",
    target=f"<= {OPEN_LOOP_P999_MAX} x",
    slow=True,
    gap=GAPS.get("tcp_echo_open_loop", ""),
)
def open_loop_keeps_its_tail() -> Figure:
    bench = _bench()
    raw = replace(OPEN_LOOP_ROW, servers={name: OPEN_LOOP_ROW.servers[name] for name in RAW})
    closed = serve.tcp_row(bench, raw)
    best = tcp.better_raw(closed)
    require(best is not None, "no raw server ran")
    assert best is not None
    rate = OPEN_LOOP_LOAD * (report.median(closed[best], "requests_per_s") or 0)
    _, record = tcp.open_loop_table(rate, serve.tcp_row(bench, OPEN_LOOP_ROW, rate))
    tails = {name: figures["p999_least"] for name, figures in record.values["latency_us"].items()}
    text = ", ".join(f"{name} {tail:.0f} us" for name, tail in tails.items() if tail is not None)
    return Figure(rate, f"{text} at {rate:.0f}/s", record.verdict == "held")


def _rest_beside_others(backend: str) -> Figure:
    """More connections that say nothing than there are receive buffers, and some that do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _IDLE + 256
    require(wanted <= hard, f"{wanted} descriptors are needed: raise `ulimit -n`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    program = binary("gcc/bench/crowd/bench_crowd")
    with (
        Server(1, program, options=("--backend", backend)) as server,
        ExitStack() as open_connections,
    ):
        idle = [
            open_connections.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=10)
            )
            for _ in range(_IDLE)
        ]
        report_of_load = run_load(server.port, connections=_BUSY, seconds=1)
        for client in (idle[0], idle[-1]):
            client.sendall(b"still here")
            require(client.recv(64) == b"still here", "an idle connection is not served any more")
        parked = total(server.counters(), "reads_parked")
        text = f"{summary(report_of_load)}; {parked} reads waited for a buffer"
        return Figure(_IDLE, text, bool(report_of_load["ok"]) and server.alive())


for _backend in ("io_uring", "epoll"):
    claim(
        f"{_IDLE} idle connections beside 1000 receive buffers starve nobody, {_backend}",
        target="all bytes",
    )(partial(_rest_beside_others, _backend))
