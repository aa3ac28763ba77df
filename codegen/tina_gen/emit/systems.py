# SPDX-License-Identifier: Apache-2.0
"""Views of `<system>.system.h` and `.cc`: the tables of one program and its `main`.

A table is a braced list with one designated member per line, so its layout needs no decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, integer, namespace, size_words
from tina_gen.emit.headers import Block
from tina_gen.emit.options import Option, headers, options
from tina_gen.emit.tables import Table, isolate_tables, text_table, type_table
from tina_gen.emit.trees import make_inits, supervisor_tables
from tina_gen.model import (
    Model,
    Package,
    Role,
    System,
)


@dataclass(frozen=True, slots=True)
class SystemView:
    """Everything that the two `system` templates need. `spec` and `line` place the check of the
    role's memory on the role in the spec."""

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
    role: Block
    line: int
    check: Block
    system: Block
    option_headers: Sequence[Block]
    options: Sequence[Option]
    run: Block


def system_view(
    model: Model, package: Package, system: System, source: str, spec: str
) -> SystemView:
    """The view of one system; `source` is the spec's file name."""
    scope = Scope(model, package)
    role = system.roles[0]
    stem = names.snake(system.name)
    user = [f"{names.snake(isolate.name)}.h" for isolate in model.isolates]
    rows = [type_table(scope, isolate) for isolate in model.isolates]
    return SystemView(
        source=source,
        spec=spec,
        name=system.name,
        stem=stem,
        namespace=f"{namespace(package.name)}::{stem}",
        package=namespace(package.name),
        headers=sorted([*user, f"{source}.h", "tina/layout.h"]),
        isolates=[isolate_tables(isolate) for isolate in model.isolates],
        types=text_table("kTypes", rows),
        inits=make_inits(scope),
        trees=supervisor_tables(scope),
        role=_role(model, system, role),
        line=role.span.line,
        check=wrap.with_string(
            0,
            "static_assert",
            ["tina::internal::arena_size(kRole) <= kRole.memory_limit"],
            f"[E0511] a shard of role `{role.name}` needs more than its "
            f"`memory <= {size_words(role.memory)}`",
        ),
        system=Table(
            "SystemTable",
            [("name", f'"{system.name}"'), ("spec", f'"{source}"'), ("role", "&kRole")],
        ).definition("kSystem"),
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


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _role(model: Model, system: System, role: Role) -> Block:
    pool = role.receive_buffers
    ring = next((c.capacity for c in system.channels if c.source == c.target == role.name), 0)
    return Table(
        "RoleTable",
        [
            ("name", f'"{role.name}"'),
            ("shards_max", str(role.shards)),
            ("shards_auto", _flag(role.auto)),
            ("tick_ns", integer(role.tick_ns)),
            ("spin_ns", integer(role.spin_ns)),
            ("receive_buffers", integer(pool.count if pool else 0)),
            ("receive_buffer_size", integer(pool.size if pool else 0)),
            ("channel_capacity", integer(ring)),
            ("memory_limit", integer(role.memory)),
            ("root", f"&kSupervisors[{model.supervisor(role.root).index}]"),
            ("supervisors", "kSupervisors"),
            ("types", "kTypes"),
        ],
    ).definition("kRole")
