# SPDX-License-Identifier: Apache-2.0
"""Protocols: their calls, casts and events, and finding a member by its dotted name."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import Message, MessageSort, Protocol
from tina_gen.names import suggestion
from tina_gen.resolve import records
from tina_gen.resolve.naming import PASCAL, Names, check_converted, check_name
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

LIMIT_MAX_NS = 365 * 24 * 3_600_000_000_000
_CROSSES = "a call may cross shards, and it stays on its own"
_ONE = "an event goes to many, and it to one"
_NO_BLOCKS = {"call": _CROSSES, "event": _ONE, "cast": None}
_SORTS = {"cast": MessageSort.CAST, "event": MessageSort.EVENT}


class Protocols:
    """The protocols of all files. A broken one is known by name and has no members here."""

    def __init__(self, values: Values) -> None:
        """Nothing is known before `resolve`."""
        self.values = values
        self.found: dict[Symbol, Protocol] = {}

    def resolve(self, symbols: list[Symbol], first: int) -> None:
        """Resolves all protocols; the index of the first member is `first`."""
        for symbol in symbols:
            assert isinstance(symbol.decl, d.Protocol)
            protocol = _protocol(self.values, symbol, symbol.decl, first)
            first += len(symbol.decl.items)
            if protocol is not None:
                self.found[symbol] = protocol

    def names_member(self, lookup: Lookup, name: a.QName) -> bool:
        """Whether a dotted name begins with a protocol and goes on behind it."""
        symbol, rest = lookup.quiet(name)
        return symbol is not None and symbol.sort is Sort.PROTOCOL and bool(rest)

    def member(self, lookup: Lookup, name: a.QName) -> Message | None:
        """The member that `P.M` names, or the one before an end (`P.M.reply`). None if there is
        none, with a diagnostic unless the protocol itself is broken."""
        symbol, rest = lookup.quiet(name)
        protocol = self.found.get(symbol) if symbol else None
        if symbol is None or protocol is None:
            return None
        for member in protocol.members:
            if member.name == rest[0]:
                return member
        close = suggestion(rest[0], [member.name for member in protocol.members])
        known = ", ".join(f"`{member.name}`" for member in protocol.members[:8])
        help = f"did you mean `{symbol.name}.{close}`?" if close else f"it has {known}"
        text = f"protocol `{symbol.name}` has no `{rest[0]}`"
        self.values.sink.error("E0101", name.span, text, "not declared", help)
        return None


def _protocol(values: Values, symbol: Symbol, decl: d.Protocol, first: int) -> Protocol | None:
    if not decl.items:
        text = f"protocol `{symbol.name}` has no members"
        help = "add a `call`, a `cast` or an `event`"
        values.sink.error("E0341", decl.name.span, text, "empty", help)
        return None
    names = Names(values.sink, f"in protocol `{symbol.name}`")
    members: list[Message] = []
    good = check_converted(values.sink, decl.name, keywords=True)
    for index, item in enumerate(decl.items, first):
        good &= check_name(values.sink, item.name, "members of protocols", PASCAL, global_=True)
        good &= names.add(item.name) and _check_member(values, symbol, item)
        member = _member(values, symbol, item, index)
        if member is None:
            good = False
        else:
            members.append(member)
    if not good:
        return None

    def of(sort: MessageSort) -> tuple[Message, ...]:
        return tuple(member for member in members if member.sort is sort)

    return Protocol(
        values.indices[symbol],
        symbol.unit.package,
        symbol.name,
        of(MessageSort.CALL),
        of(MessageSort.CAST),
        of(MessageSort.EVENT),
        decl.doc,
        decl.name.span,
    )


def _check_member(values: Values, symbol: Symbol, item: d.CallItem | d.CastItem) -> bool:
    """A member is a struct in the protocol's own, and a call's results are one in the call's."""
    name = item.name
    if name.text == symbol.name:
        note = (Note("the protocol is declared here", symbol.span),)
        text = f"`{name.text}` has the name of its protocol"
        values.sink.error("E0103", name.span, text, "clashes", "rename one", note)
        return False
    if isinstance(item, d.CallItem) and name.text == "Result":
        text = "`Result` is what the results of each call are called in generated code"
        values.sink.error("E0105", name.span, text, "reserved", "choose another name")
        return False
    return check_converted(values.sink, name, keywords=False)


def _member(
    values: Values, symbol: Symbol, item: d.CallItem | d.CastItem, index: int
) -> Message | None:
    where = f"in `{symbol.name}.{item.name.text}`"
    word = item.word if isinstance(item, d.CastItem) else "call"
    objects = records.IN_MESSAGE if word == "cast" else 0
    placed = records.placed(
        values, item.params, symbol.unit, where, "arguments", objects, _NO_BLOCKS[word]
    )
    if isinstance(item, d.CastItem):
        if placed is None:
            return None
        return Message(
            index,
            symbol.unit.package,
            item.name.text,
            placed.fields,
            placed.size,
            placed.align,
            item.doc,
            item.name.span,
            sort=_SORTS[item.word],
            protocol=symbol.qualified,
        )
    where = f"in the results of `{symbol.name}.{item.name.text}`"
    results = records.placed(
        values, item.results, symbol.unit, where, "results", no_blocks=_CROSSES
    )
    what = f"the limit of `{symbol.name}.{item.name.text}`"
    limit = values.whole(
        item.timeout, symbol.unit, what, (1, LIMIT_MAX_NS), "E0202", Dimension.DURATION
    )
    if placed is None or results is None or limit is None:
        return None
    return Message(
        index,
        symbol.unit.package,
        item.name.text,
        placed.fields,
        placed.size,
        placed.align,
        item.doc,
        item.name.span,
        sort=MessageSort.CALL,
        protocol=symbol.qualified,
        results=results.fields,
        results_size=results.size,
        results_align=results.align,
        timeout_ns=limit,
    )
