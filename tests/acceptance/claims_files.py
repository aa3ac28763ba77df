# SPDX-License-Identifier: Apache-2.0
"""Claims about files: what is acknowledged stays. What reads, writes and group commits cost beside
a bare io_uring loop is rows of bench/runner/limits.py."""

from __future__ import annotations

from functools import partial

from claims import claim, scripted

from dev_tasks.console import ROOT

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
