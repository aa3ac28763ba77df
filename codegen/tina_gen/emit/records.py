# SPDX-License-Identifier: Apache-2.0
"""Structs of fields in C++, with explicit padding, and the assertions that hold the compiler to
the layout that the generator has computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope
from tina_gen.emit.values import member
from tina_gen.model import Field, InitArgument

Block = Sequence[str]  # whole lines, without line ends


Fields = Sequence[Field] | Sequence[InitArgument]


def members(scope: Scope, indent: int, fields: Fields) -> list[str]:
    """The members of a struct, with their padding."""
    pad = " " * indent
    lines: list[str] = []
    for field in fields:
        lines += wrap.comment(indent, "///", field.doc)
        lines += member(scope, indent, field.type, field.name, field.default)
        lines += [f"{pad}{line}" for line in _padding(field)]
    return lines


def _padding(field: Field | InitArgument) -> Iterator[str]:
    """Numbers, not an array: compilers copy a message field by field only if all are scalars, and
    a wide load of what was just stored in parts would wait for the cache."""
    at, piece = field.offset + field.size, 0
    end = at + field.padding
    while at < end:
        size = next(size for size in (4, 2, 1) if at % size == 0 and at + size <= end)
        name = f"padding_{field.index}_{piece}_" if piece else f"padding_{field.index}_"
        yield f"std::uint{8 * size}_t {name} = 0;"
        at, piece = at + size, piece + 1


def braces(indent: int, head: str, inner: Sequence[str]) -> list[str]:
    """A struct around its members."""
    pad = " " * indent
    return [f"{pad}{head} {{", *inner, f"{pad}}};"] if inner else [f"{pad}{head} {{}};"]


def checks(name: str, fields: Fields, size: int, align: int) -> list[str]:
    """The assertions behind a struct."""
    lines = [
        *wrap.comparison("static_assert(", f"sizeof({name})", f"{size});"),
        *wrap.comparison("static_assert(", f"alignof({name})", f"{align});"),
    ]
    for field in fields:
        place = f"offsetof({name}, {field.name})"
        lines += wrap.comparison("static_assert(", place, f"{field.offset});")
    return lines
