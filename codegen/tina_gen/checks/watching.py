# SPDX-License-Identifier: Apache-2.0
"""E0344, E0345: what is budgeted is used, what is watched has a place, and its end is heard."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Handle, Isolate, MessageEvent, Model
from tina_gen.owned import may_keep

DOWN = "tina.sys.Down"


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per budget entry or isolate."""
    for isolate in model.isolates:
        yield from _budget(model, isolate)
        yield from _down(isolate)


def _budget(model: Model, isolate: Isolate) -> Iterator[Diagnostic]:
    budget = isolate.budget
    if isolate.monitors and not budget.monitors:
        name = isolate.monitors[0].rpartition(".")[2]
        yield Diagnostic(
            "E0344",
            budget.span,
            f"`{isolate.name}` monitors `{name}` and has no place to watch anybody",
            label="no `monitors N`",
            help="add `monitors N;` with the number that it watches at once",
        )
    later = any(
        isinstance(c.reaction, Handle) and c.reaction.later
        for s in isolate.states
        for c in s.clauses
    )
    unused = (
        ("calls", budget.calls > 1 and not isolate.calls, "calls nobody"),
        ("open", budget.open > 1 and not later, "takes no call `later`"),
        ("monitors", budget.monitors > 0 and not isolate.monitors, "monitors nobody"),
        ("buffers", budget.buffers > 0 and not may_keep(model, isolate), "never has any"),
    )
    for entry, wasted, why in unused:
        if wasted:
            yield Diagnostic(
                "E0344",
                budget.span,
                f"`{isolate.name}` has a budget for `{entry}` and {why}",
                label=f"`{entry}` is never used",
                help=f"remove `{entry}` from the budget",
            )


def _down(isolate: Isolate) -> Iterator[Diagnostic]:
    listed = [
        clause
        for state in isolate.states
        for clause in state.clauses
        if isinstance(clause.event, MessageEvent) and clause.event.message.qualified == DOWN
    ]
    known = any(isinstance(e, MessageEvent) and e.message.qualified == DOWN for e in isolate.events)
    if listed and not isolate.monitors:
        yield Diagnostic(
            "E0345",
            listed[0].span,
            f"`{isolate.name}` lists `{listed[0].event.name}` and monitors nobody",
            label="never arrives",
            help=f"add `monitors I;` to `{isolate.name}`, or remove the clause",
        )
    elif isolate.monitors and not known:
        yield Diagnostic(
            "E0345",
            isolate.span,
            f"`{isolate.name}` monitors others and cannot hear of their end",
            label="needs `sys.Down`",
            help='add `import "tina/sys.tina" as sys;` and `on sys.Down;`',
        )
