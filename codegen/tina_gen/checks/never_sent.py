# SPDX-License-Identifier: Apache-2.0
"""W0321: somebody sends each message that an isolate lists."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.receivers import receivers, serves
from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Isolate, MessageEvent, Model
from tina_gen.source import Span


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per isolate and message; only for whole programs (with a system)."""
    if not model.systems:
        return
    sent = {
        (message.index, receiver.qualified)
        for isolate in model.isolates
        for message, target in [
            *((send.message, send.target) for send in isolate.sends),
            *((use.call, use.target) for use in isolate.calls),
        ]
        for receiver in receivers(model, target, message)
    }
    for isolate in model.isolates:
        for event in isolate.events:
            if not isinstance(event, MessageEvent) or event.message.is_system:
                continue
            if not serves(isolate, event.message):
                continue  # that is an error of its own
            if (event.message.index, isolate.qualified) not in sent:
                word = "calls" if event.message.is_call else "sends"
                yield Diagnostic(
                    "W0321",
                    _first(isolate, event),
                    f"nobody {word} `{event.name}` to `{isolate.name}`",
                    label="never arrives",
                    help=f"add `{word} {event.name} to {isolate.name};` to the sender",
                )


def _first(isolate: Isolate, event: MessageEvent) -> Span:
    found = [c.span for s in isolate.states for c in s.clauses if c.event == event]
    return min(found, key=lambda span: span.start, default=isolate.span)
