# SPDX-License-Identifier: Apache-2.0
"""Isolates without their clauses: init, I/O objects, sends, spawns and the budget.

Clauses need to know what everyone sends, so they come in a second step (`machines.py`).
"""

from __future__ import annotations

from typing import TypeVar

from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.model import (
    Budget,
    InitArgument,
    IoObject,
    Message,
    Send,
    Spawn,
    Target,
    Timer,
)
from tina_gen.resolve import records
from tina_gen.resolve.io import io_objects
from tina_gen.resolve.protocols import Protocols
from tina_gen.resolve.relations import RelationResolver, Relations, check_objects
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.timers import named_timers
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

_Item = TypeVar("_Item", a.Init, a.Budget, a.Machine)

# entry -> (dimension, least, most); slots have 22 bits in a handle
ENTRIES: dict[str, tuple[Dimension, int, int]] = {
    "slots": (Dimension.NUMBER, 1, (1 << 22) - 1),
    "mailbox": (Dimension.NUMBER, 1, (1 << 16) - 1),  # counted in 16 bits per slot
    "state": (Dimension.SIZE, 1, 1 << 30),
    "scratch": (Dimension.SIZE, 0, 1 << 30),
    "buffers": (Dimension.NUMBER, 0, 1 << 16),
    "weight": (Dimension.NUMBER, 1, 1 << 16),
    "calls": (Dimension.NUMBER, 1, 254),  # counted in 8 bits per slot, as what is open
    "open": (Dimension.NUMBER, 1, 254),
    "monitors": (Dimension.NUMBER, 0, 1 << 16),
}
REQUIRED = ("slots", "mailbox", "state")
_EXAMPLE = "budget { slots 1; mailbox 8; state <= 128B; }"


@dataclass(frozen=True, slots=True)
class Outline:
    """An isolate before its clauses are resolved."""

    symbol: Symbol
    decl: d.Isolate
    init: tuple[InitArgument, ...]
    init_size: int
    init_align: int
    io: tuple[IoObject, ...]
    relations: Relations
    sends: tuple[Send, ...]
    spawns: tuple[Spawn, ...]
    timers: tuple[Timer, ...]
    budget: Budget
    machine: a.Machine | None


