# SPDX-License-Identifier: Apache-2.0
"""Runs the rows of limits.py, contenders in turn, and says which limits were held."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from .draw import Table
from .gaps import gap_notes
from .limits import LimitRow
from .measure import Bench, Series, take
from .record import Record
from .rows import OURS

_PICKS: dict[str, Callable[[Iterable[float]], float]] = {
    "median": statistics.median,
    "min": min,
    "max": max,
}


def limit_row(bench: Bench, row: LimitRow) -> dict[str, Series]:
    """All contenders of one row, in turn, round by round."""
    outcome = {name: Series() for name in row.commands}
    rounds = max(min(bench.effort.message_rounds, row.rounds_max), row.rounds_min)
    for round_number in range(rounds):
        bench.note(f"{row.name}: round {round_number + 1} of {rounds}")
        for name, command in row.commands.items():
            take(outcome[name], partial(bench.run_json, command, row.cpu))
    return outcome


def _figure(row: LimitRow, series: Series) -> float | None:
    if series.problem or not series.samples:
        return None
    return float(_PICKS[row.pick](float(sample[row.key]) for sample in series.samples))


def limit_of(row: LimitRow, figures: dict[str, float | None]) -> float | None:
    """What the row's figure is held against, None if what it depends on has no figure."""
    if row.versus:
        other = figures[row.versus]
        return None if other is None else row.factor * other
    probe = figures.get("probe")
    if row.target is None or row.floor is None or probe is None:
        return row.target
    return max(row.target, row.target / row.floor * probe)


def _where(row: LimitRow, outcome: dict[str, Series]) -> str:
    """Where all of its samples were taken, if the row tells that."""
    if not row.where:
        return ""
    places = {str(one[row.where]) for series in outcome.values() for one in series.samples}
    return ", ".join(sorted(places))


def _beside(name: str, ours: float | None, figure: float | None) -> str:
    """The other contender's figure, and ours as a multiple of it."""
    if figure is None:
        return ""
    return f"{name} {figure:.4g}" + (f" (x {ours / figure:.2f})" if ours and figure else "")


def limit_record(row: LimitRow, outcome: dict[str, Series]) -> tuple[tuple[str, ...], Record]:
    """The cells and the record of one row."""
    figures = {name: _figure(row, series) for name, series in outcome.items()}
    ours, limit = figures[OURS], limit_of(row, figures)
    verdict = "-"
    if ours is not None and limit is not None:
        verdict = "held" if (ours >= limit if row.at_least else ours <= limit) else "MISSED"
    other = next((name for name in figures if name != OURS), "")
    beside = figures.get(other)
    sign = ">=" if row.at_least else "<="
    where = _where(row, outcome)
    cells = (
        f"{row.title}, {where}" if where else row.title,
        f"{ours:.4g} {row.unit}" if ours is not None else outcome[OURS].problem,
        _beside(other, ours, beside) or (outcome[other].problem if other else ""),
        f"{sign} {limit:.4g}" if limit is not None else "-",
        verdict,
    )
    values = {
        "figures": figures,
        "limit": limit,
        "unit": row.unit,
        "where": where,
        "samples": {name: series.samples for name, series in outcome.items()},
        "problems": {name: series.problem for name, series in outcome.items() if series.problem},
    }
    return cells, Record(row.name, verdict, values)


def limit_table(rows: Sequence[tuple[str, ...]], records: Sequence[Record]) -> Table:
    """The table of all rows that were run."""
    return Table(
        "time, rest, load and size",
        ("what", "tina", "beside it", "limit", ""),
        tuple(rows),
        (
            "a probe of the same run raises a limit by what it needs more than the prototype's did",
            *gap_notes([(record.benchmark, record.verdict) for record in records]),
        ),
    )
