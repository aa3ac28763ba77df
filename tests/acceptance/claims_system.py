# SPDX-License-Identifier: Apache-2.0
"""Claims about what the operating system tells and gives a process: signals, standard streams."""

from __future__ import annotations

from functools import partial

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT

_SHARDS = ROOT / "tests" / "shards"
_SYSTEMS = ROOT / "build" / "gcc" / "tests" / "systems"


def _part(script: str, system: str, part: str, quiet: str) -> Figure:
    program = _SYSTEMS / system / f"system_{system}"
    return scripted(_SHARDS / script, part, (program,), quiet)


for _text, _script, _system, _name, _quiet in (
    ("each signal is told to each who declares it", "signals.py", "reload", "each", "each, once"),
    ("a storm of 20 000 signals", "signals.py", "reload", "storm", "no crash, none forgotten"),
    ("10 000 crashes leave no descriptor", "signals.py", "reload", "restarts", "as many as fresh"),
    ("a filter loses nothing in pipes", "streams.py", "filter", "pipes", "0 to 5 000 000 bytes"),
    ("a terminal works line by line", "streams.py", "filter", "terminal", "and Ctrl-D ends it"),
    ("a silent input holds no shutdown up", "streams.py", "filter", "silence", "ended at once"),
    ("shared descriptors stay as they were", "streams.py", "filter", "shared_flags", "flags, open"),
    ("output and log in one pipe", "streams.py", "filter", "whole_lines", "every line is whole"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(_part, _script, _system, _name, _quiet)
    )
