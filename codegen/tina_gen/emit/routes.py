# SPDX-License-Identifier: Apache-2.0
"""Routes in C++: how a context sends by one, and where each leads in a system.

The protocols that any system routes are numbered through: contracts name the number, because they
are compiled once for all systems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tina_gen.checks.routes import route_child
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope
from tina_gen.emit.numbering import first_place, tag
from tina_gen.emit.records import Block
from tina_gen.emit.tables import Table, text_table
from tina_gen.model import Isolate, Message, Model, Protocol, Route, System, TargetKind
from tina_gen.owned import is_moved


def route_number(model: Model, protocol: str) -> int:
    """The number of a routed protocol."""
    return _routed(model).index(protocol)


def _routed(model: Model) -> list[str]:
    used = {route.protocol for system in model.systems for route in system.routes}
    return [protocol.qualified for protocol in model.protocols if protocol.qualified in used]


def member_number(model: Model, member: Message) -> int:
    """The number of a call or cast among those that its protocol's implementers serve."""
    assert member.protocol is not None
    served = model.protocol(member.protocol).served
    return [m.qualified for m in served].index(member.qualified)


def route_hash(model: Model, member: Message, of: Callable[[str], str]) -> str | None:
    """The hash of a member's routing argument, `of` being how its value is written; None if
    it has no such argument."""
    routes = (route for system in model.systems for route in system.routes)
    route = next(route for route in routes if route.protocol == member.protocol)
    if all(field.name != route.argument for field in member.fields):
        return None
    return f"tina::internal::route_hash({of(route.argument)})"


def route_sends(scope: Scope, isolate: Isolate) -> Iterator[Block]:
    """A context's `send` and `broadcast` of casts that go by a route."""
    routed = _routed(scope.model)
    for send in isolate.sends:
        target = send.target
        if target.kind is not TargetKind.ROUTE or target.protocol not in routed:
            continue
        message = scope.message(send.message)
        number = str(route_number(scope.model, target.protocol))
        member = str(member_number(scope.model, send.message))
        hash_ = route_hash(scope.model, send.message, "message.{}".format)
        moved = is_moved(send.message)
        if hash_ is not None:
            given = f"{message}&& message" if moved else f"const {message}& message"
            function = "send_route_owned" if moved else "send_route"
            arguments = ["core()", number, hash_, member, "message"]
            body = wrap.call(6, f"return tina::internal::{function}(", arguments, ");")
            yield wrap.function(4, [f"    tina::SendResult send({given}) {{"], body)
        if moved:
            continue  # there is one of it
        arguments = ["core()", number, member, "message"]
        protocol = scope.protocol(target.protocol)
        head = [f"    tina::BroadcastResult broadcast(const {message}& message) {{"]
        yield [
            f"    template <std::same_as<{protocol}> Protocol>",
            *wrap.function(
                4, head, wrap.call(6, "return tina::internal::broadcast(", arguments, ");")
            ),
        ]


def route_tables(scope: Scope, system: System) -> list[Block]:
    """The arrays of tags, and `kRoutes`; nothing if no system routes anything."""
    model = scope.model
    found: list[Block] = []
    rows: list[Table] = []
    for name in _routed(model):
        protocol = model.protocol(name)
        route = next((r for r in system.routes if r.protocol == name), None)
        if route is not None:
            found.append(_tags(model, protocol, route))
        rows.append(_row(scope, system, protocol, route))
    return [*found, text_table("kRoutes", rows)] if rows else []


def _tags(model: Model, protocol: Protocol, route: Route) -> Block:
    child = route_child(model, route)
    assert child is not None
    isolate = model.isolate(child.isolate)
    tags = [str(tag(isolate, member)) for member in protocol.served]
    head = f"inline constexpr std::array<std::uint8_t, {len(tags)}> k{protocol.name}RouteTags{{"
    return wrap.call(0, head, tags, "};")


def _row(scope: Scope, system: System, protocol: Protocol, route: Route | None) -> Table:
    model = scope.model
    role = place = count = "0"
    type_ = tags = "{}"
    if route is not None:
        supervisor = model.supervisor(route.supervisor)
        child = route_child(model, route)
        assert child is not None
        role = next(str(r.index) for r in system.roles if r.name == route.role)
        place = str(first_place(model, supervisor) + supervisor.members.index(child))
        count = str(route.count)
        type_ = scope.contract(child.isolate)
        tags = f"k{protocol.name}RouteTags"
    return Table(
        "RouteTable",
        [
            ("protocol", f'"{protocol.name}"'),
            ("role", role),
            ("place", place),
            ("count", count),
            ("type", type_),
            ("tags", tags),
        ],
    )
