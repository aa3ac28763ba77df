# SPDX-License-Identifier: Apache-2.0
"""What a role runs: the supervisors and isolates below its root, and how many of each at most."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.model import DynamicGroup, Isolate, Member, Model, Nested, Role, Supervisor


def below(model: Model, root: str) -> Iterator[Supervisor]:
    """A supervisor and all below it, in start order, each once: also ends in a broken tree."""
    known = {supervisor.qualified: supervisor for supervisor in model.supervisors}
    waiting = [root]
    while waiting:
        supervisor = known.pop(waiting.pop(), None)
        if supervisor is None:
            continue
        yield supervisor
        waiting += [nested.supervisor for nested in reversed(supervisor.nested)]


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
    for supervisor in below(model, role.root):
        for member in supervisor.members:
            if not isinstance(member, Nested):
                found[member.isolate] = found.get(member.isolate, 0) + how_many(member)
    return found


def isolates_of(model: Model, role: Role) -> list[Isolate]:
    """The isolates below a role's root, each once, in start order."""
    return [model.isolate(name) for name in population(model, role)]
