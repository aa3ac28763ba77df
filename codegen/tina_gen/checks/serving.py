# SPDX-License-Identifier: Apache-2.0
"""E0338, E0340, E0348: who may send, receive and list the members of a protocol."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.receivers import serves
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Isolate, Message, MessageEvent, MessageSort, Model, Target, TargetKind
from tina_gen.source import Span


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per `sends`, `calls` or clause."""
    for isolate in model.isolates:
        for send in isolate.sends:
            yield from _target(model, send.message, send.target)
            yield from _sender(isolate, send.message, send.span)
        for use in isolate.calls:
            yield from _target(model, use.call, use.target)
        yield from _clauses(isolate)


def _target(model: Model, message: Message, target: Target) -> Iterator[Diagnostic]:
    word = target.span.text
    name = message.local_name
    note = (Note(f"`{name}` is declared here", message.span),)
    if target.kind in (TargetKind.ROUTE, TargetKind.PROTOCOL):
        if target.protocol != message.protocol:
            of = f"`{message.protocol.rpartition('.')[2]}`" if message.protocol else "no protocol"
            yield Diagnostic(
                "E0338",
                target.span,
                f"`{name}` is part of {of}, and `{word}` names another",
                label="does not serve it",
                notes=note,
                help="name an isolate, or the protocol that the message is part of",
            )
        elif target.kind is TargetKind.ROUTE and message.sort is MessageSort.EVENT:
            yield Diagnostic(
                "E0338",
                target.span,
                f"`{name}` is an event, and a route leads to those that implement its protocol",
                label="does not hear it",
                notes=note,
                help="send it to an isolate that subscribes, or to a `subscriber`",
            )
        return
    for isolate in model.isolates:
        if isolate.qualified == target.isolate and not serves(isolate, message):
            verb = "subscribes" if message.sort is MessageSort.EVENT else "implements"
            protocol = (message.protocol or "").rpartition(".")[2]
            yield Diagnostic(
                "E0338",
                target.span,
                f"`{isolate.name}` does not serve `{name}`",
                label=f"needs `{verb} {protocol}`",
                notes=(*note, Note(f"`{isolate.name}` is declared here", isolate.span)),
                help=f"write `isolate {isolate.name} {verb} {protocol}`, or another target",
            )


def _sender(isolate: Isolate, message: Message, span: Span) -> Iterator[Diagnostic]:
    if message.sort is MessageSort.EVENT and message.protocol not in isolate.implements:
        protocol = (message.protocol or "").rpartition(".")[2]
        yield Diagnostic(
            "E0340",
            span,
            f"`{isolate.name}` sends `{message.local_name}` and does not implement `{protocol}`",
            label="an event comes from those that implement its protocol",
            notes=(Note(f"`{message.local_name}` is declared here", message.span),),
            help=f"write `isolate {isolate.name} implements {protocol}`, or make it a `cast`",
        )


def _clauses(isolate: Isolate) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for state in isolate.states:
        for clause in state.clauses:
            event = clause.event
            if not isinstance(event, MessageEvent) or serves(isolate, event.message):
                continue
            if event.name in seen:
                continue
            seen.add(event.name)
            verb = "subscribe" if event.message.sort is MessageSort.EVENT else "implement"
            protocol = event.name.rpartition(".")[0]
            yield Diagnostic(
                "E0348",
                clause.span,
                f"`{isolate.name}` lists `{event.name}` and does not {verb} `{protocol}`",
                label="never arrives",
                notes=(Note(f"`{event.name}` is declared here", event.message.span),),
                help=f"write `isolate {isolate.name} {verb}s {protocol}`, or remove the clause",
            )
