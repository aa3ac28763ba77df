# SPDX-License-Identifier: Apache-2.0
"""E0607: a supervisor has at most one dynamic group per isolate, so that a spawn is unambiguous."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import DynamicGroup, Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per further group."""
    for supervisor in model.supervisors:
        seen: dict[str, DynamicGroup] = {}
        for group in supervisor.groups:
            first = seen.setdefault(group.isolate, group)
            if first is not group:
                name = group.isolate.rpartition(".")[2]
                yield Diagnostic(
                    "E0607",
                    group.span,
                    f"`{supervisor.name}` has two dynamic groups for `{name}`",
                    label="second group",
                    notes=(Note("the first one is here", first.span),),
                    help="make them one group with a larger `max`",
                )
