# SPDX-License-Identifier: Apache-2.0
"""What the figures of the TCP echo rows mean: rates, ratios, costs; held or missed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from .draw import Table
from .gaps import gap_notes
from .measure import Series
from .record import Record
from .report import cell, median, problems_of, ratio, samples_of, verdict
from .rows import OURS
from .tcp_rows import (
    OPEN_LOOP_P999_MAX,
    OPEN_LOOP_ROW,
    OURS_EPOLL,
    PAYLOAD_BYTES,
    RAW,
    RAW_EPOLL,
    RAW_URING,
    SERVERS,
    TcpDemand,
    TcpRow,
)

Outcome = dict[str, Series]
Cells = tuple[str, ...]

_RATE = "requests_per_s"
_CPU = "server_ns_per_request"


def better_raw(outcome: Outcome) -> str | None:
    """The raw server with the higher rate, None if neither ran."""
    rates = {name: median(outcome[name], _RATE) for name in RAW if name in outcome}
    known = {name: rate for name, rate in rates.items() if rate is not None}
    return max(known, key=lambda name: known[name]) if known else None


def _by_round(
    outcome: Outcome, one: str, other: str | None, key: str, what: Callable[[float, float], float]
) -> float | None:
    """The median over the rounds of something between two servers that ran side by side: what
    drifts from round to round drifts for both."""
    if other is None or outcome[one].problem or outcome[other].problem:
        return None
    pairs = zip(outcome[one].samples, outcome[other].samples, strict=True)
    values = [what(float(mine[key]), float(its[key])) for mine, its in pairs]
    return statistics.median(values) if values else None


def _served(outcome: Outcome) -> float | None:
    """Connections of the worst round that were opened and answered to the end, on either
    backend."""
    samples = [sample for name in (OURS, OURS_EPOLL) for sample in outcome[name].samples]
    served = [
        sample["totals"]["connections_opened"] - sample["lost"]["total"] if sample["ok"] else 0
        for sample in samples
    ]
    return min(served) if served and not problems_of(outcome) else None


def figure(outcome: Outcome, measure: str) -> float | None:
    """One figure of a row, None if somebody who is needed for it did not run."""
    match measure:
        case "rate":
            return median(outcome[OURS], _RATE)
        case "share":
            return _by_round(outcome, OURS, better_raw(outcome), _RATE, lambda a, b: a / b)
        case "epoll_share":
            return _by_round(outcome, OURS_EPOLL, RAW_EPOLL, _RATE, lambda a, b: a / b)
        case "cost_ns":
            return _by_round(outcome, OURS, RAW_URING, _CPU, lambda a, b: a - b)
        case "system_calls":
            return median(outcome[OURS], "system_calls_per_request")
        case "served":
            return _served(outcome)
        case "growth_kib":
            return median(outcome[OURS], "growth_kib")
    raise ValueError(measure)


def record_of(row: TcpRow, demand: TcpDemand, outcome: Outcome) -> tuple[Cells, Record]:
    """The line and the record of one demand."""
    value = figure(outcome, demand.measure)
    raw = median(outcome[RAW_URING], _RATE) if RAW_URING in outcome else None
    limit = demand.limit_today(raw)
    word = verdict(demand.held(value, raw))
    first = demand == row.demands[0]
    values = {
        "figure": value,
        "limit": limit,
        "requests_per_s": {name: median(series, _RATE) for name, series in outcome.items()},
        # Once per row: they are long.
        "samples": samples_of(outcome) if first else {},
        "problems": problems_of(outcome),
    }
    shown = "-" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    allowed = f" (or {limit:.0f})" if limit != demand.limit else ""
    cells = (_title(row), demand.title, shown, f"{demand.text()}{allowed}", word)
    return cells, Record(f"tcp_echo_{row.name}{demand.name}", word, values)


def _title(row: TcpRow) -> str:
    spins = f" (raw spins {row.raw_spin_us} us)" if row.raw_spin_us else ""
    half = " (half a processor)" if row.rival else ""
    return f"{row.connections} x {row.depth}{spins}{half}"


def _in_turn(outcome: Outcome, key: str) -> str:
    return " / ".join(
        f"{value:.0f}" if (value := median(series, key)) is not None else "-"
        for series in outcome.values()
    )


def rates_of(row: TcpRow, outcome: Outcome) -> Cells:
    """The cells of one row of the table of rates."""
    rates = {name: median(series, _RATE) for name, series in outcome.items()}
    best = better_raw(outcome)
    busy = [median(series, "generator_busy") for series in outcome.values()]
    return (
        _title(row),
        *(
            cell(outcome[name], None if rate is None else rate / 1000, "{:.1f}k")
            for name, rate in rates.items()
        ),
        ratio(rates[OURS], None if best is None else rates[best]),
        _in_turn(outcome, "latency_us.p99"),
        _in_turn(outcome, _CPU),
        _in_turn(outcome, "server_peak_mib"),
        f"{max((value for value in busy if value is not None), default=0.0):.0%}",
    )


def rate_table(rows: Sequence[Cells], disturbed: int) -> Table:
    """The table of what everybody did."""
    notes = [
        "server on CPU 0, generator on CPU 1; a generator near 100 % busy, with a server that "
        "is not, sets the limit itself",
        f"in turn: {', '.join(SERVERS)}",
    ]
    if disturbed:
        notes.append(f"{disturbed} rounds ran although a CPU was being taken away")
    return Table(
        f"TCP echo, {PAYLOAD_BYTES} B, requests/s (medians of alternating rounds)",
        (
            "connections x depth",
            *SERVERS,
            "of better raw",
            "p99 us",
            "server CPU ns/request",
            "peak MiB",
            "generator busy",
        ),
        tuple(rows),
        tuple(notes),
    )


def demand_table(rows: Sequence[Cells], records: Sequence[Record]) -> Table:
    """The table of what is demanded."""
    return Table(
        "TCP echo, demands (ratios and differences: medians over the rounds)",
        ("connections x depth", "what", "figure", "limit", ""),
        tuple(rows),
        (
            "in brackets: the limit scaled by what the raw io_uring server does now",
            *gap_notes([(record.benchmark, record.verdict) for record in records]),
        ),
    )


def _least_tail(series: Series) -> float | None:
    """The p99.9 of the round that was disturbed least, None if there was none."""
    tails = [float(sample["latency_us"]["p999"]) for sample in series.samples]
    return min(tails) if tails and not series.problem else None


def open_loop_table(rate: float, outcome: Outcome) -> tuple[Table, Record]:
    """The open-loop table: latency from the scheduled time at one fixed rate."""
    keys = ("p50", "p99", "p999", "p9999", "max")
    figures = {
        name: {
            **{key: median(series, f"latency_us.{key}") for key in keys},
            "p999_least": _least_tail(series),
        }
        for name, series in outcome.items()
    }
    raws = [figures[name]["p999_least"] for name in RAW]
    best = min((value for value in raws if value is not None), default=None)
    ours = figures[OURS]["p999_least"]
    held = None if ours is None or best is None else ours <= OPEN_LOOP_P999_MAX * best
    record = Record(
        "tcp_echo_open_loop",
        verdict(held),
        {
            "rate": rate,
            "latency_us": figures,
            "samples": samples_of(outcome),
            "problems": problems_of(outcome),
        },
    )
    rows = tuple(
        (
            name,
            *(cell(outcome[name], figures[name][key]) for key in (*keys, "p999_least")),
            ratio(figures[name]["p999_least"], best),
            record.verdict if name == OURS else "",
        )
        for name in outcome
    )
    table = Table(
        f"TCP echo, open loop at {rate:.0f} requests/s, {OPEN_LOOP_ROW.connections} connections, "
        "latency in us from the scheduled time",
        ("server", "p50", "p99", "p99.9", "p99.99", "max", "least p99.9", "of best raw", ""),
        rows,
        (
            f"target: least p99.9 <= {OPEN_LOOP_P999_MAX} x the better raw server's",
            "a machine that stops a processor adds to a tail and never takes from one: the least",
            "of all rounds is what the server does; the other columns are medians of the rounds",
            *gap_notes([(record.benchmark, record.verdict)]),
        ),
    )
    return table, record
