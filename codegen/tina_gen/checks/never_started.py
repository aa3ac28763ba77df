# SPDX-License-Identifier: Apache-2.0
"""W0610: every isolate has a place in some supervision tree."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model, Nested


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per isolate of the root file without one; only for whole programs."""
    if not model.systems:
        return
    members = [member for s in model.supervisors for member in s.members]
    started = {member.isolate for member in members if not isinstance(member, Nested)}
    for isolate in model.root.isolates:
        if isolate.qualified not in started:
            yield Diagnostic(
                "W0610",
                isolate.span,
                f"isolate `{isolate.name}` is never started",
                label="in no supervision tree",
                help="add a `child` or `dynamic` line to a supervisor, or remove it",
            )
