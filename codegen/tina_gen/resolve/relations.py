# SPDX-License-Identifier: Apache-2.0
"""What one isolate says of others: protocols it serves or hears, calls it makes, who it watches."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.model import CallUse, IoObject, Message, MessageSort, Target, Timer
from tina_gen.names import snake
from tina_gen.resolve.protocols import Protocols
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d


@dataclass(frozen=True, slots=True)
class Relations:
    """The resolved relations, each in declaration order."""

    implements: tuple[str, ...]
    subscribes: tuple[str, ...]
    calls: tuple[CallUse, ...]
    monitors: tuple[str, ...]


class RelationResolver:
    """Resolves the relations of one isolate. Broken parts are reported and set `good` False."""

    def __init__(self, protocols: Protocols, symbol: Symbol) -> None:
        """`symbol` is the isolate."""
        self.protocols = protocols
        self.sink = protocols.values.sink
        self.lookup = Lookup(symbol.unit, self.sink)
        self.good = True

    def relations(
        self, decl: d.Isolate, targets: list[tuple[a.Calls, Target | None]]
    ) -> Relations | None:
        """Everything, None if any of it is broken; `targets` are those of the `calls` lines."""
        implements = self._names(decl.implements, Sort.PROTOCOL, "implements")
        subscribes = self._names(decl.subscribes, Sort.PROTOCOL, "subscribes")
        watched = tuple(n for i in decl.items if isinstance(i, a.Monitors) for n in i.isolates)
        monitors = self._names(watched, Sort.ISOLATE, "monitors")
        calls = self._calls(targets)
        return Relations(implements, subscribes, calls, monitors) if self.good else None

    def _names(self, written: tuple[a.QName, ...], sort: Sort, word: str) -> tuple[str, ...]:
        seen: dict[str, Span] = {}
        for name in written:
            found = self.lookup.find(name, (sort,))
            broken = sort is Sort.PROTOCOL and found not in self.protocols.found
            if found is None or broken:
                self.good = False
                continue
            first = seen.setdefault(found.qualified, name.span)
            if first is not name.span:
                self._twice(f"`{word} {name.text}`", first, name.span)
        return tuple(seen)

    def _twice(self, what: str, first: Span, second: Span) -> None:
        self.good = False
        note = (Note("the first time is here", first),)
        text = f"{what} is written twice"
        self.sink.error("E0339", second, text, "second time", "remove one", note)

    def _calls(self, targets: list[tuple[a.Calls, Target | None]]) -> tuple[CallUse, ...]:
        found: list[CallUse] = []
        for item, target in targets:
            for name in item.calls:
                call = self.call(name)
                if call is None or target is None:
                    self.good = False
                    continue
                for other in found:
                    if other.call is call and other.target.same(target):
                        what = f"`calls {name.text} to {target.span.text}`"
                        self._twice(what, other.span, name.span)
                found.append(CallUse(len(found), call, target, item.never_shed, name.span))
        return tuple(found)

    def call(self, name: a.QName) -> Message | None:
        """The call that `P.C` names."""
        if not self.protocols.names_member(self.lookup, name):
            if self.lookup.find(name, (Sort.PROTOCOL,)) is not None:
                text = f"`{name.text}` is a protocol, not a call"
                help = "name a call of a protocol: `Protocol.Call`"
                self.sink.error("E0342", name.span, text, "not a call", help)
            return None
        member = self.protocols.member(self.lookup, name)
        if member is not None and (not member.is_call or len(self.lookup.quiet(name)[1]) > 1):
            text = f"`{name.text}` is no call"
            note = Note(f"it is declared here, as a {member.sort.value}", member.span)
            self.sink.error("E0342", name.span, text, "not a call", "use `sends`", (note,))
            return None
        return member

    def sent(self, name: a.QName) -> Message | None:
        """The cast or event that `P.M` names, for `sends`."""
        member = self.protocols.member(self.lookup, name)
        if member is None or member.sort in (MessageSort.CAST, MessageSort.EVENT):
            return member
        text = f"`{name.text}` is a call and is not sent"
        note = (Note("it is declared here", member.span),)
        help = f"write `calls {name.text} to …;`"
        self.sink.error("E0342", name.span, text, "needs an answer", help, note)
        return None


def check_objects(
    lookup: Lookup, relations: Relations, io: tuple[IoObject, ...], timers: tuple[Timer, ...]
) -> bool:
    """Whether the object by which calls of a protocol are made, `kv` for `Kv`, has its name for
    itself; reports if not."""
    taken = {one.name: (f"`{one.name}`", one.span) for one in io}
    taken |= {timer.name: (f"`{timer.name}`", timer.span) for timer in timers}
    good = True
    for use in relations.calls:
        assert use.call.protocol is not None
        protocol = use.call.protocol
        word = snake(protocol.rpartition(".")[2])
        first = taken.setdefault(word, (f"protocol `{protocol}`", use.span))
        if first[0] != f"protocol `{protocol}`":
            both = first[0].startswith("protocol")
            note = (Note(f"{first[0]} is {'called' if both else 'declared'} here", first[1]),)
            text = f"calls of `{protocol}` are made with `{word}`, which is also {first[0]}"
            help = "rename one, or call it from another isolate" if both else "rename one"
            lookup.sink.error("E0103", use.span, text, "clashes", help, note)
            good = False
    return good
