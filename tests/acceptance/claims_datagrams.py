# SPDX-License-Identifier: Apache-2.0
"""Claims about datagrams: each is answered whole and to its own asker, with few buffers. What a UDP
echo server costs beside raw ones is a row of bench/runner/limits.py."""

from __future__ import annotations

from functools import partial

from claims import claim, scripted

from dev_tasks.console import ROOT

_PROGRAM = ROOT / "build" / "gcc" / "tests" / "systems" / "datagrams" / "system_datagrams"
_SCRIPT = ROOT / "tests" / "shards" / "datagrams.py"

for _text, _part, _quiet in (
    ("ten UDP sockets rest, and share four receive buffers", "answers", "all are answered"),
    ("each of many sockets hears its own answers", "strangers", "own answers"),
    ("datagrams of every size", "sizes", "whole, the empty one too"),
    ("datagrams in batches: 64 askers, each hears its own answers", "crowd", "3200 answers"),
    ("an oversized datagram is cut off, and says so", "cut_off", "never beyond the buffer"),
    ("a burst of 20 000 datagrams costs datagrams alone", "storm", "answers after it"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _SCRIPT, _part, (_PROGRAM,), _quiet)
    )
