# SPDX-License-Identifier: Apache-2.0
"""What the figures mean: medians, ratios, held or missed; as tables and records."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from . import catalogue
from .catalogue import TcpRow
from .draw import Table
from .gaps import gap_notes
from .machine import Place
from .measure import Series
from .record import Record
from .rows import CAF, CONTENDERS, ERLANG, OURS, PROBE, MessageRow


def median(series: Series, key: str) -> float | None:
    """The median of a (dotted) key over the samples, None if there are none."""
    if series.problem or not series.samples:
        return None
    value: Any
    values = []
    for sample in series.samples:
        value = sample
        for part in key.split("."):
            value = value[part]
        values.append(float(value))
    return statistics.median(values)


def _cell(series: Series, value: float | None, form: str = "{:.1f}") -> str:
    return form.format(value) if value is not None else (series.problem or "-")


def _ratio(part: float | None, whole: float | None) -> str:
    return f"{part / whole:.2f}" if part is not None and whole else "-"


def _word(held: bool | None) -> str:
    return "-" if held is None else "held" if held else "MISSED"


def message_record(
    row: MessageRow, outcome: dict[str, Series], declared_mib: float | None
) -> tuple[tuple[str, ...], Record]:
    """The cells and the record of one message benchmark."""
    medians = {name: median(series, "ns_per_operation") for name, series in outcome.items()}
    ours, floor = medians[OURS], medians.get(PROBE)
    limit = row.demand.limit(floor)
    held = None if ours is None or limit is None else ours <= limit
    demand = row.demand.text()
    if limit is not None and limit != row.demand.ns:
        demand += f" = {limit:.1f}" if row.demand.floor_ns is None else f" (or {limit:.1f})"
    peak_kib = median(outcome[OURS], "peak_kib")
    peak_mib = None if peak_kib is None else peak_kib / 1024
    cells = (
        row.title,
        *(_contender(outcome, medians, name) for name in CONTENDERS),
        _ratio(ours, medians.get(ERLANG)),
        _ratio(ours, medians.get(CAF)),
        _ratio(ours, floor),
        demand,
        _word(held),
        "-" if peak_mib is None else f"{peak_mib:.0f}",
        "-" if declared_mib is None else f"{declared_mib:.1f}",
    )
    values = {
        "ns_per_operation": medians,
        "demand": row.demand.text(),
        "limit_ns": limit,
        "peak_mib": peak_mib,
        "declared_mib": declared_mib,
        "samples": _samples(outcome),
        "problems": _problems(outcome),
    }
    return cells, Record(row.name, _word(held), values)


def _contender(outcome: dict[str, Series], medians: dict[str, float | None], name: str) -> str:
    return _cell(outcome[name], medians[name]) if name in outcome else "-"


def message_table(
    rows: Sequence[tuple[str, ...]], records: Sequence[Record], cache_line_ns: float | None
) -> Table:
    """The table of the message benchmarks."""
    notes = [
        "held: at most the target, or (in brackets) the target scaled by what the probe takes now; "
        "present memory is the whole process's, declared what its shards take by their budget",
        *gap_notes([(record.benchmark, record.verdict) for record in records]),
    ]
    if cache_line_ns is not None:
        notes.append(
            f"a cache line's round trip between the two processors: {cache_line_ns:.0f} ns"
        )
    return Table(
        "messages, ns per operation (medians)",
        (
            "workload",
            *CONTENDERS,
            "of Erlang",
            "of CAF",
            "of probe",
            "target",
            "",
            "MiB present",
            "declared",
        ),
        tuple(rows),
        tuple(notes),
    )


def better_raw(outcome: dict[str, Series]) -> float | None:
    """Requests per second of the better raw server, None if neither ran."""
    raws = [median(series, "requests_per_s") for name, series in outcome.items() if name != OURS]
    known = [value for value in raws if value is not None]
    return max(known) if known else None


def tcp_record(row: TcpRow, outcome: dict[str, Series]) -> tuple[tuple[str, ...], Record]:
    """The cells and the record of one closed-loop TCP row."""
    medians = {name: median(series, "requests_per_s") for name, series in outcome.items()}
    ours, raw = medians[OURS], better_raw(outcome)
    held: bool | None = None
    demands = []
    if row.requests_per_s is not None:
        demands.append(f">= {row.requests_per_s / 1000:.0f}k")
        held = None if ours is None else ours >= row.requests_per_s
    if row.share is not None:
        demands.append(f">= {row.share:.2f} x")
        if ours is not None and raw is not None:
            held = held is not False and ours >= row.share * raw
    busy = max(
        (
            value
            for series in outcome.values()
            if (value := median(series, "generator_busy")) is not None
        ),
        default=0.0,
    )
    server_ns = [
        f"{value:.0f}" if (value := median(series, "server_ns_per_request")) is not None else "-"
        for series in outcome.values()
    ]
    p99 = [
        f"{value:.0f}" if (value := median(series, "latency_us.p99")) is not None else "-"
        for series in outcome.values()
    ]
    title = f"{row.connections} x {row.depth}" + (
        f" (raw spins {row.raw_spin_us} us)" if row.raw_spin_us else ""
    )
    cells = (
        title,
        *(
            _cell(outcome[name], None if value is None else value / 1000, "{:.1f}k")
            for name, value in medians.items()
        ),
        _ratio(ours, raw),
        " and ".join(demands),
        _word(held),
        " / ".join(p99),
        " / ".join(server_ns),
        f"{busy:.0%}",
    )
    values = {
        "requests_per_s": medians,
        "better_raw": raw,
        "share": row.share,
        "samples": _samples(outcome),
        "problems": _problems(outcome),
    }
    return cells, Record(f"tcp_echo_{row.name}", _word(held), values)


def tcp_table(rows: Sequence[tuple[str, ...]], disturbed: int) -> Table:
    """The table of the closed-loop TCP rows."""
    notes = [
        "server on CPU 0, generator on CPU 1; a generator near 100 % busy, with a server that "
        "is not, sets the limit itself"
    ]
    if disturbed:
        notes.append(f"{disturbed} rounds ran although a CPU was being taken away")
    return Table(
        f"TCP echo, {catalogue.PAYLOAD_BYTES} B, requests/s (medians of alternating rounds)",
        (
            "connections x depth",
            *catalogue.SERVERS,
            "of better raw",
            "target",
            "",
            "p99 us (tina / epoll / uring)",
            "server CPU ns/request",
            "generator busy",
        ),
        tuple(rows),
        tuple(notes),
    )


def open_loop_table(rate: float, outcome: dict[str, Series]) -> tuple[Table, Record]:
    """The open-loop table: latency from the scheduled time at one fixed rate."""
    keys = ("p50", "p99", "p999", "p9999", "max")
    figures = {
        name: {key: median(series, f"latency_us.{key}") for key in keys}
        for name, series in outcome.items()
    }
    ours = figures[OURS]["p999"]
    raws = [
        value["p999"]
        for name, value in figures.items()
        if name != OURS and value["p999"] is not None
    ]
    best = min((value for value in raws if value is not None), default=None)
    held = None if ours is None or best is None else ours <= catalogue.OPEN_LOOP_P999_MAX * best
    rows = tuple(
        (
            name,
            *(_cell(outcome[name], figures[name][key]) for key in keys),
            _ratio(figures[name]["p999"], best),
            _word(held) if name == OURS else "",
        )
        for name in outcome
    )
    table = Table(
        f"TCP echo, open loop at {rate:.0f} requests/s, {catalogue.OPEN_LOOP_ROW.connections} "
        "connections, latency in us from the scheduled time",
        ("server", "p50", "p99", "p99.9", "p99.99", "max", "p99.9 of best raw", ""),
        rows,
        (f"target: p99.9 <= {catalogue.OPEN_LOOP_P999_MAX} x the better raw server",),
    )
    values = {
        "rate": rate,
        "latency_us": figures,
        "samples": _samples(outcome),
        "problems": _problems(outcome),
    }
    return table, Record("tcp_echo_open_loop", _word(held), values)


def machine_table(place: Place, probes: dict[str, Series]) -> Table:
    """Where the figures come from, and what the bare machine does right now."""
    rows = [(key, str(value)) for key, value in place.as_json().items()]
    for name, series in probes.items():
        if series.problem or not series.samples:
            rows.append((name, series.problem or "-"))
            continue
        text = ", ".join(
            f"{key} {value:g}"
            for key, value in series.samples[-1].items()
            if isinstance(value, (int, float))
        )
        rows.append((name, text))
    return Table("where", ("", ""), tuple(rows))


def _samples(outcome: dict[str, Series]) -> dict[str, list[dict[str, Any]]]:
    return {name: series.samples for name, series in outcome.items()}


def _problems(outcome: dict[str, Series]) -> dict[str, str]:
    return {name: series.problem for name, series in outcome.items() if series.problem}
