# SPDX-License-Identifier: Apache-2.0
"""E0314: a state that defers can be left by something that needs no mailbox.

A deferring state waits for a result or a time. If only messages could end the wait, a full mailbox
could keep it there for good.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.paths import targets
from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Clause, Defer, MessageEvent, Model, State


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per deferring state without such a way out."""
    for isolate in model.isolates:
        for state in isolate.states:
            deferred = [c for c in state.clauses if isinstance(c.reaction, Defer)]
            if not deferred or _leaves_by_itself(state):
                continue
            name = deferred[0].event.name
            yield Diagnostic(
                "E0314",
                deferred[0].span,
                f"state `{state.name}` defers `{name}` and can be left by messages only",
                label="may wait for ever",
                help="add `after D => State;`, or leave the state on a completion",
            )


def _leaves_by_itself(state: State) -> bool:
    def leaves(clause: Clause) -> bool:
        own = not isinstance(clause.event, MessageEvent)
        return own and any(t != state.index for t in targets(clause.reaction))

    if state.after and any(t != state.index for t in targets(state.after.reaction)):
        return True
    return any(leaves(clause) for clause in state.clauses)
