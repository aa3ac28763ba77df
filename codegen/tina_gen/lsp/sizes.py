# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of a shard go, as an editor shows it: the numbers of `tina-gen budget`.

They are known for a specification without an error only; each function gives lines of Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tina_gen.budget import RoleBudget, budgets
from tina_gen.budget.table import columns, of_shard
from tina_gen.lsp.facts import size, table, time
from tina_gen.lsp.study import Study
from tina_gen.model import Isolate, Role, System


def budgets_of(study: Study) -> tuple[RoleBudget, ...]:
    """The budgets of all roles of the root package; none while something is wrong."""
    return budgets(study.model) if study.model is not None and study.complete else ()


def of_isolate(found: Isolate, known: Sequence[RoleBudget]) -> Iterator[str]:
    """What it takes on each shard of each role that runs it."""
    for budget in known:
        type_ = budget.types[found.index]
        if not type_.slots:
            continue
        cells = {name: number for name, number in columns(budget, type_).items() if number}
        yield (
            f"**{sum(cells.values()):,} bytes per shard** of `{budget.system}.{budget.role}`: "
            f"stride {type_.stride} B, {type_.entry} B per place of the mailbox"
        )
        yield table(tuple(cells), (tuple(cells.values()),))


def of_role(system: System, found: Role, known: Sequence[RoleBudget]) -> Iterator[str]:
    """Its shards and settings, and how much of its memory is spoken for."""
    shards = f"at most {found.shards}, decided at start" if found.auto else str(found.shards)
    words = [
        f"shards: {shards}",
        *([f"from core {found.core} on"] if found.core is not None else []),
        f"tick {time(found.tick_ns)}",
        f"spin {time(found.spin_ns)}",
        f"memory ≤ {size(found.memory)} each",
        f"a memory fault ends the {found.memory_fault.value}",
        f"a handler is slow after {time(found.handler_slow_ns)}",
        f"ended after {time(found.handler_limit_ns)}",
    ]
    yield " · ".join(words)
    for budget in known:
        if (budget.system, budget.role) != (system.name, found.name):
            continue
        rows: list[tuple[object, ...]] = []
        for type_ in budget.types:
            if type_.slots:
                rows.append((f"`{type_.name}`", sum(columns(budget, type_).values())))
        rows += list(of_shard(budget).items())
        yield table(("reserves", "bytes"), rows)
        yield (
            f"**{budget.total:,} of {budget.limit:,} bytes**, {budget.limit - budget.total:,} left"
        )


def of_system(found: System) -> Iterator[str]:
    """Its roles, its channels and its routes."""
    for role in found.roles:
        yield f"role `{role.name}`: " + next(of_role(found, role, ()))
    for channel in found.channels:
        yield f"channel `{channel.source} -> {channel.target}`: capacity {channel.capacity}"
    for route in found.routes:
        path = f"{route.role}.{route.supervisor.rpartition('.')[2]}.{route.child}"
        several = f" * {route.count}" if route.count > 1 else ""
        yield (
            f"route `{route.protocol.rpartition('.')[2]}` by `hash({route.argument})` "
            f"over `{path}{several}`"
        )
