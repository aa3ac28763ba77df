# SPDX-License-Identifier: Apache-2.0
"""Claims about floods: nothing is lost uncounted, and everybody gets a share."""

from __future__ import annotations

import subprocess
import sys

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

_FLOOD = ROOT / "tests" / "shards" / "flood.py"
_LIMIT_S = 120


def _flood(part: str, program: str) -> Figure:
    built = ROOT / "build" / "gcc" / "tests" / "shards" / program
    require(built.is_file(), f"{built} is not built: ./dev build")
    command = [sys.executable, str(_FLOOD), part, str(built), "none"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_LIMIT_S, cwd=ROOT
    )
    said = done.stdout + done.stderr
    last = said.strip().splitlines()[-1] if said.strip() else "every sum adds up"
    return Figure(done.returncode, last, done.returncode == 0)


@claim("10 million messages to a slow receiver on another shard", target="each accounted for")
def ten_million_are_accounted_for() -> Figure:
    return _flood("ten_million", "flood_wide")


@claim("counts add up whenever somebody looks during a flood", target="40 looks, all")
def counts_add_up_at_any_moment() -> Figure:
    return _flood("sample", "flood")


@claim("saturated types share calls by their weights", target="1 to 3, within 5 %")
def types_share_by_weight() -> Figure:
    return _flood("weights", "fair_run")


@claim("one shard that cannot start says why and ends the program", target="at once, status 1")
def a_shard_that_cannot_start() -> Figure:
    return _flood("fail_to_boot", "flood")
