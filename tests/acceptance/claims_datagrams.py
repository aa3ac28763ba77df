# SPDX-License-Identifier: Apache-2.0
"""Claims about datagrams: each is answered whole and to its own asker, with few buffers, and what a
UDP echo server costs beside raw ones."""

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

_PROGRAM = ROOT / "build" / "gcc" / "tests" / "systems" / "datagrams" / "system_datagrams"
_SCRIPT = ROOT / "tests" / "shards" / "datagrams.py"

for _text, _part, _quiet in (
    ("ten UDP sockets rest, and share four receive buffers", "answers", "all are answered"),
    ("datagrams in batches: 64 askers, each hears its own answers", "crowd", "3200 answers"),
    ("an oversized datagram is cut off, and says so", "cut_off", "never beyond the buffer"),
    ("a burst of 20 000 datagrams costs datagrams alone", "storm", "answers after it"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _SCRIPT, _part, (_PROGRAM,), _quiet)
    )


def _udp_row(row: LimitRow) -> Figure:
    """Judged as by `./dev bench`."""
    bench = measure.Bench(ROOT / "build" / "gcc", Path(), catalogue.QUICK, lambda _: None)
    cells, record = judge.limit_record(row, judge.limit_row(bench, row))
    problems = record.values["problems"]
    require(not problems, "; ".join(f"{name}: {why}" for name, why in problems.items()))
    return Figure(
        record.values["figures"][OURS], f"{cells[1]}, {cells[2]}", record.verdict == "held"
    )


# Both servers and the load want a processor of their own: with --slow only.
for _row in (row for row in LIMIT_ROWS if row.name.startswith("udp")):
    claim(
        f"{_row.title} ({_row.name})",
        target=f">= {_row.factor:g} x {_row.versus}",
        slow=True,
        gap=GAPS.get(_row.name, ""),
    )(partial(_udp_row, _row))
