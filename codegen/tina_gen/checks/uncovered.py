# SPDX-License-Identifier: Apache-2.0
"""E0301: every message from others that can arrive is handled, ignored, deferred or rejected.

That is each message some isolate sends here, and each message that any clause of the isolate
mentions (`sys.Shutdown` counts once it is listed), in every leaf state that is not final.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.receivers import serves
from tina_gen.checks.watching import DOWN
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Defer, Isolate, Message, MessageEvent, MessageSort, Model, State


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per (state, message) without a clause."""
    for isolate in model.isolates:
        for state in isolate.leaves:
            if state.is_final:
                continue
            for event in isolate.events:
                if isinstance(event, MessageEvent) and state.clause(event) is None:
                    yield _error(model, isolate, state, event)


def _error(model: Model, isolate: Isolate, state: State, event: MessageEvent) -> Diagnostic:
    subject = f"state `{state.name}`" if isolate.has_machine else f"isolate `{isolate.name}`"
    return Diagnostic(
        "E0301",
        state.span,
        f"{subject} does not say what happens on `{event.name}`",
        label=_needs(event),
        notes=(_reason(model, isolate, event),),
        help=_repair(isolate, event),
    )


def _reason(model: Model, isolate: Isolate, event: MessageEvent) -> Note:
    sender = _sender(model, isolate, event.message)
    if sender is not None:
        return sender
    if event.message.protocol is not None and serves(isolate, event.message):
        verb = "subscribes" if event.message.sort is MessageSort.EVENT else "implements"
        protocol = event.name.rpartition(".")[0]
        text = f"`{event.name}` can arrive because `{isolate.name}` {verb} `{protocol}`"
        return Note(text, event.message.span)
    if event.message.qualified == DOWN and isolate.monitors:
        name = isolate.monitors[0].rpartition(".")[2]
        return Note(f"`{event.name}` can arrive because `{isolate.name}` monitors `{name}`")
    for state in isolate.states:
        clause = state.clause(event)
        if clause is None:
            continue
        word = "defers" if isinstance(clause.reaction, Defer) else "lists"
        where = f"state `{clause.written_in}`" if clause.written_in else f"`{isolate.name}`"
        who = "the runtime sends it" if event.message.is_system else "it is a message from others"
        text = f"`{event.name}` can arrive because {who}, and {where} {word} it"
        return Note(text, clause.span)
    return Note(f"`{event.name}` can arrive at any time")


def _sender(model: Model, isolate: Isolate, message: Message) -> Note | None:
    for other in model.isolates:
        for send in other.sends:
            if send.message == message and send.target.isolate == isolate.qualified:
                words = f"`sends {message.name} to {send.target.span.text}`"
                return Note(f"`{message.name}` can arrive because {other.name} {words}", send.span)
    return None


def _needs(event: MessageEvent) -> str:
    if event.message.is_call:
        return "needs `on`, `defer` or `reject`"
    return "needs `on`, `ignore`, `defer` or `reject`"


def _repair(isolate: Isolate, event: MessageEvent) -> str:
    name = event.name
    if event.message.is_call:
        defer = f"`defer {name};`, " if isolate.has_machine else ""
        return f"add {defer}`reject {name};` or `on {name};`"
    if not isolate.has_machine:
        return f"add `on {name};` or `ignore {name};`"
    final = next((state.name for state in isolate.states if state.is_final), None)
    on = f"on {name} => {final};" if final else f"on {name};"
    return f"add `defer {name};`, `ignore {name};` or `{on}`"
