# SPDX-License-Identifier: Apache-2.0
"""Claims about what is around a process: signals, standard streams, datagrams, names."""

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
    (
        "datagrams of many strangers",
        "datagrams.py",
        "datagrams",
        "strangers",
        "own answers",
    ),
    ("datagrams of every size", "datagrams.py", "datagrams", "sizes", "whole, the empty one too"),
    ("datagrams that are too long", "datagrams.py", "datagrams", "cut_off", "cut off, and said so"),
    ("a burst of datagrams", "datagrams.py", "datagrams", "storm", "costs some, not the isolate"),
    (
        "a DNS server that lies harms nobody",
        "lookups.py",
        "names",
        "spoiled",
        "300 names",
    ),
    (
        "10 000 clients that crash while they ask",
        "lookups.py",
        "names",
        "crashes",
        "nothing is left",
    ),
    ("no DNS server is a result at once", "lookups.py", "names", "vanished", "within 5 s"),
    ("named pipes lose nothing", "postbox.py", "postbox", "letters", "1 to 3 000 000 bytes"),
    (
        "readers of a named pipe come and go",
        "postbox.py",
        "postbox",
        "readers_come_and_go",
        "what waits is kept",
    ),
    ("output and log in one pipe", "streams.py", "filter", "whole_lines", "every line is whole"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(_part, _script, _system, _name, _quiet)
    )
