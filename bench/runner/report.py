# SPDX-License-Identifier: Apache-2.0
"""What the figures mean: medians, ratios, held or missed; as tables and records."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

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


def cell(series: Series, value: float | None, form: str = "{:.1f}") -> str:
    """A figure as text, or why there is none."""
    return form.format(value) if value is not None else (series.problem or "-")


def ratio(part: float | None, whole: float | None) -> str:
    """A part of a whole, to two places."""
    return f"{part / whole:.2f}" if part is not None and whole else "-"


def verdict(held: bool | None) -> str:
    """The word of the last column."""
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
        ratio(ours, medians.get(ERLANG)),
        ratio(ours, medians.get(CAF)),
        ratio(ours, floor),
        demand,
        verdict(held),
        "-" if peak_mib is None else f"{peak_mib:.0f}",
        "-" if declared_mib is None else f"{declared_mib:.1f}",
    )
    values = {
        "ns_per_operation": medians,
        "demand": row.demand.text(),
        "limit_ns": limit,
        "peak_mib": peak_mib,
        "declared_mib": declared_mib,
        "samples": samples_of(outcome),
        "problems": problems_of(outcome),
    }
    return cells, Record(row.name, verdict(held), values)


def _contender(outcome: dict[str, Series], medians: dict[str, float | None], name: str) -> str:
    return cell(outcome[name], medians[name]) if name in outcome else "-"


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


def samples_of(outcome: dict[str, Series]) -> dict[str, list[dict[str, Any]]]:
    """What every contender measured."""
    return {name: series.samples for name, series in outcome.items()}


def problems_of(outcome: dict[str, Series]) -> dict[str, str]:
    """Who has no figure, and why."""
    return {name: series.problem for name, series in outcome.items() if series.problem}
