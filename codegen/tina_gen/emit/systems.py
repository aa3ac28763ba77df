# SPDX-License-Identifier: Apache-2.0
"""Views of `<system>.system.h` and `.cc`: the tables of one program and its `main`.

A table is a braced list with one designated member per line, so its layout needs no decisions.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.contracts import Check
from tina_gen.emit.cpp import (
    Scope,
    handlers_header,
    imported_configs,
    namespace,
    size_words,
    user_packages,
)
from tina_gen.emit.options import Option, headers, options, own_headers
from tina_gen.emit.records import Block
from tina_gen.emit.roles import role_table, role_tables
from tina_gen.emit.routes import route_tables
from tina_gen.emit.scenarios import ScenariosView, scenarios_view
from tina_gen.emit.tables import Table, isolate_tables, text_table, type_table
from tina_gen.emit.trees import make_inits, supervisor_tables
from tina_gen.frozen import dataclass
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
    routes: Sequence[Block]
    scenarios: ScenariosView
    system: Block
    budgets: Sequence[Block]
    config: Sequence[Block]
    config_type: str
    option_headers: Sequence[Block]
    own_headers: Block
    options: Sequence[Option]
    run: Block


def system_view(
    model: Model, package: Package, system: System, source: str, spec: str
) -> SystemView:
    """The view of one system; `source` is the spec's file name."""
    scope = Scope(model, package)
    stem = names.snake(system.name)
    configs = [config for p in user_packages(model) for config in p.configs]
    user = [handlers_header(p, isolate) for p in model.packages for isolate in p.isolates]
    rows = [type_table(scope, isolate) for isolate in model.isolates]
    routes = route_tables(scope, system)
    scenarios = scenarios_view(scope, model, package, system, source)
    return SystemView(
        source=source,
        spec=spec,
        name=system.name,
        stem=stem,
        namespace=f"{namespace(package.name)}::{stem}",
        package=namespace(package.name),
        headers=sorted([*user, f"{source}.h", "tina/layout.h", *scenarios.header]),
        isolates=[isolate_tables(scope, isolate) for isolate in model.isolates],
        types=text_table("kTypes", rows),
        inits=make_inits(scope),
        trees=supervisor_tables(scope),
        parts=[role_tables(scope, system, role) for role in system.roles],
        roles=text_table("kRoles", [role_table(scope, system, role) for role in system.roles]),
        checks=[_check(role) for role in system.roles],
        routes=routes,
        scenarios=scenarios,
        system=Table(
            "SystemTable",
            [
                ("name", f'"{system.name}"'),
                ("spec", f'"{source}"'),
                ("roles", "kRoles"),
                *([("routes", "kRoutes")] if routes else []),
                ("scenarios", scenarios.scenarios),
            ],
        ).definition("kSystem"),
        budgets=[_budget(role) for role in system.roles],
        config=_config(model),
        config_type=_config_type(model, stem),
        option_headers=[[f"#include <{name}>"] for name in headers(configs)],
        own_headers=[f'#include "{name}"' for name in own_headers(configs)],
        options=options(Scope(model, package, inside=False), configs),
        run=wrap.call(
            2,
            "return tina::run_main(",
            [
                f"{namespace(package.name)}::{stem}::kSystem",
                "config",
                f"tina::sim::simulate<{namespace(package.name)}::{stem}::kSystem>",
                "argc",
                "argv",
            ],
            ");",
        ),
    )


def _budget(role: Role) -> Block:
    name = f"kBudgetOf{names.pascal(role.name)}"
    block = f"tina::internal::budget_block<kSystem, {role.index}>();"
    return wrap.assignment(0, f"TINA_BUDGET_BLOCK constexpr auto {name} = {block}")


def _config(model: Model) -> list[Block]:
    """The struct of all start-time values, if several packages have any."""
    found = imported_configs(model)
    members = [f"  ::{namespace(p.name)}::Config {p.name.replace('.', '_')};" for p in found]
    head = ["/// The start-time values of all packages.", "struct Config {"]
    return [[*head, *members, "};"]] if found else []


def _config_type(model: Model, stem: str) -> str:
    own = namespace(model.root.name)
    return f"{own}::{stem}::Config" if imported_configs(model) else f"{own}::Config"


def _check(role: Role) -> Check:
    """The assertion that a shard of the role fits into its memory, on the role in the spec."""
    table = f"kRoles[{role.index}]"
    limit = f"memory <= {size_words(role.memory)}"
    text = f"[E0511] a shard of role `{role.name}` needs more than its `{limit}`"
    fits = f"tina::internal::arena_size({table}) <= {table}.memory_limit"
    return Check(role.span.line, wrap.with_string(0, "static_assert", [fits], text))
