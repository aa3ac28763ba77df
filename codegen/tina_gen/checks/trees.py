# SPDX-License-Identifier: Apache-2.0
"""What a role runs: the supervisors and isolates below its root, and how many of each at most."""

from __future__ import annotations

from tina_gen.model import DynamicGroup, Isolate, Member, Model, Nested, Role


def how_many(member: Member) -> int:
    """How many isolates a member may start itself."""
    match member:
        case Nested():
            return 0
        case DynamicGroup(max=most):
            return most
        case _:
            return member.count


def population(model: Model, role: Role) -> dict[str, int]:
    """Qualified isolate -> how many may live on one shard of the role, in start order."""
    found: dict[str, int] = {}
    for supervisor in model.below(role.root):
        for member in supervisor.members:
            if not isinstance(member, Nested):
                found[member.isolate] = found.get(member.isolate, 0) + how_many(member)
    return found


def isolates_of(model: Model, role: Role) -> list[Isolate]:
    """The isolates below a role's root, each once, in start order."""
    return [model.isolate(name) for name in population(model, role)]
