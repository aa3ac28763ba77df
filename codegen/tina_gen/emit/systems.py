# SPDX-License-Identifier: Apache-2.0
"""Views of `<system>.system.h` and `.cc`: the tables of one program and its `main`.

A table is a braced list with one designated member per line, so its layout needs no decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.contracts import Check
from tina_gen.emit.cpp import Scope, namespace, size_words
from tina_gen.emit.options import Option, headers, options
from tina_gen.emit.records import Block
from tina_gen.emit.roles import role_table, role_tables
from tina_gen.emit.scenarios import ScenariosView, scenarios_view
from tina_gen.emit.tables import Table, isolate_tables, text_table, type_table
from tina_gen.emit.trees import make_inits, supervisor_tables
from tina_gen.model import Model, Package, Role, System


@dataclass(frozen=True, slots=True)
class SystemView:
    """Everything that the two `system` templates need. `spec` places the check of each role's
    memory on the role in the spec."""

    source: str
    spec: str
    name: str
    stem: str
    namespace: str
    package: str
    headers: Sequence[str]
    isolates: Sequence[Sequence[Block]]
    types: Block
    inits: Sequence[Block]
    trees: Sequence[Block]
    parts: Sequence[Sequence[Block]]
    roles: Block
    checks: Sequence[Check]
    scenarios: ScenariosView
    system: Block
    budgets: Sequence[Block]
    option_headers: Sequence[Block]
    options: Sequence[Option]
    run: Block


def system_view(
    model: Model, package: Package, system: System, source: str, spec: str
) -> SystemView:
    """The view of one system; `source` is the spec's file name."""
    scope = Scope(model, package)
    stem = names.snake(system.name)
    user = [f"{names.snake(isolate.name)}.h" for isolate in model.isolates]
    rows = [type_table(scope, isolate) for isolate in model.isolates]
    scenarios = scenarios_view(scope, model, package, system, source)
    return SystemView(
        source=source,
        spec=spec,
        name=system.name,
        stem=stem,
        namespace=f"{namespace(package.name)}::{stem}",
        package=namespace(package.name),
        headers=sorted([*user, f"{source}.h", "tina/layout.h", *scenarios.header]),
        isolates=[isolate_tables(isolate) for isolate in model.isolates],
        types=text_table("kTypes", rows),
        inits=make_inits(scope),
        trees=supervisor_tables(scope),
        parts=[role_tables(scope, system, role) for role in system.roles],
        roles=text_table("kRoles", [role_table(scope, system, role) for role in system.roles]),
        checks=[_check(role) for role in system.roles],
        scenarios=scenarios,
        system=Table(
            "SystemTable",
            [
                ("name", f'"{system.name}"'),
                ("spec", f'"{source}"'),
                ("roles", "kRoles"),
                ("scenarios", scenarios.scenarios),
            ],
        ).definition("kSystem"),
        budgets=[_budget(role) for role in system.roles],
        option_headers=[[f"#include <{name}>"] for name in headers(package.configs)],
        options=options(scope, package.configs),
        run=wrap.call(
            2,
            "return tina::run_main(",
            [
                f"{namespace(package.name)}::{stem}::kSystem",
                "config",
                "tina::sim::simulate",
                "argc",
                "argv",
            ],
            ");",
        ),
    )


def _budget(role: Role) -> Block:
    attributes = '[[gnu::section(".tina.budget"), gnu::used]]'
    name = f"kBudgetOf{names.pascal(role.name)}"
    block = f"tina::internal::budget_block<kSystem, {role.index}>();"
    return wrap.assignment(0, f"{attributes} constexpr auto {name} = {block}")


def _check(role: Role) -> Check:
    """The assertion that a shard of the role fits into its memory, on the role in the spec."""
    table = f"kRoles[{role.index}]"
    limit = f"memory <= {size_words(role.memory)}"
    text = f"[E0511] a shard of role `{role.name}` needs more than its `{limit}`"
    fits = f"tina::internal::arena_size({table}) <= {table}.memory_limit"
    return Check(role.span.line, wrap.with_string(0, "static_assert", [fits], text))
