# SPDX-License-Identifier: Apache-2.0
"""E0606: `spawns I under S` finds a dynamic group for I in S."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per spawn without a group."""
    for isolate in model.isolates:
        for spawn in isolate.spawns:
            supervisor = model.supervisor(spawn.supervisor)
            if any(group.isolate == spawn.isolate for group in supervisor.groups):
                continue
            child = model.isolate(spawn.isolate).name
            yield Diagnostic(
                "E0606",
                spawn.span,
                f"`{supervisor.name}` has no dynamic group for `{child}`",
                label="nowhere to put it",
                notes=(Note("the supervisor is declared here", supervisor.span),),
                help=f"add `dynamic {child} max N temporary;` to `{supervisor.name}`",
            )
