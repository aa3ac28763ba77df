# SPDX-License-Identifier: Apache-2.0
"""The runtime's tables (`tina/table.h`) of supervisors and their children, as braced lists.

Members of all supervisors of the model are numbered through: that number is a member's place. It
does not depend on the role that runs it, so contracts can name it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, config_value, flag, integer
from tina_gen.emit.numbering import first_place
from tina_gen.emit.records import Block
from tina_gen.emit.tables import Table, text_table
from tina_gen.emit.values import laid_out
from tina_gen.model import (
    Argument,
    AutoShutdown,
    Child,
    Config,
    DynamicGroup,
    Limit,
    Member,
    Model,
    Nested,
    Restart,
    ShardValue,
    Strategy,
    Supervisor,
)

_RESTARTS = {
    Restart.PERMANENT: "kPermanent",
    Restart.TRANSIENT: "kTransient",
    Restart.TEMPORARY: "kTemporary",
}
_STRATEGIES = {
    Strategy.ONE_FOR_ONE: "kOneForOne",
    Strategy.ONE_FOR_ALL: "kOneForAll",
    Strategy.REST_FOR_ONE: "kRestForOne",
}
_LIMITS = {
    Limit.ESCALATE: "kEscalate",
    Limit.QUARANTINE: "kQuarantine",
    Limit.ABORT: "kAbort",
}
_AUTO = {None: "kNever", AutoShutdown.ANY: "kAny", AutoShutdown.ALL: "kAll"}


def supervisor_tables(scope: Scope) -> list[Block]:
    """The arrays `kChildren`, by place, and `kSupervisors`, by index in the model."""
    model = scope.model
    return [
        text_table("kChildren", [_member(scope, s, m) for s, m in _members(model)]),
        text_table("kSupervisors", [_supervisor(model, s) for s in model.supervisors]),
    ]


def make_inits(scope: Scope) -> list[Block]:
    """One function per static child, which builds its init arguments."""
    return [_make_init(scope, s, child) for s, child in _children(scope.model)]


def _members(model: Model) -> Iterator[tuple[Supervisor, Member]]:
    for supervisor in model.supervisors:
        for member in supervisor.members:
            yield supervisor, member


def _children(model: Model) -> Iterator[tuple[Supervisor, Child]]:
    for supervisor in model.supervisors:
        for child in supervisor.children:
            yield supervisor, child


def _make_name(model: Model, supervisor: Supervisor, child: Child) -> str:
    """`make_root_listener`; with its place behind it if another child would be called the same."""

    def plain(above: Supervisor, below: Child) -> str:
        return f"make_{names.snake(above.name)}_{below.name}"

    name = plain(supervisor, child)
    if [plain(*other) for other in _children(model)].count(name) == 1:
        return name
    return f"{name}_{first_place(model, supervisor) + supervisor.members.index(child)}"


def _make_init(scope: Scope, supervisor: Supervisor, child: Child) -> Block:
    name = _make_name(scope.model, supervisor, child)
    uses_facts = any(isinstance(a.value, Config | ShardValue) for a in child.arguments)
    uses_config = any(isinstance(a.value, Config) for a in child.arguments)
    parameters = [
        f"const tina::internal::ChildFacts&{' facts' if uses_facts else ''}",
        "std::byte* arguments",
    ]
    head = wrap.declaration(0, f"inline void {name}(", parameters, ") {")
    init = f"{scope.isolate(child.isolate)}Init"
    if not child.arguments:
        return wrap.function(0, head, [f"  ::new (arguments) {init}{{}};"])
    lines = [f"  ::new (arguments) {init}{{"]
    for argument in child.arguments:
        lines += _argument(scope, argument)
    lines.append("  };")
    start = ["  const auto& values = *static_cast<const Config*>(facts.config);"]
    return [*head, *(start if uses_config else []), *lines, "}"]


def _argument(scope: Scope, argument: Argument) -> list[str]:
    """One argument of the init that a child gets."""
    head = f".{argument.target.name} = "
    match argument.value:
        case Config() as config:
            text = config_value(scope.model, config)
        case ShardValue.INDEX:
            text = "tina::index(facts.shard)"
        case ShardValue.COUNT:
            text = "facts.shards"
        case ShardValue.CHILD_INDEX:
            text = "facts.child"
        case value:
            return laid_out(scope, 6, head, argument.target.type, value, ",")
    return [f"      {head}{text},"]


def _member(scope: Scope, supervisor: Supervisor, member: Member) -> Table:
    name, type_, nested, most, make_init = "", "{}", "tina::internal::kNoSupervisor", 1, "nullptr"
    match member:
        case Child():
            name, most = member.name, member.count
            make_init = _make_name(scope.model, supervisor, member)
        case Nested():
            name, nested = member.name, str(scope.model.supervisor(member.supervisor).index)
        case DynamicGroup():
            name, most = scope.isolate(member.isolate), member.max
    if not isinstance(member, Nested):
        type_ = scope.contract(member.isolate)
    return Table(
        "ChildTable",
        [
            ("name", f'"{name}"'),
            ("type", type_),
            ("supervisor", nested),
            ("restart", f"tina::internal::Restart::{_RESTARTS[member.restart]}"),
            ("dynamic", flag(isinstance(member, DynamicGroup))),
            ("significant", flag(not isinstance(member, DynamicGroup) and member.significant)),
            ("max", str(most)),
            ("shutdown_ns", integer(member.shutdown_ns or 0)),
            ("make_init", make_init),
        ],
    )


def _supervisor(model: Model, supervisor: Supervisor) -> Table:
    backoff = supervisor.backoff
    first, count = first_place(model, supervisor), len(supervisor.members)
    return Table(
        "SupervisorTable",
        [
            ("name", f'"{supervisor.name}"'),
            ("strategy", f"tina::internal::Strategy::{_STRATEGIES[supervisor.strategy]}"),
            ("restarts", str(supervisor.restarts)),
            ("window_ns", integer(supervisor.window_ns)),
            ("on_intensity", f"tina::internal::OnIntensity::{_LIMITS[supervisor.limit]}"),
            ("backoff_min_ns", integer(backoff.min_ns if backoff else 0)),
            ("backoff_max_ns", integer(backoff.max_ns if backoff else 0)),
            ("auto_shutdown", f"tina::internal::AutoShutdown::{_AUTO[supervisor.auto_shutdown]}"),
            ("first_place", str(first)),
            ("children", f"{{&kChildren[{first}], {count}}}" if count else "{}"),
        ],
    )
