# SPDX-License-Identifier: Apache-2.0
"""Values laid out as C++: on one line if they fit, else one part per line with a comma behind each,
which is how clang-format leaves them."""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.addresses import is_written
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, items_of, quoted
from tina_gen.frozen import dataclass
from tina_gen.model import (
    ArrayType,
    BytesType,
    EnumType,
    ListType,
    OptionType,
    Scalar,
    ScalarType,
    StringType,
    StructType,
    Type,
    Value,
)


def member(scope: Scope, indent: int, type_: Type, name: str, default: Value | None) -> list[str]:
    """A data member with its initial value."""
    if default is None:
        return [f"{' ' * indent}{scope.type(type_)} {name}{scope.zero(type_)};"]
    return definition(scope, indent, "", type_, name, default)


def definition(
    scope: Scope, indent: int, words: str, type_: Type, name: str, value: Value
) -> list[str]:
    """A variable with its value; `words` stand before its type."""
    own = scope.type(type_)
    head = f"{words}{own} {name}"
    if scope.value(type_, value).startswith(f"{own}{{"):
        return laid_out(scope, indent, head, type_, value, ";", own)
    return laid_out(scope, indent, f"{head} = ", type_, value, ";")


def laid_out(
    scope: Scope,
    indent: int,
    head: str,
    type_: Type,
    value: Value | None,
    tail: str,
    implied: str = "",
) -> list[str]:
    """`head`, a value and `tail`. `implied` is a type before the value that `head` has said."""
    text = "{}" if value is None else scope.value(type_, value).removeprefix(implied)
    one = head + text + tail
    if indent + len(one) <= wrap.LIMIT or value is None:
        return [" " * indent + one]
    parts = _parts(type_, value)
    if not parts:
        return wrap.assignment(indent, one)
    if head.startswith("."):  # a designated member: its value begins on a line of its own
        below = laid_out(scope, indent + 4, "", type_, value, tail)
        return [f"{' ' * indent}{head.rstrip()}", *below]
    lines = [f"{' ' * indent}{head}{scope.type(type_).removeprefix(implied)}{{"]
    for part in parts:
        if part.text:
            lines.append(" " * (indent + 4) + part.text)
        else:
            assert part.type is not None
            lines += laid_out(scope, indent + 4, part.head, part.type, part.value, ",")
    if all(isinstance(part.type, ScalarType | EnumType) for part in parts):
        lines = [lines[0], *_numbered(lines[1:])]
    return [*lines, f"{' ' * indent}}}{tail}"]


def _numbered(lines: Sequence[str]) -> list[str]:
    """Lines with their number behind them, without which clang-format would set columns."""
    width = max(len(line) for line in lines)
    return [f"{line.ljust(width)}  // {index}" for index, line in enumerate(lines)]


_BYTE = ScalarType(Scalar.U8)


@dataclass(frozen=True, slots=True)
class _Part:
    """One line of `text`, or `head` and a value."""

    text: str = ""
    head: str = ""
    type: Type | None = None
    value: Value | None = None


def _parts(type_: Type, value: Value) -> Sequence[_Part]:
    match type_:
        case StringType():
            pieces = _pieces(str(value))
            return [_Part(quoted(p)) for p in pieces[:-1]] + [_Part(quoted(pieces[-1]) + ",")]
        case BytesType():
            return [_Part(type=_BYTE, value=byte) for byte in items_of(value)]
        case ListType(element) | ArrayType(element):
            return [_Part(type=element, value=item) for item in items_of(value)]
        case OptionType(element):
            return [_Part(type=element, value=value)]
        case StructType(struct) if not is_written(type_):
            pairs = zip(struct.fields, items_of(value), strict=True)
            return [_Part("", f".{field.name} = ", field.type, v) for field, v in pairs]
        case _:
            return []


def _pieces(text: str, length: int = 64) -> list[str]:
    """Pieces of a text, cut behind spaces where there are any."""
    pieces: list[str] = []
    while len(text) > length:
        cut = text.rfind(" ", 0, length) + 1 or length
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]
