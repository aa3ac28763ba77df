# SPDX-License-Identifier: Apache-2.0
"""The numbers of a role as its spec gives them: states at their declared bound.

They are taken from the very tables that are emitted for the runtime, so a member that decides about
memory has one definition.
"""

from __future__ import annotations

from tina_gen.budget.operands import operands
from tina_gen.budget.regions import RoleBudget, RoleNumbers, TypeNumbers, place
from tina_gen.checks.trees import how_many, population
from tina_gen.emit.cpp import Scope
from tina_gen.emit.roles import inbound_rings
from tina_gen.emit.tables import type_table
from tina_gen.model import DynamicGroup, Isolate, Model, Nested, Role, Supervisor, System


def budgets(model: Model) -> tuple[RoleBudget, ...]:
    """One per role of each system of the root package, in order: upper bounds."""
    return tuple(
        _budget(model, system, role) for system in model.root.systems for role in system.roles
    )


def _budget(model: Model, system: System, role: Role) -> RoleBudget:
    numbers = role_numbers(model, system, role)
    regions, total = place(numbers)
    return RoleBudget(
        system.name,
        role.name,
        role.shards,
        role.auto,
        role.memory,
        False,
        numbers.types,
        regions,
        total,
    )


def role_numbers(model: Model, system: System, role: Role) -> RoleNumbers:
    """What decides about the memory of one shard of a role."""
    runs = population(model, role)
    scope = Scope(model, model.root)
    pool = role.receive_buffers
    tree = list(model.below(role.root))
    members = [member for supervisor in tree for member in supervisor.members]
    static = {m.isolate for m in members if not isinstance(m, (DynamicGroup, Nested))}
    return RoleNumbers(
        types=tuple(
            _type(scope, isolate, isolate.qualified in runs, isolate.qualified in static)
            for isolate in model.isolates
        ),
        receive_buffers=pool.count if pool else 0,
        receive_buffer_size=pool.size if pool else 0,
        blobs=tuple((blobs.count, blobs.size) for blobs in role.blobs),
        scratch=max((i.budget.scratch for i in model.isolates if i.qualified in runs), default=0),
        children=sum(_records(supervisor) for supervisor in tree),
        supervisors=len(model.supervisors),
        places=sum(len(supervisor.members) for supervisor in model.supervisors),
        restarts=sum(supervisor.restarts for supervisor in tree),
        inbound=tuple(inbound_rings(model, system, role)),
    )


def _records(supervisor: Supervisor) -> int:
    """Records of a supervisor's places: one per static child, one for a supervisor or a group."""
    groups = (DynamicGroup, Nested)
    return sum(1 if isinstance(m, groups) else how_many(m) for m in supervisor.members)


def _type(scope: Scope, isolate: Isolate, runs: bool, static: bool) -> TypeNumbers:
    told = dict(type_table(scope, isolate).members)

    def number(member: str) -> int:
        return int(told.get(member, "0").replace("'", ""))

    afters = number("afters") or (0 if told["after_record"].endswith("kNoRecord") else 1)
    return TypeNumbers(
        told["name"].strip('"'),
        number("slots") if runs else 0,
        number("mailbox"),
        isolate.budget.state,
        isolate.init_size,
        number("payload_size"),
        told["defers"] == "true",
        number("records"),
        len(isolate.io),
        afters + len(isolate.timers) + number("calls") + number("open"),
        number("calls"),
        number("open"),
        number("monitors"),
        told["watched"] == "true",
        number("result_size"),
        number("kept"),
        "news" in told,
        isolate.budget.weight,
        static,
        operands(isolate),
    )
