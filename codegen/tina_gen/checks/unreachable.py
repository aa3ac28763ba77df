# SPDX-License-Identifier: Apache-2.0
"""E0302: every state can be reached from the initial one."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.paths import reachable
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per state that no sequence of transitions reaches."""
    for isolate in model.isolates:
        found = reachable(isolate, isolate.initial)
        first = isolate.states[isolate.initial]
        for state in isolate.states:
            known = state.parent is None or state.parent in found  # else its parent is reported
            if state.index not in found and known:
                yield Diagnostic(
                    "E0302",
                    state.span,
                    f"state `{state.name}` cannot be reached",
                    label="no transition leads here",
                    notes=(Note(f"`{isolate.name}` starts in `{first.name}`", first.span),),
                    help=f"add a transition to `{state.name}`, or remove the state",
                )
