# SPDX-License-Identifier: Apache-2.0
"""E0710 to E0713: a route leads to children that serve its protocol, by an argument that each
message has, and whoever uses one finds it in each system that runs it."""

from __future__ import annotations

from collections.abc import Container, Iterator

from tina_gen.checks.receivers import receivers
from tina_gen.checks.trees import population
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import (
    BytesType,
    CallUse,
    Child,
    EnumType,
    Isolate,
    Message,
    Model,
    Protocol,
    Route,
    Scalar,
    ScalarType,
    Send,
    StringType,
    System,
    TargetKind,
    Type,
)

_NOT_HASHED = (Scalar.F32, Scalar.F64)


def check(model: Model) -> Iterator[Diagnostic]:
    """Routes first, in declaration order, then their uses."""
    protocols = {protocol.qualified: protocol for protocol in model.protocols}
    first: dict[str, Route] = {}
    for system in model.systems:
        own: dict[str, Route] = {}
        for route in system.routes:
            if own.setdefault(route.protocol, route) is not route:
                yield _second(route, own[route.protocol])
                continue
            yield from _place(model, system, route)
            yield from _argument(model, route, protocols[route.protocol])
            earlier = first.setdefault(route.protocol, route)
            if earlier.argument != route.argument:
                yield _other_argument(route, earlier)
        yield from _uses(model, system)


def route_child(model: Model, route: Route) -> Child | None:
    """The child that a route leads to; None if it is a supervisor."""
    supervisor = model.supervisor(route.supervisor)
    return next((c for c in supervisor.children if c.name == route.child), None)


def _place(model: Model, system: System, route: Route) -> Iterator[Diagnostic]:
    role = next(role for role in system.roles if role.name == route.role)
    supervisor = model.supervisor(route.supervisor)
    path = f"{supervisor.name}.{route.child}"
    if all(one.qualified != route.supervisor for one in model.below(role.root)):
        yield Diagnostic(
            "E0710",
            route.span,
            f"role `{role.name}` does not run supervisor `{supervisor.name}`",
            label="leads nowhere",
            notes=(Note(f"its root is `{role.root.rpartition('.')[2]}`", role.span),),
            help="name a supervisor at or below the root of that role",
        )
        return
    child = route_child(model, route)
    if child is None:
        text = f"`{path}` is a supervisor, and a route leads to an isolate"
        help = "name a child of that supervisor"
        yield Diagnostic("E0710", route.span, text, label="no isolate", help=help)
        return
    protocol = route.protocol.rpartition(".")[2]
    isolate = model.isolate(child.isolate)
    note = (Note(f"`{route.child}` is declared here", child.span),)
    if route.protocol not in isolate.implements:
        yield Diagnostic(
            "E0710",
            route.span,
            f"`{isolate.name}` does not implement `{protocol}`",
            label="cannot serve it",
            notes=note,
            help=f"write `isolate {isolate.name} implements {protocol}`",
        )
    if child.count != route.count:
        have = f"`{path}` is {child.count} children" if child.count > 1 else f"`{path}` is one"
        yield Diagnostic(
            "E0710",
            route.span,
            f"{have}, and the route counts {route.count}",
            label="other number of children",
            notes=note,
            help=f"write `* {child.count}`" if child.count > 1 else "leave `* N` out",
        )


def _argument(model: Model, route: Route, protocol: Protocol) -> Iterator[Diagnostic]:
    used = _routed(model, route.protocol)
    known: tuple[Message, Type] | None = None
    for message in protocol.served:
        field = next((f for f in message.fields if f.name == route.argument), None)
        note = (Note(f"`{message.local_name}` is declared here", message.span),)
        if field is None:
            if message.is_call or message.qualified in used:
                yield _without(route, message, note)
            continue
        if not hashable(field.type):
            text = f"`{message.local_name}` has no `{route.argument}` that can be hashed"
            help = "route by a `bool`, an integer, a duration, an enum, a string or bytes"
            label = "cannot be hashed"
            yield Diagnostic("E0711", route.span, text, label=label, notes=note, help=help)
        elif known is None:
            known = (message, field.type)
        elif field.type != known[1]:
            text = f"`{route.argument}` of `{message.local_name}` has another type than that of"
            text += f" `{known[0].local_name}`"
            help = "give them one type, so that one value leads to one place"
            yield Diagnostic("E0711", route.span, text, label="two types", notes=note, help=help)


