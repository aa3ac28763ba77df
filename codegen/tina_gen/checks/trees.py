# SPDX-License-Identifier: Apache-2.0
"""What a role runs: the isolates below its root, and how many of each at most."""

from __future__ import annotations

from tina_gen.model import DynamicGroup, Isolate, Model, Role


def population(model: Model, role: Role) -> dict[str, int]:
    """Qualified isolate -> how many may live on one shard of the role, in start order."""
    found: dict[str, int] = {}
    for member in model.supervisor(role.root).members:
        count = member.max if isinstance(member, DynamicGroup) else 1
        found[member.isolate] = found.get(member.isolate, 0) + count
    return found


def isolates_of(model: Model, role: Role) -> list[Isolate]:
    """The isolates below a role's root, each once, in start order."""
    return [model.isolate(name) for name in population(model, role)]
