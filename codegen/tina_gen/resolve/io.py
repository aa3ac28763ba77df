# SPDX-License-Identifier: Apache-2.0
"""I/O objects of an isolate: their kind, what they are opened from, and their settings."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import (
    InitArgument,
    IoObject,
    IoType,
    Kind,
    ScalarType,
    StructType,
)
from tina_gen.names import suggestion
from tina_gen.resolve.evaluate import type_words
from tina_gen.resolve.io_settings import io_settings
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Lookup, Sort, Unit
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a

# The settings that are no socket options, so that a stream that is handed over may have them, too.
_OWN = ("gather", "read_ahead")


def io_objects(
    values: Values, items: list[a.Io], arguments: tuple[InitArgument, ...], unit: Unit, where: str
) -> tuple[IoObject, ...] | None:
    """The I/O objects in declaration order, None if any is broken."""
    sink = values.sink
    names = Names(sink, where)
    taken: dict[str, Span] = {}
    found: list[IoObject] = []
    good = True
    for item in items:
        good &= check_name(sink, item.name, "I/O objects", SNAKE, global_=True)
        good &= names.add(item.name)
        if item.name.text in unit.import_spans:
            note = Note("the import", unit.import_spans[item.name.text])
            text = f"I/O object `{item.name.text}` has the short name of an import"
            sink.error("E0102", item.name.span, text, "ambiguous", "rename one", (note,))
            good = False
        one = _object(values, len(found), item, arguments, unit)
        if one is None:
            good = False
            continue
        source = one.source
        if source is None or not isinstance(source.type, IoType):
            found.append(one)
            continue
        first = taken.setdefault(source.name, item.name.span)
        if first is not item.name.span:
            text = f"`{source.name}` is already taken by another I/O object"
            note = Note("it is taken here", first)
            sink.error("E0212", item.name.span, text, "second owner", "remove one", (note,))
            good = False
        found.append(one)
    return tuple(found) if good else None


def _object(
    values: Values, index: int, item: a.Io, arguments: tuple[InitArgument, ...], unit: Unit
) -> IoObject | None:
    symbol = Lookup(unit, values.sink).find(item.kind, (Sort.KIND,))
    kind = values.kinds.get(symbol) if symbol else None
    if kind is None:
        return None
    needs_none = item.source is None and (kind.connects or kind.opens_itself)
    source = None if needs_none else _source(values, item, kind, arguments)
    settings = io_settings(values, item, kind, unit)
    too_late = [s for s in settings or () if s.name not in _OWN]
    if too_late and source is not None and isinstance(source.type, IoType):
        text = f"`{item.name.text}` is handed over with the settings of its listener"
        help = "give them to the listener: what it accepts inherits them"
        values.sink.error("E0213", too_late[0].span, text, "too late", help)
        return None
    if settings is None or (source is None and not needs_none):
        return None
    return IoObject(index, item.name.text, kind, source, settings, item.doc, item.name.span)


def _source(
    values: Values, item: a.Io, kind: Kind, arguments: tuple[InitArgument, ...]
) -> InitArgument | None:
    fitting = [x.name for x in arguments if _type_name(x) in kind.sources]
    shown = " or ".join(f"`{s}`" for s in kind.sources)
    help = f"write `= {fitting[0]}`" if fitting else f"add an argument of type {shown} to `init`"
    if item.source is None:
        text = f"`{item.name.text}` says nothing to open it from"
        values.sink.error("E0211", item.span, text, f"needs `= argument` ({shown})", help)
        return None
    for argument in arguments:
        if argument.name != item.source.text:
            continue
        if _type_name(argument) in kind.sources:
            return argument
        text = f"a `{kind.name}` is opened from {shown}, not from `{type_words(argument.type)}`"
        note = Note(f"`{argument.name}` is declared here", argument.span)
        values.sink.error("E0201", item.source.span, text, "wrong type", help, (note,))
        return None
    close = suggestion(item.source.text, [x.name for x in arguments])
    help = f"did you mean `{close}`?" if close else help
    text = f"`{item.source.text}` is not an argument of `init`"
    values.sink.error("E0101", item.source.span, text, "not declared", help)
    return None


def _type_name(argument: InitArgument) -> str:
    match argument.type:
        case ScalarType(scalar=scalar):
            return scalar.value
        case IoType(kind=kind):
            return kind.qualified
        case StructType(struct=struct):
            return f"{struct.package}.{struct.name}"
        case _:
            return ""
