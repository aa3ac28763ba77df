# SPDX-License-Identifier: Apache-2.0
"""What the language has, the checks accept and no C++ is emitted for yet (E0090), on one page.

Emitting a construct means: delete its row here.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Isolate, MessageEvent, Model, TargetKind, YieldedEvent
from tina_gen.source import Span

_SHUTDOWN = "tina.sys.Shutdown"


def refused(model: Model) -> list[Diagnostic]:
    """One error per construct of the model that cannot be emitted; none means that all can."""
    found = [_error(protocol.span, "a protocol") for protocol in model.protocols]
    for isolate in model.isolates:
        found += _of_isolate(isolate)
    return found


def _of_isolate(isolate: Isolate) -> Iterator[Diagnostic]:
    if isolate.monitors:
        yield _error(isolate.span, "an isolate that monitors others")
    for send in isolate.sends:
        if send.target.kind in (TargetKind.PROTOCOL, TargetKind.ROUTE):
            yield _error(send.target.span, "a message by way of a protocol")
    for state in isolate.states:
        for clause in state.clauses:
            event = clause.event
            own = isinstance(event, MessageEvent) and event.message.is_system
            other = own and isinstance(event, MessageEvent) and event.message.qualified != _SHUTDOWN
            if isinstance(event, YieldedEvent) or other:
                yield _error(clause.span, f"`{event.name}`")


def _error(span: Span, what: str) -> Diagnostic:
    return Diagnostic(
        "E0090",
        span,
        f"{what} cannot be generated yet",
        label="checked, but not part of the generated code",
        help="leave it out for now",
    )
