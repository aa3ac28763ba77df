# SPDX-License-Identifier: Apache-2.0
"""Claims about handlers that do not return: what they cost, and whom."""

from __future__ import annotations

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT

_ENDLESS = ROOT / "tests" / "endless" / "endless.py"


def _endless(part: str) -> Figure:
    built = ROOT / "build" / "gcc" / "tests" / "endless"
    programs = [built / f"endless_{name}" for name in ("patient", "hasty", "resting")]
    return scripted(_ENDLESS, part, programs, "as it must be")


@claim("a handler that never returns", target="costs its isolate only")
def a_handler_that_never_returns() -> Figure:
    return _endless("loop")


@claim("one that never stops sending", target="what it sent is counted and arrives")
def a_handler_that_never_stops_sending() -> Figure:
    return _endless("send")


@claim("an init that never returns", target="a failed start, tried again")
def an_init_that_never_returns() -> Figure:
    return _endless("init")


@claim("a slow handler", target="reported each time, and goes on")
def a_slow_handler() -> Figure:
    return _endless("slow")


@claim("a handler that waits in the kernel", target="reported, not ended")
def a_handler_that_waits() -> Figure:
    return _endless("block")


@claim("a handler that stays in a library", target="the process ends and says why")
def a_handler_in_a_library() -> Figure:
    return _endless("stuck")


@claim("a shard that rests", target="is not woken to be looked at")
def a_shard_that_rests() -> Figure:
    return _endless("rest")


@claim("6000 handlers that never return", target="ended one by one, nothing left behind", slow=True)
def thousands_of_endings() -> Figure:
    return _endless("thousands")
