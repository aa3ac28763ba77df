# SPDX-License-Identifier: Apache-2.0
"""Claims about files: what is acknowledged stays, and what reads, writes and group commits cost
beside a bare io_uring loop on the same file system."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

sys.path.insert(0, str(ROOT / "bench"))

from runner import catalogue, judge, measure
from runner.gaps import GAPS
from runner.limits import LIMIT_ROWS, LimitRow
from runner.rows import OURS

_PROGRAM = ROOT / "build" / "gcc" / "tests" / "systems" / "logbook" / "system_logbook"
_SCRIPT = ROOT / "tests" / "shards" / "logbooks.py"

for _text, _part, _quiet in (
    ("records that were acknowledged are there after a kill", "killed", "10 kills, none lost"),
    ("a record that was written in part is cut off", "torn", "and nothing else"),
    ("a file at its limit of size refuses, and goes on", "no_room", "kept + refused = sent"),
    ("a full disk refuses, and what is there is read back", "full_disk", "kept = read back"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _SCRIPT, _part, (_PROGRAM,), _quiet)
    )


def _file_row(row: LimitRow) -> Figure:
    """Judged as by `./dev bench`; the text says on which file system."""
    bench = measure.Bench(ROOT / "build" / "gcc", Path(), catalogue.QUICK, lambda _: None)
    cells, record = judge.limit_record(row, judge.limit_row(bench, row))
    problems = record.values["problems"]
    require(not problems, "; ".join(f"{name}: {why}" for name, why in problems.items()))
    figure = record.values["figures"][OURS]
    text = f"{cells[1]}, {cells[2]}, on {record.values['where']}"
    return Figure(figure, text, record.verdict == "held")


# What a disk, or whoever else has the processor, takes away is not ours: with --slow only.
for _row in (row for row in LIMIT_ROWS if row.where):
    claim(
        f"files, {_row.title}",
        target=f">= {_row.factor:g} x {_row.versus}",
        slow=True,
        gap=GAPS.get(_row.name, ""),
    )(partial(_file_row, _row))
