# SPDX-License-Identifier: Apache-2.0
"""Parses isolates: their items, clauses, machines and (nested) states."""

from __future__ import annotations

from collections.abc import Callable

from tina_gen.source import Span
from tina_gen.syntax.ast import (
    After,
    Allow,
    Budget,
    Calls,
    Clause,
    Enter,
    Init,
    Initial,
    Io,
    IsolateItem,
    Machine,
    Monitors,
    Name,
    OnClause,
    PassiveClause,
    QName,
    Sends,
    SendTarget,
    Setting,
    Spawns,
    State,
    StateItem,
    Timer,
)
from tina_gen.syntax.cursor import Cursor
from tina_gen.syntax.declarations import Isolate
from tina_gen.syntax.expressions import expression, params, setting, text

CLAUSE_WORDS = ["on", "ignore", "defer", "reject"]


def isolate(p: Cursor, doc: str) -> Isolate:
    """`isolate NAME [implements …] [subscribes …] { … }`."""
    start = p.expect("isolate").span
    name = p.name("the name of the isolate")
    implements = p.qnames("a protocol") if p.accept("implements") else ()
    subscribes = p.qnames("a protocol") if p.accept("subscribes") else ()
    items: list[IsolateItem] = []
    p.items(lambda: items.append(_item(p)))
    return Isolate(name, implements, subscribes, tuple(items), doc, start.to(p.previous.span))


def _item(p: Cursor) -> IsolateItem:
    if p.at(*CLAUSE_WORDS):
        return _clause(p)
    parse = _ITEMS.get(p.token.text)
    if parse is None:
        raise p.unknown_item("in an isolate", [*_ITEMS, *CLAUSE_WORDS])
    return parse(p)


def _init(p: Cursor) -> Init:
    start = p.advance().span
    found = params(p)
    span = start.to(p.previous.span)
    p.semicolon()
    return Init(found, span)


def _io(p: Cursor) -> Io:
    doc = p.advance().doc
    name = p.name("the name of the I/O object")
    p.expect(":")
    kind = p.qname("an I/O kind")
    source = p.name("the argument that it is opened from") if p.accept("=") else None
    span = name.span.to(p.previous.span)
    settings: list[Setting] = []
    if p.at("{"):
        p.items(lambda: settings.append(setting(p)))
    else:
        p.semicolon()
    return Io(name, kind, source, tuple(settings), doc, span)


def _target(p: Cursor) -> SendTarget:
    if p.at("route") and p.ahead(1).text not in (",", ";", "."):
        start = p.advance().span
        name = p.qname("a protocol")
        return SendTarget(name, True, start.to(name.span))
    name = p.qname("an isolate, a child path or `route`")
    return SendTarget(name, False, name.span)


def _sends(p: Cursor) -> Sends:
    start = p.advance().span
    messages = p.qnames("a message")
    p.expect("to")
    local = False
    if p.at("local") and p.ahead(1).text not in (",", ";", "."):
        p.advance()
        local = True
    targets = [_target(p)]
    while p.accept(","):
        targets.append(_target(p))
    span = start.to(p.previous.span)
    p.semicolon()
    return Sends(messages, local, tuple(targets), span)


def _calls(p: Cursor) -> Calls:
    start = p.advance().span
    found = p.qnames("a call")
    p.expect("to")
    target = _target(p)
    never_shed = p.accept("never_shed") is not None
    span = start.to(p.previous.span)
    p.semicolon()
    return Calls(found, target, never_shed, span)


def _spawns(p: Cursor) -> Spawns:
    start = p.advance().span
    child = p.qname("an isolate")
    p.expect("under")
    parent = p.qname("a supervisor")
    p.semicolon()
    return Spawns(child, parent, start.to(parent.span))


def _monitors(p: Cursor) -> Monitors:
    start = p.advance().span
    found = p.qnames("an isolate")
    p.semicolon()
    return Monitors(found, start.to(found[-1].span))


def _timer(p: Cursor) -> Timer:
    doc = p.advance().doc
    name = p.name("the name of the timer")
    every = expression(p) if p.accept("every") else None
    p.semicolon()
    return Timer(name, every, doc, name.span)


