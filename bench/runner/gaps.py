# SPDX-License-Identifier: Apache-2.0
"""Targets that are not met, and why: what stands here is known, what is missed besides is news.

By the name of the row, as in rows.py and limits.py. A cause goes when its row is held.
"""

from __future__ import annotations

GAPS: dict[str, str] = {
    "call_one": "600 instructions, of which 200 are those of two batches that no other call shares",
    "call": "390 instructions of two dispatches, a record and an answer, where 20 ns pay for 250",
    "timer_arm": "the timers beside it in its bucket are two misses that nothing fetches ahead",
    "wake": "io_uring's way out of the kernel and cold caches; 4 us are ours, the probe only reads",
}


def gap_of(name: str, verdict: str) -> str:
    """Why a row is missed; empty if it is not, or if nobody knows."""
    return GAPS.get(name, "") if verdict == "MISSED" else ""


def gap_notes(verdicts: list[tuple[str, str]]) -> tuple[str, ...]:
    """A line under the table for each row that is missed and has a cause."""
    stated = [(name, gap_of(name, verdict)) for name, verdict in verdicts]
    return tuple(f"{name} is missed: {cause}" for name, cause in stated if cause)