def _without(route: Route, message: Message, note: tuple[Note, ...]) -> Diagnostic:
    help = f"add `{route.argument}` to it, or route by an argument that all have"
    if not message.is_call:
        help = f"add `{route.argument}` to it, or only broadcast it"
    return Diagnostic(
        "E0711",
        route.span,
        f"`{message.local_name}` has no argument `{route.argument}`",
        label="cannot pick a place for it",
        notes=note,
        help=help,
    )


def hashable(type_: Type) -> bool:
    """Whether a route can go by a value of this type: one that has one form for one meaning."""
    match type_:
        case ScalarType(scalar):
            return scalar not in _NOT_HASHED
        case EnumType() | StringType() | BytesType():
            return True
        case _:
            return False


def _routed(model: Model, protocol: str) -> set[str]:
    """The calls that go by a protocol's route; casts without the argument are broadcast only."""
    return {
        use.call.qualified
        for isolate in model.isolates
        for use in isolate.calls
        if use.target.kind is TargetKind.ROUTE and use.target.protocol == protocol
    }


def _second(route: Route, first: Route) -> Diagnostic:
    return Diagnostic(
        "E0712",
        route.span,
        f"protocol `{route.protocol.rpartition('.')[2]}` has two routes in one system",
        label="second one",
        notes=(Note("it is declared here", first.span),),
        help="keep one",
    )


def _other_argument(route: Route, earlier: Route) -> Diagnostic:
    protocol = route.protocol.rpartition(".")[2]
    return Diagnostic(
        "E0712",
        route.span,
        f"`{protocol}` is routed by `{route.argument}` here and by `{earlier.argument}` elsewhere",
        label="another argument",
        notes=(Note("the other route is here", earlier.span),),
        help="route by the same argument in each system: handlers are compiled once",
    )


def _uses(model: Model, system: System) -> Iterator[Diagnostic]:
    runs = {name for role in system.roles for name in population(model, role)}
    routed = {route.protocol for route in system.routes}
    for isolate in model.isolates:
        if isolate.qualified not in runs:
            continue
        for use in _unserved(isolate, routed):
            yield _no_route(model, system, isolate, use)


def unrouted(model: Model) -> Iterator[Diagnostic]:
    """What goes by a route where there is no system at all. A package may be checked so, because
    whoever imports it has the system; code cannot be generated."""
    routed = {route.protocol for system in model.systems for route in system.routes}
    for isolate in model.isolates:
        for use in _unserved(isolate, routed):
            yield Diagnostic(
                "E0713",
                use.target.span,
                f"no system has a route for `{_protocol(use)}`, so no code can be generated",
                label="leads nowhere",
                help="generate the file that has the system: it imports this one",
            )


def _unserved(isolate: Isolate, routed: Container[str | None]) -> Iterator[Send | CallUse]:
    """What an isolate sends and calls by routes that are not there."""
    uses: list[Send | CallUse] = [*isolate.sends, *isolate.calls]
    return (
        use
        for use in uses
        if use.target.kind is TargetKind.ROUTE and use.target.protocol not in routed
    )


def _protocol(use: Send | CallUse) -> str:
    return (use.target.protocol or "").rpartition(".")[2]


def _no_route(model: Model, system: System, isolate: Isolate, use: Send | CallUse) -> Diagnostic:
    protocol = _protocol(use)
    message = use.call if isinstance(use, CallUse) else use.message
    serving = receivers(model, use.target, message)
    by = f"; `{serving[0].name}` implements it" if serving else ""
    return Diagnostic(
        "E0713",
        use.target.span,
        f"system `{system.name}` has no route for `{protocol}`",
        label="leads nowhere",
        notes=(Note(f"`{isolate.name}` runs in it", system.span),),
        help=f"add `route {protocol} by hash(…) over role.Supervisor.child;` to it{by}",
    )
