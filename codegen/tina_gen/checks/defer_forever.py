# SPDX-License-Identifier: Apache-2.0
"""E0314: a state that defers can be left by something that needs no mailbox.

A deferring state waits for a result or a time. If only messages could end the wait, a full mailbox
could keep it there for good.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.paths import targets
from tina_gen.checks.watching import DOWN
from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Defer, Event, Isolate, MessageEvent, Model, Reaction, State


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per deferring state without such a way out."""
    for isolate in model.isolates:
        for state in isolate.leaves:
            deferred = [c for c in state.clauses if isinstance(c.reaction, Defer)]
            if not deferred or _leaves_by_itself(isolate, state):
                continue
            name = deferred[0].event.name
            yield Diagnostic(
                "E0314",
                deferred[0].span,
                f"state `{state.name}` defers `{name}` and can be left by messages only",
                label="may wait for ever",
                help="add `after D => State;`, or leave the state on a completion",
            )


def _in_mailbox(event: Event) -> bool:
    """Whether an event needs the mailbox. The end of what is watched has a place of its own."""
    return isinstance(event, MessageEvent) and event.message.qualified != DOWN


def _leaves_by_itself(isolate: Isolate, leaf: State) -> bool:
    own: list[Reaction] = [c.reaction for c in leaf.clauses if not _in_mailbox(c.event)]
    own += [state.after.reaction for state in isolate.around(leaf) if state.after]
    return any(isolate.leaf(t) is not leaf for reaction in own for t in targets(reaction))
