# SPDX-License-Identifier: Apache-2.0
"""Parses supervisors, systems, faults, scenarios and properties."""

from __future__ import annotations

from collections.abc import Callable

from tina_gen.syntax.ast import Expr, Name, NameExpr, QName, Setting
from tina_gen.syntax.cursor import Cursor
from tina_gen.syntax.declarations import (
    Argument,
    AutoShutdown,
    Backoff,
    Channel,
    Child,
    Dynamic,
    Fault,
    Faults,
    Node,
    Property,
    Restarts,
    Root,
    Route,
    Scenario,
    Shards,
    Stop,
    Strategy,
    Supervisor,
    SupervisorItem,
    System,
    SystemItem,
)
from tina_gen.syntax.expressions import expression, setting, text

RESTART_WORDS = ("permanent", "transient", "temporary")


def supervisor(p: Cursor, doc: str) -> Supervisor:
    """`supervisor NAME { … }`."""
    start = p.expect("supervisor").span
    name = p.name("the name of the supervisor")
    items: list[SupervisorItem] = []

    def item() -> None:
        parse = _ITEMS.get(p.token.text)
        if parse is None:
            raise p.unknown_item("in a supervisor", list(_ITEMS))
        items.append(parse(p))

    p.items(item)
    return Supervisor(name, tuple(items), doc, start.to(p.previous.span))


def _strategy(p: Cursor) -> Strategy:
    start = p.advance().span
    name = p.name("a strategy")
    p.semicolon()
    return Strategy(name, start.to(name.span))


def _restarts(p: Cursor) -> Restarts:
    start = p.advance().span
    count = expression(p)
    p.expect("in")
    window = expression(p)
    limit = p.name("`escalate`, `quarantine` or `abort`") if p.accept("else") else None
    span = start.to(p.previous.span)
    p.semicolon()
    return Restarts(count, window, limit, span)


def _backoff(p: Cursor) -> Backoff:
    start = p.advance().span
    low = expression(p)
    p.expect("..")
    high = expression(p)
    p.semicolon()
    return Backoff(low, high, start.to(high.span))


def _arguments(p: Cursor) -> tuple[Argument, ...]:
    found: list[Argument] = []
    if not p.accept("("):
        return ()
    while not p.at(")"):
        name = p.name("the name of an argument")
        if not p.at("="):
            raise p.unexpected("`=`", help=f"say which argument it is: `{name.text} = …`")
        p.advance()
        value = expression(p)
        found.append(Argument(name, value, name.span.to(value.span)))
        if not p.accept(","):
            break
    p.expect(")")
    return tuple(found)


def _restart(p: Cursor) -> Name | None:
    return p.name("a restart type") if p.at(*RESTART_WORDS) else None


def _stop(p: Cursor) -> Stop | None:
    if word := p.accept("brutal"):
        return Stop(None, word.span)
    if word := p.accept("shutdown"):
        time = expression(p)
        return Stop(time, word.span.to(time.span))
    return None


def _child(p: Cursor) -> Child:
    doc = p.advance().doc
    name = p.name("the name of the child")
    p.expect(":")
    target = p.qname("an isolate or a supervisor")
    arguments = _arguments(p)
    count = expression(p) if p.accept("*") else None
    restart = _restart(p)
    stop = _stop(p)
    word = p.accept("significant")
    span = name.span.to(p.previous.span)
    p.semicolon()
    significant = word.span if word else None
    return Child(name, target, arguments, count, restart, stop, significant, doc, span)


def _dynamic(p: Cursor) -> Dynamic:
    word = p.advance()
    target = p.qname("an isolate")
    p.expect("max")
    limit = expression(p)
    restart = _restart(p)
    stop = _stop(p)
    span = word.span.to(p.previous.span)
    p.semicolon()
    return Dynamic(target, limit, restart, stop, word.doc, span)


def _auto_shutdown(p: Cursor) -> AutoShutdown:
    start = p.advance().span
    name = p.name("`any` or `all`")
    p.semicolon()
    return AutoShutdown(name, start.to(name.span))


_ITEMS: dict[str, Callable[[Cursor], SupervisorItem]] = {
    "strategy": _strategy,
    "restarts": _restarts,
    "backoff": _backoff,
    "child": _child,
    "dynamic": _dynamic,
    "auto_shutdown": _auto_shutdown,
}


def system(p: Cursor, doc: str) -> System:
    """`system NAME { … }`."""
    start = p.expect("system").span
    name = p.name("the name of the system")
    items: list[SystemItem] = []
    p.items(lambda: items.append(_system_item(p)))
    return System(name, tuple(items), doc, start.to(p.previous.span))