def _budget(p: Cursor) -> Budget:
    word = p.advance()
    settings: list[Setting] = []
    p.items(lambda: settings.append(setting(p)))
    return Budget(tuple(settings), word.span)


def _allow(p: Cursor) -> Allow:
    start = p.advance().span
    code = p.name("a code such as `W0320`")
    reason = text(p)
    p.semicolon()
    return Allow(code, reason, start.to(reason.span))


def _names(p: Cursor) -> tuple[Name, ...]:
    names = [p.name("a state or `stay`")]
    while p.accept("|"):
        names.append(p.name("a state or `stay`"))
    return tuple(names)


def _arrow(p: Cursor) -> tuple[bool, tuple[Name, ...]]:
    """`-> A | B` or `=> A`: whether it is immediate, and the targets (none if absent)."""
    if p.accept("=>"):
        return True, (p.name("a state"),)
    if p.accept("->"):
        return False, _names(p)
    return False, ()


def _clause(p: Cursor) -> Clause:
    word = p.advance()
    if word.text == "on":
        events = p.qnames("a message")
        later = p.accept("later") is not None
        immediate, targets = _arrow(p)
        span = word.span.to(p.previous.span)
        if targets and p.at(","):
            raise p.unexpected("`|` or `;`", help="put `|` between targets: `-> A | B;`")
        if p.at("{"):
            help = "end it with `;`: what the handler does is written in C++"
            raise p.unexpected("`;`", help=help)
        p.semicolon()
        return OnClause(events, later, immediate, targets, span)
    others = word.text == "defer" and p.at("others") and p.ahead(1).text == ";"
    names: tuple[QName, ...] = ()
    if others:
        p.advance()
    else:
        names = p.qnames("a message")
    span = word.span.to(p.previous.span)
    p.semicolon()
    return PassiveClause(word.text, names, others, span)


def _machine(p: Cursor) -> Machine:
    word = p.advance()
    items: list[StateItem] = []

    def item() -> None:
        if p.at("enter", "after"):
            raise p.unknown_item("at the top of a machine", ["initial", "state", *CLAUSE_WORDS])
        items.append(_state_item(p))

    p.items(item)
    return Machine(tuple(items), word.span)


def _state_item(p: Cursor) -> StateItem:
    if p.at(*CLAUSE_WORDS):
        return _clause(p)
    parse = _STATE_ITEMS.get(p.token.text)
    if parse is None:
        raise p.unknown_item("in a machine", [*_STATE_ITEMS, *CLAUSE_WORDS])
    return parse(p)


def _initial(p: Cursor) -> Initial:
    start = p.advance().span
    name = p.name("a state")
    p.semicolon()
    return Initial(name, start.to(name.span))


def _enter(p: Cursor) -> Enter:
    span = p.advance().span
    p.semicolon()
    return Enter(span)


def _after(p: Cursor) -> After:
    start = p.advance().span
    duration = expression(p)
    immediate, targets = _arrow(p)
    if not targets:
        raise p.unexpected("`->` or `=>` and a state")
    span = start.to(p.previous.span)
    p.semicolon()
    return After(duration, immediate, targets, span)


def _state(p: Cursor) -> State:
    first = p.token
    is_final = p.accept("final") is not None
    p.expect("state")
    name = p.name("the name of the state")
    items: list[StateItem] = []
    if p.at("{"):
        p.items(lambda: items.append(_state_item(p)))
    else:
        p.semicolon()
    span: Span = first.span.to(name.span)
    return State(name, is_final, tuple(items), first.doc, span)


_ITEMS: dict[str, Callable[[Cursor], IsolateItem]] = {
    "init": _init,
    "io": _io,
    "sends": _sends,
    "calls": _calls,
    "spawns": _spawns,
    "monitors": _monitors,
    "timer": _timer,
    "budget": _budget,
    "machine": _machine,
    "allow": _allow,
}

_STATE_ITEMS: dict[str, Callable[[Cursor], StateItem]] = {
    "initial": _initial,
    "enter": _enter,
    "after": _after,
    "state": _state,
    "final": _state,
    "allow": _allow,
}
