# SPDX-License-Identifier: Apache-2.0
"""Claims about connections that are accepted on one shard and served on another."""

from __future__ import annotations

from functools import partial

from claims import claim, scripted

from dev_tasks.console import ROOT

_PROGRAM = ROOT / "build" / "gcc" / "tests" / "systems" / "switchboard" / "system_switchboard"
_SCRIPT = ROOT / "tests" / "shards" / "handover.py"

for _text, _part, _quiet in (
    ("connections are served on other shards than their listener's", "serve", "all of 60"),
    ("what no desk takes is closed and counted", "storm", "1200 calls, no descriptor left"),
    ("a stop finds the connections that are in messages", "drain", "exit status 0"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _SCRIPT, _part, (_PROGRAM,), _quiet)
    )
