# SPDX-License-Identifier: Apache-2.0
"""E0317: a timer that no state lists would fire and be held for ever."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model, TimerEvent


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per timer."""
    for isolate in model.isolates:
        heard = {e.timer.name for e in isolate.events if isinstance(e, TimerEvent)}
        for timer in isolate.timers:
            if timer.name in heard:
                continue
            where = "a state that waits for it" if isolate.has_machine else "the isolate"
            yield Diagnostic(
                "E0317",
                timer.span,
                f"nothing happens when timer `{timer.name}` of `{isolate.name}` fires",
                label="no clause lists it",
                help=f"add `on {timer.name};` to {where}, or remove the timer",
            )
