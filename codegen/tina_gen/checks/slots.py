# SPDX-License-Identifier: Apache-2.0
"""E0601: an isolate has a slot for every child that a tree may start."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import how_many, population
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Child, DynamicGroup, Model, Nested, Role


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per root supervisor and isolate."""
    done: set[tuple[str, str]] = set()
    for system in model.systems:
        for role in system.roles:
            for name, count in population(model, role).items():
                isolate = model.isolate(name)
                if count <= isolate.budget.slots or (role.root, name) in done:
                    continue
                done.add((role.root, name))
                supervisor = model.supervisor(role.root)
                members = _members(model, role, name)
                slots = isolate.budget.slots
                noun = "slot" if slots == 1 else "slots"
                yield Diagnostic(
                    "E0601",
                    members[-1].span,
                    f"`{supervisor.name}` may start {count} of `{isolate.name}`, "
                    f"which has {slots} {noun}",
                    label="more children than slots",
                    notes=(
                        Note("its budget is here", isolate.budget.span),
                        *(Note(f"{how_many(m)} of them: here", m.span) for m in members[:-1]),
                    ),
                    help=f"write `slots {count};`, or start fewer",
                )


def _members(model: Model, role: Role, isolate: str) -> list[Child | DynamicGroup]:
    """All members of a role's tree that start an isolate, in start order."""
    return [
        member
        for supervisor in model.below(role.root)
        for member in supervisor.members
        if not isinstance(member, Nested) and member.isolate == isolate
    ]
