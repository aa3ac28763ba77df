# SPDX-License-Identifier: Apache-2.0
"""Values of a type as written: one value, or `[a, b]` for what has several parts.

`[a, b]` is a list, an array, bytes, the fields of a struct in their order, or a set of flags. A
string is also bytes, and a value of T is also one of `option<T>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tina_gen.addresses import Form, form_of
from tina_gen.model import (
    ArrayType,
    BytesType,
    EnumType,
    ListType,
    OptionType,
    Scalar,
    ScalarType,
    StructType,
    Type,
    Value,
    ValueList,
)
from tina_gen.resolve.evaluate import Known, Other, type_words
from tina_gen.resolve.scope import Unit
from tina_gen.source import Span
from tina_gen.syntax import ast as a

if TYPE_CHECKING:
    from tina_gen.resolve.values import Values

_BYTE = ScalarType(Scalar.U8)


def fitted(values: Values, node: a.Expr, kind: Type, unit: Unit) -> Value | None:
    """The value of `kind` that an expression says, None if it says none (already reported)."""
    if isinstance(kind, OptionType):
        return fitted(values, node, kind.element, unit)
    if isinstance(node, a.ListExpr):
        return _several(values, node, kind, unit)
    known = values.evaluate(node, unit)
    if known is None:
        return None
    if isinstance(kind, BytesType) and isinstance(known.value, str):
        data = known.value.encode("utf-8")
        if not _count_fits(values, kind, len(data), node.span):
            return None
        return ValueList(tuple(data))
    form = form_of(kind)
    if form is not None and isinstance(known.value, str):
        return _written(values, form, known.value, node.span)
    return values.arithmetic.fit(known, kind, node.span)


def _written(values: Values, form: Form, text: str, span: Span) -> Value | None:
    found = form.parse(text)
    if found is None:
        said = f"`{text}` is no {form.what}"
        values.sink.error("E0220", span, said, "cannot be read", form.help)
    return found


def _several(values: Values, node: a.ListExpr, kind: Type, unit: Unit) -> Value | None:
    items = node.items
    match kind:
        case ListType(element=element):
            types: Sequence[Type] = [element] * len(items)
        case ArrayType(element=element):
            types = [element] * len(items)
        case BytesType():
            types = [_BYTE] * len(items)
        case EnumType(enum=enum) if enum.is_flags:
            types = [kind] * len(items)
        case StructType(struct=struct):
            types = [field.type for field in struct.fields]
        case _:
            known = Known(ValueList(()), Other.LIST)
            return values.arithmetic.mismatch(known, kind, node.span)
    if not _count_fits(values, kind, len(items), node.span):
        return None
    pairs = zip(items, types, strict=False)
    found = [fitted(values, item, type_, unit) for item, type_ in pairs]
    intact = [value for value in found if value is not None]
    if len(intact) < len(items):
        return None
    if isinstance(kind, EnumType):
        bits = 0
        for value in intact:
            bits |= value if isinstance(value, int) else 0
        return bits
    rest = kind.struct.fields[len(items) :] if isinstance(kind, StructType) else ()
    return ValueList((*intact, *(field.default for field in rest)))


def _count_fits(values: Values, kind: Type, count: int, span: Span) -> bool:
    """Whether a type can have that many parts; E0202 if not."""
    least, most = 0, count
    match kind:
        case ArrayType(count=exactly):
            least = most = exactly
        case ListType(capacity=capacity) | BytesType(capacity=capacity):
            most = capacity
        case StructType(struct=struct):
            most = len(struct.fields)
    if least <= count <= most:
        return True
    wanted = f"{most}" if least == most else f"at most {most}"
    text = f"a `{type_words(kind)}` has {wanted} values, not {count}"
    help = f"write {wanted}"
    values.sink.error("E0202", span, text, "too few" if count < least else "too many", help)
    return False
