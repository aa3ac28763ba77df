# SPDX-License-Identifier: Apache-2.0
"""Claims about time, rest, load and size: one for each row of bench/runner/limits.py."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

sys.path.insert(0, str(ROOT / "bench"))

from runner import catalogue, judge, measure
from runner.gaps import GAPS
from runner.limits import LIMIT_ROWS, LimitRow
from runner.rows import OURS

# What a busy machine cannot change: these are measured each time, the others with --slow.
_EXACT = frozenset({"bytes", "bytes_child", "flood", "overload", "size", "size_type"})


def _target(row: LimitRow) -> str:
    sign = ">=" if row.at_least else "<="
    if row.versus:
        return f"{sign} {row.factor:g} x {row.versus}"
    return f"{sign} {row.target:g} {row.unit}"


def _measure(row: LimitRow) -> Figure:
    """The row's figure in three rounds, judged as `./dev bench` judges it."""
    require((os.cpu_count() or 1) > 1 or row.name != "wake", "two processors are needed")
    bench = measure.Bench(ROOT / "build" / "gcc", Path(), catalogue.QUICK, lambda _: None)
    outcome = judge.limit_row(bench, row)
    cells, record = judge.limit_record(row, outcome)
    problems = record.values["problems"]
    require(not problems, "; ".join(f"{name}: {why}" for name, why in problems.items()))
    value = record.values["figures"][OURS]
    where = f"on {record.values['where']}" if row.where else ""
    shown = ", ".join(cell for cell in (*cells[1:4], where) if cell)
    return Figure(value, shown, record.verdict == "held")


# A row without a limit is shown by `./dev bench`, and claims nothing.
for _row in (row for row in LIMIT_ROWS if row.versus or row.target is not None):
    _slow, _gap = _row.name not in _EXACT, GAPS.get(_row.name, "")
    claim(_row.title, target=_target(_row), slow=_slow, gap=_gap)(partial(_measure, _row))
