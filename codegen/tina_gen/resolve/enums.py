# SPDX-License-Identifier: Apache-2.0
"""Enums and flags: their integer, their names, and the number behind each name."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tina_gen.diagnostics import Note
from tina_gen.model import Enumeration, Enumerator, ScalarType
from tina_gen.resolve.evaluate import INTEGERS, Known
from tina_gen.resolve.naming import PASCAL, Names, check_name
from tina_gen.resolve.scope import Symbol, Unit
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

if TYPE_CHECKING:
    from tina_gen.resolve.values import Values

_INTEGERS = [scalar for scalar in INTEGERS if len(scalar.value) <= 3]
_STORED = {"enum": _INTEGERS, "flags": [s for s in _INTEGERS if s.value.startswith("u")]}


def enumeration(values: Values, symbol: Symbol, decl: d.Enum) -> Enumeration | None:
    """An enum or flags, None if any of it is broken."""
    kind = values.type(decl.underlying, symbol.unit)
    if kind is None:
        return None
    word = "flags" if decl.is_flags else "enum"
    if not isinstance(kind, ScalarType) or kind.scalar not in _STORED[word]:
        integer = "an unsigned integer" if decl.is_flags else "an integer"
        text = f"`{word}` `{symbol.name}` is stored in {integer}, such as `u8`"
        span = decl.underlying.span
        values.sink.error("E0201", span, text, f"needs {integer}", "write `u8`")
        return None
    if not decl.items:
        text = f"{word} `{symbol.name}` has no values"
        values.sink.error("E0209", decl.name.span, text, "empty", "add `Name;`")
        return None
    items = _enumerators(values, decl, kind, symbol.unit)
    if items is None:
        return None
    index, package = values.indices[symbol], symbol.unit.package
    span = decl.name.span
    flags = decl.is_flags
    return Enumeration(index, package, symbol.name, kind.scalar, items, flags, decl.doc, span)


def _enumerators(
    values: Values, decl: d.Enum, kind: ScalarType, unit: Unit
) -> tuple[Enumerator, ...] | None:
    names = Names(values.sink, f"in `{decl.name.text}`")
    good = True
    items: list[Enumerator] = []
    by_value: dict[int, Enumerator] = {}
    following = Fraction(1 if decl.is_flags else 0)
    for item in decl.items:
        good &= check_name(values.sink, item.name, "values of enums", PASCAL)
        good &= names.add(item.name)
        known: Known | None = Known(following, Dimension.NUMBER)
        if item.value is not None:
            known = values.evaluate(item.value, unit)
        value = values.arithmetic.fit(known, kind, item.span) if known else None
        if not isinstance(value, int):
            return None
        bits = max(value.bit_length(), (int(following) - 1).bit_length())
        following = Fraction(1 << bits if decl.is_flags else value + 1)
        found = Enumerator(len(items), item.name.text, value, item.doc, item.name.span)
        first = by_value.setdefault(value, found)
        if first is not found:
            text = f"`{found.name}` and `{first.name}` are both {value}"
            note = (Note(f"`{first.name}` is declared here", first.span),)
            values.sink.error("E0208", item.span, text, "same number", "change one", note)
            good = False
        items.append(found)
    return tuple(items) if good else None
