# SPDX-License-Identifier: Apache-2.0
"""Claims about what moves without a copy: connections between shards, files to sockets."""

from __future__ import annotations

from functools import partial

from claims import claim, scripted

from dev_tasks.console import ROOT

_PROGRAM = ROOT / "build" / "gcc" / "tests" / "systems" / "switchboard" / "system_switchboard"
_SCRIPT = ROOT / "tests" / "shards" / "handover.py"

_PAGES = ROOT / "build" / "gcc" / "tests" / "systems" / "pages" / "system_pages"
_FETCHING = ROOT / "tests" / "shards" / "pages.py"

for _text, _part, _quiet in (
    ("connections are served on other shards than their listener's", "serve", "all of 60"),
    ("what no desk takes is closed and counted", "storm", "1200 calls, no descriptor left"),
    ("a stop finds the connections that are in messages", "drain", "exit status 0"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _SCRIPT, _part, (_PROGRAM,), _quiet)
    )

for _text, _part, _quiet in (
    ("pages go from their files to curl", "fetch", "0 B to 24 MiB, many on a connection"),
    ("visitors that take nothing hold up nobody", "slow", "24 of them, 4 threads"),
    ("a page that becomes shorter is cut off", "shrink", "and its visitor sees it"),
    ("visitors that leave leave nothing behind", "leave", "200, no descriptor left"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _FETCHING, _part, (_PAGES,), _quiet)
    )
