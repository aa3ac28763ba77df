# SPDX-License-Identifier: Apache-2.0
"""Structs of fields in C++, with explicit padding, and the assertions that hold the compiler to
the layout that the generator has computed."""

from __future__ import annotations

from collections.abc import Sequence

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
        if field.padding:
            lines.append(f"{pad}std::uint8_t padding_{field.index}_[{field.padding}] = {{}};")
    return lines


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
