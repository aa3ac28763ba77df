# SPDX-License-Identifier: Apache-2.0
"""Messages, init arguments and I/O kinds: named, typed and placed."""

from __future__ import annotations

from dataclasses import dataclass

from tina_gen import layout
from tina_gen.model import (
    Field,
    InitArgument,
    IoType,
    Kind,
    Lane,
    Message,
    Operation,
    Parameter,
    SettingRule,
    Type,
    Value,
)
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Symbol, Unit
from tina_gen.resolve.values import SCALARS, Values
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d


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
    objects: bool = False,
) -> Placed | None:
    """Names, types, defaults and places of a list of fields, None if any of it is broken.

    `where` and `what` name the list in diagnostics (`in message `Kick``, `fields`). I/O objects are
    refused unless `objects` says that this list may hold them.
    """
    typed = _typed(values, params, unit, where, what)
    if typed is None:
        return None
    defaults: list[Value | None] = []
    for param, kind in typed:
        if isinstance(kind, IoType) and not objects:
            values.sink.error(
                "E0210",
                param.type.span,
                "an I/O object does not travel in a message",
                label="not in a message",
                help="hand it over with `init`, when an isolate is spawned",
            )
            return None
        value = None
        if param.default is not None:
            value = values.fitted(param.default, kind, unit)
            if value is None:
                return None
        defaults.append(value)
    found = layout.place([kind for _, kind in typed])
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


def message(values: Values, symbol: Symbol, decl: d.Record) -> Message | None:
    """A message with its fields placed, None if any of it is broken."""
    found = placed(values, decl.fields, symbol.unit, f"in message `{symbol.name}`")
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
    for param in params:
        if param.default is not None:
            values.sink.unsupported(param.default.span, "a default of an init argument")
            return None
    found = placed(values, params, unit, where, "arguments", objects=True)
    if found is None:
        return None
    arguments = tuple(
        InitArgument(f.index, f.name, f.type, f.offset, f.size, f.align, f.padding, f.span)
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
    completions = tuple(op.completion for lane in lanes for op in lane.operations)
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
