# SPDX-License-Identifier: Apache-2.0
"""Claims about what is around a process: signals, standard streams, named pipes, names."""

from __future__ import annotations

from functools import partial

from claims import claim, scripted

from dev_tasks.console import ROOT

_SHARDS = ROOT / "tests" / "shards"
_SYSTEMS = ROOT / "build" / "gcc" / "tests" / "systems"

# By script and system: the claim, the part of the script that shows it, and what holds then.
_PARTS = {
    ("signals.py", "reload"): (
        ("each signal is told to each who declares it", "each", "each, once"),
        ("a storm of 20 000 signals", "storm", "no crash, none forgotten"),
        ("10 000 crashes leave no descriptor", "restarts", "as many as fresh"),
    ),
    ("streams.py", "filter"): (
        ("a filter loses nothing in pipes", "pipes", "0 to 5 000 000 bytes"),
        ("a terminal works line by line", "terminal", "and Ctrl-D ends it"),
        ("a silent input holds no shutdown up", "silence", "ended at once"),
        ("shared descriptors stay as they were", "shared_flags", "flags, open"),
        ("output and log in one pipe", "whole_lines", "every line is whole"),
    ),
    ("lookups.py", "names"): (
        ("a DNS server that lies harms nobody", "spoiled", "300 names"),
        ("10 000 clients that crash while they ask", "crashes", "nothing is left"),
        ("no DNS server is a result at once", "vanished", "within 5 s"),
    ),
    ("postbox.py", "postbox"): (
        ("named pipes lose nothing", "letters", "1 to 3 000 000 bytes"),
        ("readers of a named pipe come and go", "readers_come_and_go", "what waits is kept"),
    ),
}

for (_script, _system), _parts in _PARTS.items():
    _program = _SYSTEMS / _system / f"system_{_system}"
    for _text, _part, _quiet in _parts:
        claim(f"{_text} (both backends)", target="no trouble")(
            partial(scripted, _SHARDS / _script, _part, (_program,), _quiet)
        )
