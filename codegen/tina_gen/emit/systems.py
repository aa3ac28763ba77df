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
from tina_gen.model import (
    Argument,
    Child,
    Config,
    DynamicGroup,
    Limit,
    Model,
    Package,
    Restart,
    Role,
    ShardValue,
    Supervisor,
    System,
)

_RESTARTS = {
    Restart.PERMANENT: "kPermanent",
    Restart.TRANSIENT: "kTransient",
    Restart.TEMPORARY: "kTemporary",
}
_LIMITS = {Limit.QUARANTINE: "kQuarantine", Limit.ABORT: "kAbort"}


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
    children: Block
    root: Block
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
    root = model.supervisor(role.root)
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
        inits=[_make_init(scope, root, child) for child in root.children],
        children=text_table("kChildren", [_member(scope, root, m) for m in root.members]),
        root=_root(root),
        role=_role(system, role),
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


def _make_name(child: Child) -> str:
    return f"make_{child.name}"


def _make_init(scope: Scope, root: Supervisor, child: Child) -> Block:
    """The function that builds a static child's init arguments."""
    uses_config = any(isinstance(a.value, Config) for a in child.arguments)
    uses_shard = any(isinstance(a.value, ShardValue) for a in child.arguments)
    parameters = [
        "const void* config" if uses_config else "const void*",
        "tina::ShardId shard" if uses_shard else "tina::ShardId",
        "std::byte* arguments",
    ]
    head = wrap.declaration(0, f"inline void {_make_name(child)}(", parameters, ") {")
    init = f"{scope.isolate(child.isolate)}Init"
    if not child.arguments:
        return wrap.function(0, head, [f"  ::new (arguments) {init}{{}};"])
    lines = [f"  ::new (arguments) {init}{{"]
    lines += [f"      .{a.target.name} = {_argument(scope, a)}," for a in child.arguments]
    lines.append("  };")
    start = [f"  const auto& values = *static_cast<const {_config(scope)}*>(config);"]
    return [*head, *(start if uses_config else []), *lines, "}"]


def _config(scope: Scope) -> str:
    return "Config"


def _argument(scope: Scope, argument: Argument) -> str:
    match argument.value:
        case Config(name=name):
            return f"values.{name}"
        case ShardValue.INDEX:
            return "tina::index(shard)"
        case ShardValue():
            raise NotImplementedError(argument.value.value)
        case value:
            return scope.value(argument.target.type, value)


def _member(scope: Scope, root: Supervisor, member: Child | DynamicGroup) -> Table:
    dynamic = isinstance(member, DynamicGroup)
    name = member.name if isinstance(member, Child) else scope.isolate(member.isolate)
    return Table(
        "ChildTable",
        [
            ("name", f'"{name}"'),
            ("type", scope.contract(member.isolate)),
            ("restart", f"tina::internal::Restart::{_RESTARTS[member.restart]}"),
            ("dynamic", _flag(dynamic)),
            ("max", str(member.max) if isinstance(member, DynamicGroup) else "1"),
            ("shutdown_ns", integer(member.shutdown_ns or 0)),
            ("make_init", _make_name(member) if isinstance(member, Child) else "nullptr"),
        ],
    )


def _root(root: Supervisor) -> Block:
    return Table(
        "SupervisorTable",
        [
            ("name", f'"{root.name}"'),
            ("restarts", str(root.restarts)),
            ("window_ns", integer(root.window_ns)),
            ("on_intensity", f"tina::internal::OnIntensity::{_LIMITS[root.limit]}"),
            ("children", "kChildren" if root.members else "{}"),
        ],
    ).definition("kRoot")


def _role(system: System, role: Role) -> Block:
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
            ("root", "&kRoot"),
            ("types", "kTypes"),
        ],
    ).definition("kRole")
