# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks: ours, the peer and the floor in turn, pinned, and prints the tables.

    .venv/bin/python bench/run.py --build-dir build/gcc
    .venv/bin/python bench/run.py --build-dir build/gcc --quick --only tcp

Every row is also appended to bench/results/ with machine, kernel, compiler and commit. The command
lines and targets are in runner/: catalogue.py, rows.py, limits.py and tcp_rows.py. Exit status: 0
if everything ran (held or missed), 1 if --strict and a target was missed or a program was not
there, 2 for a bad command line.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent))

from runner import (
    catalogue,
    draw,
    judge,
    limits,
    machine,
    measure,
    proxy,
    report,
    serve,
    tcp,
    tcp_rows,
)
from runner.record import Record, keep
from runner.rows import MESSAGE_ROWS, TWO_CPUS

Cells = tuple[str, ...]


class Named(Protocol):
    """A row of one of the tables."""

    @property
    def name(self) -> str:
        """As in `--rows`."""


Row = TypeVar("Row", bound=Named)

BENCH = Path(__file__).resolve().parent
GROUPS = ("messages", "limits", "tcp", "open_loop", "proxy", "probes")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; a bad one ends the program with status 2."""
    parser = argparse.ArgumentParser(description="run the benchmarks and print the tables")
    parser.add_argument("--build-dir", type=Path, default=BENCH.parent / "build" / "gcc")
    parser.add_argument("--only", choices=GROUPS, action="append", help="one group; repeatable")
    parser.add_argument("--rows", help="comma-separated row names, such as 50x1,ring")
    parser.add_argument("--quick", action="store_true", help="few, short rounds: a look, no claim")
    parser.add_argument("--rounds", type=int, help="rounds of every row")
    parser.add_argument("--seconds", type=float, help="seconds per TCP measurement")
    parser.add_argument("--results", type=Path, default=BENCH / "results")
    parser.add_argument("--no-keep", action="store_true", help="do not append to the results")
    parser.add_argument("--strict", action="store_true", help="status 1 unless all are held")
    options = parser.parse_args(arguments)
    if not options.build_dir.is_dir():
        parser.error(f"no build directory {options.build_dir}: build first, or say --build-dir")
    return options


def chosen_effort(options: argparse.Namespace) -> catalogue.Effort:
    """How much to measure, from the options."""
    effort = catalogue.QUICK if options.quick else catalogue.FULL
    if options.rounds:
        effort = replace(effort, message_rounds=options.rounds, tcp_rounds=options.rounds)
    if options.seconds:
        effort = replace(effort, tcp_seconds=options.seconds)
    if options.rows:
        effort = replace(effort, rows=frozenset(options.rows.split(",")))
    return effort


def wanted(effort: catalogue.Effort, name: str) -> bool:
    """True if the row was asked for, by name or by asking for nothing in particular."""
    return not effort.rows or name in effort.rows


def run_messages(bench: measure.Bench) -> list[Record]:
    """Messages, calls, lives and crashes, beside Erlang, CAF and the floor probes."""
    rows, records = [], []
    two_cpus = False
    for row in MESSAGE_ROWS:
        if wanted(bench.effort, row.name):
            outcome = measure.message_row(bench, row)
            declared = measure.declared_mib(bench, row)
            cells, record = report.message_record(row, outcome, declared)
            rows.append(cells)
            records.append(record)
            two_cpus = two_cpus or row.cpus == TWO_CPUS
    if rows:
        line = measure.probe(bench, catalogue.CACHE_LINE_PROBE, None) if two_cpus else None
        trip = None if line is None else report.median(line, "ns_per_round_trip")
        draw.show(report.message_table(rows, records, trip))
    return records


def run_rows(
    bench: measure.Bench, rows: Iterable[Row], measured: Callable[[Row], tuple[Cells, Record]]
) -> tuple[list[Cells], list[Record]]:
    """The cells and records of the rows that were asked for."""
    both = [measured(row) for row in rows if wanted(bench.effort, row.name)]
    return [cells for cells, _ in both], [record for _, record in both]


def run_limits(bench: measure.Bench) -> list[Record]:
    """Rows with one figure and one limit: time, rest, load and size."""
    rows, records = run_rows(
        bench, limits.LIMIT_ROWS, lambda row: judge.limit_record(row, judge.limit_row(bench, row))
    )
    if rows:
        draw.show(judge.limit_table(rows, records))
    return records


def run_tcp(bench: measure.Bench) -> list[Record]:
    """TCP echo in a closed loop, beside the raw servers."""
    rates: list[Cells] = []
    rows: list[Cells] = []
    records: list[Record] = []
    for row in tcp_rows.TCP_ROWS:
        if wanted(bench.effort, row.name):
            outcome = serve.tcp_row(bench, row)
            if not row.rival:  # nobody else ran there
                rates.append(tcp.rates_of(row, outcome))
            for demand in row.demands:
                cells, record = tcp.record_of(row, demand, outcome)
                rows.append(cells)
                records.append(record)
    if rates:
        draw.show(tcp.rate_table(rates, bench.disturbed_rounds))
    if rows:
        draw.show(tcp.demand_table(rows, records))
    return records


def run_open_loop(bench: measure.Bench) -> list[Record]:
    """First what the raw servers do in a closed loop, now; then everybody at a share of that."""
    row = tcp_rows.OPEN_LOOP_ROW
    short = replace(bench, effort=replace(bench.effort, tcp_rounds=min(3, bench.effort.tcp_rounds)))
    raw = {name: row.servers[name] for name in tcp_rows.RAW}
    outcome = serve.tcp_row(short, replace(row, servers=raw))
    best = tcp.better_raw(outcome)
    if best is None:
        return []
    rate = tcp_rows.OPEN_LOOP_LOAD * (report.median(outcome[best], "requests_per_s") or 0)
    table, record = tcp.open_loop_table(rate, serve.tcp_row(bench, row, rate))
    draw.show(table)
    return [record]


def run_proxy(bench: measure.Bench) -> list[Record]:
    """The TCP proxy beside that of nginx."""
    rows, records = run_rows(
        bench, proxy.PROXY_ROWS, lambda row: proxy.proxy_record(row, proxy.proxy_row(bench, row))
    )
    if rows:
        draw.show(proxy.proxy_table(rows, bench.disturbed_rounds))
    return records


def run_probes(bench: measure.Bench, place: machine.Place) -> list[Record]:
    """The machine as it is now: spin checks, cache line, fault."""
    probes = {
        f"spin check, CPU {cpu}": measure.probe(bench, catalogue.SPIN_CHECK, cpu)
        for cpu in (catalogue.SERVER_CPU, catalogue.LOAD_CPU)
    }
    probes["cache-line round trip"] = measure.probe(bench, catalogue.CACHE_LINE_PROBE, None)
    probes["SIGSEGV and back"] = measure.probe(bench, catalogue.FAULT_PROBE, catalogue.SERVER_CPU)
    draw.show(report.machine_table(place, probes))
    return [Record("probes", "-", {name: series.samples for name, series in probes.items()})]


def main(arguments: list[str]) -> int:
    """Runs the chosen groups and returns the exit status."""
    options = parse(arguments)
    effort = chosen_effort(options)
    groups = options.only or list(GROUPS)
    place = machine.describe(options.build_dir, BENCH.parent)

    def note(text: str) -> None:
        print(f"bench: {text}", file=sys.stderr, flush=True)

    verdicts = []
    with measure.erlang_directory(BENCH / "peers" / "erlang" / "tina_peer.erl") as erlang:
        bench = measure.Bench(options.build_dir, erlang, effort, note)
        steps: dict[str, Callable[[], list[Record]]] = {
            "probes": partial(run_probes, bench, place),
            "messages": partial(run_messages, bench),
            "limits": partial(run_limits, bench),
            "tcp": partial(run_tcp, bench),
            "open_loop": partial(run_open_loop, bench),
            "proxy": partial(run_proxy, bench),
        }
        for group, step in steps.items():
            if group not in groups:
                continue
            for row in step():
                verdicts.append(row)
                if not options.no_keep:
                    effort_name = "quick" if options.quick else "full"
                    keep(row, place, effort_name, options.results)
    judged = [record for record in verdicts if record.benchmark != "probes"]
    held = sum(record.verdict == "held" for record in judged)
    missed = sum(record.verdict == "MISSED" for record in judged)
    print(f"\n{held} held, {missed} missed, {len(judged) - held - missed} without a figure of ours")
    return 1 if options.strict and held < len(judged) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        sys.exit(130)
