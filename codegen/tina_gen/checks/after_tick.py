# SPDX-License-Identifier: Apache-2.0
"""E0307: no timeout and no period is finer than the tick of a role that runs the isolate."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import isolates_of
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Isolate, Model
from tina_gen.resolve.evaluate import quantity
from tina_gen.source import Span
from tina_gen.syntax.tokens import Dimension


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per `after`, `every` or limit of a call, and role."""
    for system in model.systems:
        for role in system.roles:
            said: set[Span] = set()
            for isolate in isolates_of(model, role):
                for word, span, time_ns in _times(isolate):
                    if time_ns >= role.tick_ns or span in said:
                        continue
                    said.add(span)
                    time = quantity(time_ns, Dimension.DURATION)
                    tick = quantity(role.tick_ns, Dimension.DURATION)
                    yield Diagnostic(
                        "E0307",
                        span,
                        f"`{word} {time}` is finer than the tick of role `{role.name}`",
                        label=f"the tick is {tick}",
                        notes=(Note(f"role `{role.name}` runs `{isolate.name}`", role.span),),
                        help=f"wait at least {tick}, or set a finer `tick`",
                    )


def _times(isolate: Isolate) -> Iterator[tuple[str, Span, int]]:
    for use in isolate.calls:
        yield "timeout", use.call.span, use.call.timeout_ns
    for state in isolate.states:
        if state.after is not None:
            yield "after", state.after.span, state.after.duration_ns
    for timer in isolate.timers:
        if timer.every_ns is not None:
            yield "every", timer.span, timer.every_ns