class IsolateResolver:
    """Resolves isolates against the messages of all files."""

    def __init__(
        self, values: Values, messages: dict[Symbol, Message], protocols: Protocols
    ) -> None:
        """`messages` holds the intact messages; a broken one is missing."""
        self.values = values
        self.sink = values.sink
        self.messages = messages
        self.protocols = protocols

    def outline(self, symbol: Symbol, decl: d.Isolate) -> Outline | None:
        """Everything but the clauses; None if any of it is broken (already reported)."""
        name, unit = symbol.name, symbol.unit
        init = _once([i for i in decl.items if isinstance(i, a.Init)], "init", self)
        budget_item = _once([i for i in decl.items if isinstance(i, a.Budget)], "budget", self)
        machine = _once([i for i in decl.items if isinstance(i, a.Machine)], "machine", self)
        params = init.params if init else ()
        arguments = records.init_arguments(self.values, params, unit, f"in the init of `{name}`")
        io: tuple[IoObject, ...] | None = None
        if arguments is not None:
            items = [i for i in decl.items if isinstance(i, a.Io)]
            io = io_objects(self.values, items, arguments[0], unit, f"in isolate `{name}`")
        timer_items = [i for i in decl.items if isinstance(i, a.Timer)]
        timers = named_timers(self.values, timer_items, io or (), unit, f"in isolate `{name}`")
        relations = self._relations(symbol, decl)
        sends = self._sends(symbol, decl)
        spawns = self._spawns(symbol, decl)
        budget = self._budget(symbol, budget_item)
        if arguments is None or io is None or timers is None:
            return None
        if relations is not None and io is not None and timers is not None:
            lookup = Lookup(unit, self.sink)
            relations = relations if check_objects(lookup, relations, io, timers) else None
        if relations is None or sends is None or spawns is None or budget is None:
            return None
        found, size, align = arguments
        return Outline(
            symbol,
            decl,
            found,
            size,
            align,
            io,
            relations,
            sends,
            spawns,
            timers,
            budget,
            machine,
        )

    def repeated(self, first: Span, second: Span, word: str) -> None:
        """Reports a part that is written twice."""
        note = (Note("it is written here", first),)
        text = f"`{word}` is written twice"
        self.sink.error("E0311", second, text, "second time", "make one of the two", note)

    def _relations(self, symbol: Symbol, decl: d.Isolate) -> Relations | None:
        calls = [i for i in decl.items if isinstance(i, a.Calls)]
        targets = [(item, self._target(item.target, False, symbol)) for item in calls]
        return RelationResolver(self.protocols, symbol).relations(decl, targets)

    def _sends(self, symbol: Symbol, decl: d.Isolate) -> tuple[Send, ...] | None:
        found: list[Send] = []
        good = True
        for item in decl.items:
            if not isinstance(item, a.Sends):
                continue
            messages = [self._message(name, symbol) for name in item.messages]
            targets = [self._target(t, item.local, symbol) for t in item.targets]
            for message in messages:
                for target in targets:
                    if message is None or target is None:
                        good = False
                    else:
                        good &= self._first_time(found, message, target)
                        found.append(Send(len(found), message, target, item.span))
        return tuple(found) if good else None

    def _first_time(self, before: list[Send], message: Message, target: Target) -> bool:
        """False, with E0339, if the same message is sent to the same target already."""
        for other in before:
            if other.message is message and other.target.same(target):
                note = (Note("the first time is here", other.target.span),)
                text = f"`sends {message.local_name} to {target.span.text}` is written twice"
                span = target.span
                self.sink.error("E0339", span, text, "second time", "remove one", note)
                return False
        return True

    def _message(self, name: a.QName, symbol: Symbol) -> Message | None:
        lookup = Lookup(symbol.unit, self.sink)
        if self.protocols.names_member(lookup, name):
            return RelationResolver(self.protocols, symbol).sent(name)
        found = lookup.find(name, (Sort.MESSAGE,))
        if found is not None and found.unit.package == "tina.sys":
            text = f"`{name.text}` is sent by the runtime only"
            help = "declare a message of your own"
            self.sink.error("E0312", name.span, text, "cannot be sent", help)
            return None
        return self.messages.get(found) if found else None

    def _target(self, target: a.SendTarget, local: bool, symbol: Symbol) -> Target | None:
        lookup = Lookup(symbol.unit, self.sink)
        if target.route:
            protocol = lookup.find(target.name, (Sort.PROTOCOL,))
            name = protocol.qualified if protocol else ""
            return Target(None, None, None, local, target.span, name, True) if name else None
        found, rest = lookup.quiet(target.name)
        if found is None or found.sort is not Sort.SUPERVISOR or len(rest) != 1:
            other = lookup.find(target.name, (Sort.ISOLATE, Sort.PROTOCOL))
            if other is None:
                return None
            if other.sort is Sort.PROTOCOL:
                return Target(None, None, None, local, target.span, other.qualified)
            return Target(other.qualified, None, None, local, target.span)
        assert isinstance(found.decl, d.Supervisor)
        for item in found.decl.items:
            if isinstance(item, d.Child) and item.name.text == rest[0]:
                child = Lookup(found.unit, self.sink).find(item.target, (Sort.ISOLATE,))
                if child is None:
                    return None
                return Target(child.qualified, found.qualified, rest[0], local, target.span)
        known = [i.name.text for i in found.decl.items if isinstance(i, d.Child)]
        text = f"supervisor `{found.name}` has no child `{rest[0]}`"
        help = f"its children are {', '.join(f'`{n}`' for n in known)}" if known else "add it"
        self.sink.error("E0101", target.span, text, "not declared", help)
        return None

    def _spawns(self, symbol: Symbol, decl: d.Isolate) -> tuple[Spawn, ...] | None:
        lookup = Lookup(symbol.unit, self.sink)
        found: list[Spawn] = []
        good = True
        for item in decl.items:
            if isinstance(item, a.Spawns):
                isolate = lookup.find(item.isolate, (Sort.ISOLATE,))
                supervisor = lookup.find(item.supervisor, (Sort.SUPERVISOR,))
                if isolate is None or supervisor is None:
                    good = False
                    continue
                found.append(Spawn(len(found), isolate.qualified, supervisor.qualified, item.span))
        return tuple(found) if good else None

    def _budget(self, symbol: Symbol, item: a.Budget | None) -> Budget | None:
        if item is None:
            text = f"isolate `{symbol.name}` has no budget"
            help = f"add `{_EXAMPLE}`"
            self.sink.error("E0501", symbol.span, text, "its memory must be known", help)
            return None
        given: dict[str, int] = {}
        spans: dict[str, Span] = {}
        good = True
        for entry in item.settings:
            name = entry.name.text
            first = spans.setdefault(name, entry.name.span)
            value: int | None = None
            if name not in ENTRIES:
                known = ", ".join(f"`{n}`" for n in ENTRIES)
                text = f"a budget has no entry `{name}`"
                help = f"its entries are {known}"
                self.sink.error("E0503", entry.name.span, text, "unknown", help)
            elif first is not entry.name.span:
                note = (Note("it is given here", first),)
                text = f"budget entry `{name}` is given twice"
                self.sink.error("E0503", entry.name.span, text, "second time", "keep one", note)
            elif (entry.at_most != (name == "state")) or entry.value is None or entry.times:
                shape = "state <= SIZE" if name == "state" else f"{name} N"
                text = f"budget entry `{name}` is written `{shape};`"
                self.sink.error("E0503", entry.span, text, "malformed", f"write `{shape};`")
            else:
                dimension, low, high = ENTRIES[name]
                value = self.values.whole(
                    entry.value, symbol.unit, f"`{name}`", (low, high), "E0502", dimension
                )
            if value is None:
                good = False
            else:
                given[name] = value
        missing = [name for name in REQUIRED if name not in spans]
        if missing:
            words = " and ".join(f"`{name}`" for name in missing)
            text = f"the budget of `{symbol.name}` does not say {words}"
            self.sink.error("E0501", item.span, text, "incomplete", f"for example `{_EXAMPLE}`")
            good = False
        return _filled(given, item.span) if good else None


def _filled(given: dict[str, int], span: Span) -> Budget:
    return Budget(
        slots=given["slots"],
        mailbox=given["mailbox"],
        state=given["state"],
        scratch=given.get("scratch", 0),
        buffers=given.get("buffers", 0),
        weight=given.get("weight", 1),
        calls=given.get("calls", 1),
        open=given.get("open", 1),
        monitors=given.get("monitors", 0),
        span=span,
    )


def _once(items: list[_Item], word: str, resolver: IsolateResolver) -> _Item | None:
    for second in items[1:]:
        resolver.repeated(items[0].span, second.span, word)
    return items[0] if items else None
