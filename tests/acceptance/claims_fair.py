# SPDX-License-Identifier: Apache-2.0
"""Claims about floods: nothing is lost uncounted, and everybody gets a share."""

from __future__ import annotations

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT

_FLOOD = ROOT / "tests" / "shards" / "flood.py"


def _flood(part: str, program: str) -> Figure:
    built = ROOT / "build" / "gcc" / "tests" / "shards" / program
    return scripted(_FLOOD, part, [built], "every sum adds up", "none")


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
