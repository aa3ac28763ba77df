# SPDX-License-Identifier: Apache-2.0
"""Messages, init arguments and I/O kinds: named, typed and placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tina_gen import layout
from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.model import (
    Alias,
    Alternative,
    Field,
    InitArgument,
    IoType,
    Kind,
    Lane,
    Message,
    Operation,
    Parameter,
    SettingRule,
    Struct,
    Type,
    Union,
    Value,
)
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Symbol, Unit
from tina_gen.resolve.types import MOVES, SCALARS, depth, fits, held, not_too_deep
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

if TYPE_CHECKING:
    from tina_gen.resolve.values import Values


ALTERNATIVES_MAX = 255
IN_MESSAGE = 1  # I/O objects of a message or cast
IN_INIT = 1 << 16
ACCESSORS = ("is", "set", "make")  # what stands before an alternative's name in C++


@dataclass(frozen=True, slots=True)
class Placed:
    """Fields in declaration order with the size and alignment of all: what a message, a call's
    arguments or its results are made of."""

    fields: tuple[Field, ...]
    size: int
    align: int


def placed(
    values: Values,
    params: tuple[a.Param, ...],
    unit: Unit,
    where: str,
    what: str = "fields",
    objects: int = 0,
    no_blocks: str | None = None,
) -> Placed | None:
    """Names, types, defaults and places of a list of fields, None if any of it is broken.

    `where` and `what` name the list in diagnostics (`in message `Kick``, `fields`). I/O objects
    beyond the first `objects` are refused, buffers and blobs if `no_blocks` says why.
    """
    typed = _typed(values, params, unit, where, what)
    if typed is None:
        return None
    defaults: list[Value | None] = []
    left = objects
    for param, kind in typed:
        span = param.type.span
        if left > 0 and isinstance(kind, IoType):
            left -= 1
            if objects == IN_MESSAGE and not _changes_hands(values, kind, span, where):
                return None
        elif isinstance(kind, IoType) and objects == IN_MESSAGE:
            text = "a message hands over one connection"
            values.sink.error("E0210", span, text, f"the second one {where}", "send another one")
            return None
        elif held(values, kind, span, where, no_blocks) is None:
            return None
        value = None
        if param.default is not None:
            value = values.fitted(param.default, kind, unit)
            if value is None:
                return None
        defaults.append(value)
    found = layout.place([kind for _, kind in typed])
    if params and not fits(values, found.size, f"what stands {where}", params[-1].span):
        return None
    fields = tuple(
        Field(
            index,
            param.name.text,
            kind,
            default,
            place.offset,
            place.size,
            place.align,
            place.padding,
            param.doc,
            param.name.span,
        )
        for index, ((param, kind), default, place) in enumerate(
            zip(typed, defaults, found.places, strict=True)
        )
    )
    return Placed(fields, found.size, found.align)


def _changes_hands(values: Values, kind: IoType, span: Span, where: str) -> bool:
    """Whether an I/O object may be handed over in a message: an accepted connection may."""
    if kind.kind.handed_over:
        return True
    text = f"a `{kind.kind.name}` belongs to one isolate, which opens it"
    help = "hand over what it is opened from"
    values.sink.error("E0210", span, text, f"not {where}", help)
    return False


def struct(values: Values, symbol: Symbol, decl: d.Record) -> Struct | None:
    """A struct with its fields placed, None if any of it is broken."""
    where = f"in struct `{symbol.name}`"
    found = placed(values, decl.fields, symbol.unit, where, no_blocks=MOVES)
    if found is None:
        return None
    kinds = [field.type for field in found.fields]
    if not _shallow(values, symbol, kinds):
        return None
    index, package = values.indices[symbol], symbol.unit.package
    place = (found.size, found.align, decl.doc, decl.name.span)
    return Struct(index, package, symbol.name, found.fields, *place)


def union(values: Values, symbol: Symbol, decl: d.Record) -> Union | None:
    """A union with its alternatives, None if any of it is broken."""
    where = f"in union `{symbol.name}`"
    typed = _typed(values, decl.fields, symbol.unit, where, "alternatives")
    if typed is None:
        return None
    if not 0 < len(typed) <= ALTERNATIVES_MAX:
        text = f"union `{symbol.name}` has {len(typed)} alternatives"
        help = f"write 1 to {ALTERNATIVES_MAX} of them"
        values.sink.error("E0218", symbol.span, text, "cannot say which one it holds", help)
        return None
    for param, kind in typed:
        if param.default is not None:
            text = "an alternative of a union has no default"
            help = "remove it; a union begins with its first alternative, which is zero"
            values.sink.error("E0218", param.default.span, text, "not here", help)
            return None
        if held(values, kind, param.type.span, where) is None:
            return None
    kinds = [kind for _, kind in typed]
    size, align = layout.of_union(kinds)
    if not fits(values, size, f"union `{symbol.name}`", symbol.span):
        return None
    if not _shallow(values, symbol, kinds) or not _accessible(values, typed):
        return None
    alternatives = tuple(
        Alternative(index, param.name.text, kind, param.doc, param.name.span)
        for index, (param, kind) in enumerate(typed)
    )
    index, package = values.indices[symbol], symbol.unit.package
    place = (size, align, decl.doc, decl.name.span)
    return Union(index, package, symbol.name, alternatives, *place)


def _shallow(values: Values, symbol: Symbol, kinds: list[Type]) -> bool:
    """Notes how deep a struct or union is; False, with E0011, if that is too deep."""
    deepest = 1 + max((depth(values, kind) for kind in kinds), default=0)
    values.depths[symbol.qualified] = deepest
    return not_too_deep(values, deepest, symbol.span)


def _accessible(values: Values, typed: list[tuple[a.Param, Type]]) -> bool:
    """False, with E0103, if an alternative has the name of an accessor of another one."""
    taken = {f"{word}_{param.name.text}": param for param, _ in typed for word in ACCESSORS}
    good = True
    for param, _ in typed:
        other = taken.get(param.name.text)
        if other is not None:
            text = f"`{param.name.text}` is also a function of alternative `{other.name.text}`"
            note = (Note(f"`{other.name.text}` is declared here", other.name.span),)
            values.sink.error("E0103", param.name.span, text, "clash", "rename one", note)
            good = False
    return good


def alias(values: Values, symbol: Symbol, decl: d.Alias) -> Alias | None:
    """Another name of a type, None if there is no such type."""
    kind = values.type(decl.type, symbol.unit)
    if kind is None:
        return None
    index, package = values.indices[symbol], symbol.unit.package
    return Alias(index, package, symbol.name, kind, decl.doc, decl.name.span)


def message(values: Values, symbol: Symbol, decl: d.Record) -> Message | None:
    """A message with its fields placed, None if any of it is broken."""
    found = placed(
        values, decl.fields, symbol.unit, f"in message `{symbol.name}`", objects=IN_MESSAGE
    )
    if found is None:
        return None
    return Message(
        values.indices[symbol],
        symbol.unit.package,
        symbol.name,
        found.fields,
        found.size,
        found.align,
        decl.doc,
        decl.name.span,
    )


def init_arguments(
    values: Values, params: tuple[a.Param, ...], unit: Unit, where: str
) -> tuple[tuple[InitArgument, ...], int, int] | None:
    """The arguments of an init with the size and alignment of all, None if any is broken."""
    found = placed(values, params, unit, where, "arguments", objects=IN_INIT)
    if found is None:
        return None
    arguments = tuple(
        InitArgument(
            f.index, f.name, f.type, f.default, f.offset, f.size, f.align, f.padding, f.doc, f.span
        )
        for f in found.fields
    )
    return arguments, found.size, found.align


def _typed(
    values: Values, params: tuple[a.Param, ...], unit: Unit, where: str, what: str
) -> list[tuple[a.Param, Type]] | None:
    names = Names(values.sink, where)
    typed: list[tuple[a.Param, Type]] = []
    good = True
    for param in params:
        good &= check_name(values.sink, param.name, what, SNAKE)
        good &= names.add(param.name)
        kind = values.type(param.type, unit)
        if kind is None:
            good = False
        else:
            typed.append((param, kind))
    return typed if good else None


def kind(values: Values, symbol: Symbol, decl: d.Kind) -> Kind:
    """An I/O kind. Only the standard library declares any, so it is taken at its word."""
    lanes: list[Lane] = []
    number = 0
    for lane in decl.lanes:
        operations: list[Operation] = []
        for op in lane.operations:
            parameters = tuple(
                Parameter(i, p.name.text, _words(p.type)) for i, p in enumerate(op.params)
            )
            operations.append(
                Operation(
                    number, op.name.text, lane.name.text, parameters, op.completion.text, op.doc
                )
            )
            number += 1
        lanes.append(Lane(len(lanes), lane.name.text, tuple(operations)))
    rules = tuple(
        SettingRule(i, s.name.text, SCALARS[_words(s.type)] if s.type else None)
        for i, s in enumerate(decl.settings)
    )
    sources = tuple(_source(symbol, source) for source in decl.sources)
    # Operations of a lane may share one: only one of them is outstanding at a time.
    completions = tuple(dict.fromkeys(op.completion for lane in lanes for op in lane.operations))
    return Kind(
        values.indices[symbol],
        symbol.unit.package,
        symbol.name,
        sources,
        tuple(lanes),
        completions,
        rules,
        decl.doc,
        decl.name.span,
    )


def _words(node: a.TypeExpr) -> str:
    return node.span.text


def _source(symbol: Symbol, node: a.TypeExpr) -> str:
    """A scalar's word, or the qualified name of a kind in the same file."""
    words = _words(node)
    return words if words in SCALARS else f"{symbol.unit.package}.{words}"
