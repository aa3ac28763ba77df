# SPDX-License-Identifier: Apache-2.0
"""E0331 to E0334: a call is answered, deferred or rejected, and only a call can be."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Clause, Handle, Ignore, MessageEvent, Model, Reject, Transit


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per clause that does what its event does not allow."""
    for isolate in model.isolates:
        # What several states inherit is one clause.
        clauses = {clause.span: clause for s in isolate.states for clause in s.clauses}
        for clause in clauses.values():
            event = clause.event
            if isinstance(event, MessageEvent) and event.message.is_call:
                yield from _of_call(clause, event)
            else:
                yield from _of_other(clause)


def _of_call(clause: Clause, event: MessageEvent) -> Iterator[Diagnostic]:
    note = (Note(f"`{event.name}` is declared here", event.message.span),)
    if isinstance(clause.reaction, Ignore):
        yield Diagnostic(
            "E0331",
            clause.span,
            f"`{event.name}` is a call and cannot be ignored",
            label="its caller waits for an answer",
            notes=note,
            help=f"write `reject {event.name};`, or handle it",
        )
    elif isinstance(clause.reaction, Transit):
        target = clause.reaction.next.name
        yield Diagnostic(
            "E0332",
            clause.span,
            f"`{event.name}` is a call and nothing answers it",
            label="needs a handler",
            notes=note,
            help=f"write `on {event.name} -> {target};`",
        )


def _of_other(clause: Clause) -> Iterator[Diagnostic]:
    reaction, name = clause.reaction, clause.event.name
    if isinstance(reaction, Handle) and reaction.later:
        yield Diagnostic(
            "E0333",
            clause.span,
            f"`{name}` is no call, so there is nothing to answer later",
            label="not a call",
            help="remove `later`",
        )
    elif isinstance(reaction, Reject):
        is_message = isinstance(clause.event, MessageEvent)
        yield Diagnostic(
            "E0334",
            clause.span,
            f"`{name}` is no call and has nobody who could be told",
            label="not a call",
            help=f"write `ignore {name};`" if is_message else "remove the clause",
        )
