# SPDX-License-Identifier: Apache-2.0
"""E0303: every state of a machine is final or can be left.

A machine of one state is exempt: its isolate serves until it is stopped.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.paths import followers
from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per state that is not final and leads to no other state."""
    for isolate in model.isolates:
        if len(isolate.leaves) < 2:
            continue
        for state in isolate.leaves:
            if state.is_final or followers(isolate, state) - {state.index}:
                continue
            yield Diagnostic(
                "E0303",
                state.span,
                f"state `{state.name}` has no way out",
                label="no clause leads to another state",
                help=f"add a transition, or write `final state {state.name};`",
            )