def _system_item(p: Cursor) -> SystemItem:
    match p.token.text:
        case "shards" | "shard":
            return _shards(p)
        case "channel":
            return _channel(p)
        case "route":
            return _route(p)
        case _:
            return setting(p)


def _shards(p: Cursor) -> Shards:
    word = p.advance()
    last: Expr | None = None
    auto = False
    if word.text == "shards" and p.accept("auto"):
        p.expect("max")
        auto = True
        count = expression(p)
    else:
        count = expression(p)
        if word.text == "shard" and p.accept(".."):
            last = expression(p)
    p.expect("as")
    role = p.name("the name of the role")
    span = word.span.to(role.span)
    settings: list[Setting] = []
    roots: list[Root] = []

    def item() -> None:
        if p.at("root"):
            start = p.advance().span
            found = p.qname("a supervisor")
            p.semicolon()
            roots.append(Root(found, start.to(found.span)))
        else:
            settings.append(setting(p))

    p.items(item)
    numbered = word.text == "shard"
    return Shards(count, last, auto, numbered, role, tuple(settings), tuple(roots), span)


def _channel(p: Cursor) -> Channel:
    start = p.advance().span
    source = p.name("a role")
    p.expect("->")
    target = p.name("a role")
    p.expect("capacity")
    capacity = expression(p)
    p.semicolon()
    return Channel(source, target, capacity, start.to(capacity.span))


def _route(p: Cursor) -> Route:
    start = p.advance().span
    protocol = p.qname("a protocol")
    p.expect("by")
    p.expect("hash")
    p.expect("(")
    argument = p.name("an argument")
    p.expect(")")
    p.expect("over")
    target = p.qname("a child path")
    count = expression(p) if p.accept("*") else None
    span = start.to(p.previous.span)
    p.semicolon()
    return Route(protocol, argument, target, count, span)


def faults(p: Cursor, doc: str) -> Faults:
    """`faults NAME { … }`."""
    start = p.expect("faults").span
    name = p.name("the name of the faults")
    items: list[Fault] = []
    p.items(lambda: items.append(_fault(p)))
    return Faults(name, tuple(items), doc, start.to(p.previous.span))


def _fault(p: Cursor) -> Fault:
    name = p.name("a fault")
    value = expression(p)
    subject: QName | None = None
    if isinstance(value, NameExpr) and not p.at(";", ".."):
        subject = value.name
        value = expression(p)
    to = expression(p) if p.accept("..") else None
    span = name.span.to(p.previous.span)
    p.semicolon()
    return Fault(name, subject, value, to, span)


def scenario(p: Cursor, doc: str) -> Scenario:
    """`scenario "…" { … }`."""
    start = p.expect("scenario").span
    title = text(p)
    nodes: list[Node] = []
    used: list[QName] = []
    seeds: list[tuple[Expr, Expr]] = []
    times: list[Expr] = []
    expects: list[Name] = []

    def item() -> None:
        match p.token.text:
            case "node":
                first = p.advance().span
                name = p.name("the name of the node")
                p.expect(":")
                target = p.qname("a system")
                nodes.append(Node(name, target, first.to(target.span)))
            case "with":
                p.advance()
                used.extend(p.qnames("faults"))
            case "seeds":
                p.advance()
                low = expression(p)
                p.expect("..")
                seeds.append((low, expression(p)))
            case "time":
                p.advance()
                times.append(expression(p))
            case "expect":
                p.advance()
                expects.append(p.name("what to expect"))
                while p.accept(","):
                    expects.append(p.name("what to expect"))
            case _:
                raise p.unknown_item("in a scenario", ["node", "with", "seeds", "time", "expect"])
        p.semicolon()

    p.items(item)
    span = start.to(title.span)
    return Scenario(
        title,
        tuple(nodes),
        tuple(used),
        tuple(seeds),
        tuple(times),
        tuple(expects),
        doc,
        span,
    )


def property_(p: Cursor, doc: str) -> Property:
    """`property NAME : always | sometimes | eventually within D;`."""
    start = p.expect("property").span
    name = p.name("the name of the property")
    p.expect(":")
    if not p.at("always", "sometimes", "eventually"):
        raise p.unexpected("`always`, `sometimes` or `eventually within`")
    word = p.advance().text
    within: Expr | None = None
    if word == "eventually":
        p.expect("within")
        within = expression(p)
    span = start.to(p.previous.span)
    p.semicolon()
    return Property(name, word, within, doc, span)
