# SPDX-License-Identifier: Apache-2.0
"""Evaluates expressions, exactly and with units, and fits the results to types.

Numbers are fractions until they are fitted, so `3 * (1 / 2) * 2` is 3 and `1 / 3` is an error where
a whole number is needed. The magnitude and depth of every step is bounded.
"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import assert_never

from tina_gen.frozen import dataclass
from tina_gen.model import (
    ArrayType,
    BlobType,
    BufferType,
    BytesType,
    Enumeration,
    EnumType,
    IoType,
    ListType,
    OptionType,
    ProtocolRefType,
    RefType,
    Scalar,
    ScalarType,
    StringType,
    StructType,
    SubscriberType,
    Type,
    UnionType,
    Value,
    ValueList,
)
from tina_gen.resolve.scope import Sink
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax.tokens import UNITS, Dimension

BITS_MAX = 2048  # of any numerator or denominator on the way


class Other(Enum):
    """Sorts of values that are not numbers; the value is how diagnostics speak of them."""

    BOOL = "a truth value"
    TEXT = "a string"
    ENUM = "a value of an enum"
    LIST = "a list of values"


@dataclass(frozen=True, slots=True)
class Known:
    """An evaluated expression."""

    value: Fraction | bool | str | ValueList
    sort: Dimension | Other
    enum: Enumeration | None = None
    type: Type | None = None  # of a list of values


INTEGERS: dict[Scalar, tuple[int, int]] = {
    Scalar.U8: (0, (1 << 8) - 1),
    Scalar.U16: (0, (1 << 16) - 1),
    Scalar.U32: (0, (1 << 32) - 1),
    Scalar.U64: (0, (1 << 64) - 1),
    Scalar.I8: (-(1 << 7), (1 << 7) - 1),
    Scalar.I16: (-(1 << 15), (1 << 15) - 1),
    Scalar.I32: (-(1 << 31), (1 << 31) - 1),
    Scalar.I64: (-(1 << 63), (1 << 63) - 1),
    Scalar.DURATION: (0, (1 << 63) - 1),
    Scalar.SIZE: (0, (1 << 63) - 1),
}

_DIMENSIONS = {Scalar.DURATION: Dimension.DURATION, Scalar.SIZE: Dimension.SIZE}


def type_words(kind: Type) -> str:
    """A type as it is written in a spec."""
    match kind:
        case ScalarType(scalar=scalar):
            return scalar.value
        case EnumType(enum=enum):
            return enum.name
        case StringType(capacity=capacity):
            return f"string<{capacity}>"
        case BytesType(capacity=capacity):
            return f"bytes<{capacity}>"
        case ListType(element=element, capacity=capacity):
            return f"list<{type_words(element)}, {capacity}>"
        case ArrayType(element=element, count=count):
            return f"[{type_words(element)}; {count}]"
        case OptionType(element=element):
            return f"option<{type_words(element)}>"
        case StructType(struct=struct):
            return struct.name
        case UnionType(union=union):
            return union.name
        case RefType(isolate=name) | ProtocolRefType(protocol=name):
            return f"ref<{name}>"
        case SubscriberType(protocol=name):
            return f"subscriber<{name}>"
        case IoType(kind=io):
            return io.qualified
        case BufferType():
            return "buffer"
        case BlobType(capacity=capacity):
            return f"blob<{capacity}>"
        case _:
            assert_never(kind)


def known_value(value: Value, kind: Type) -> Known:
    """A fitted value, back as an evaluated one."""
    if isinstance(kind, OptionType):
        return known_value(value, kind.element)
    if isinstance(value, ValueList):
        return Known(value, Other.LIST, type=kind)
    if isinstance(kind, EnumType):
        return Known(Fraction(int(value)), Other.ENUM, kind.enum)
    if isinstance(value, bool):
        return Known(value, Other.BOOL)
    if isinstance(value, str):
        return Known(value, Other.TEXT)
    scalar = kind.scalar if isinstance(kind, ScalarType) else None
    dimension = _DIMENSIONS.get(scalar, Dimension.NUMBER) if scalar else Dimension.NUMBER
    return Known(Fraction(value), dimension)


class Arithmetic:
    """Operators and fitting; names are the caller's business."""

    def __init__(self, sink: Sink) -> None:
        """Reports into `sink`."""
        self.sink = sink

    def negate(self, value: Known, node: a.Negate) -> Known | None:
        """`-a`, for numbers and quantities."""
        if not isinstance(value.value, Fraction) or isinstance(value.sort, Other):
            text = f"`-` needs a number, not {value.sort.value}"
            self.sink.error("E0201", node.span, text, "not a number", "remove the `-`")
            return None
        return Known(-value.value, value.sort)

    def binary(self, left: Known, right: Known, node: a.Binary) -> Known | None:
        """`a + b` and so on, with the units checked."""
        x, y = left.value, right.value
        for side in (left, right):
            if isinstance(side.sort, Other):
                text = f"`{node.operator}` needs numbers, not {side.sort.value}"
                self.sink.error("E0201", node.span, text, "not numbers", "use numbers only")
                return None
        assert isinstance(x, Fraction) and isinstance(y, Fraction)
        assert isinstance(left.sort, Dimension) and isinstance(right.sort, Dimension)
        sort = _dimension(node.operator, left.sort, right.sort)
        if sort is None:
            self.sink.error(
                "E0203",
                node.span,
                f"{left.sort.value} `{node.operator}` {right.sort.value} has no meaning",
                label="units do not fit",
                help="give both sides the same unit, or use a plain number as the factor",
            )
            return None
        if node.operator in "/%" and y == 0:
            self.sink.error(
                "E0204",
                node.right.span,
                "division by zero",
                "this is zero",
                "divide by something else",
            )
            return None
        return self._bounded(Known(_apply(node.operator, x, y), sort), node.span)

    def _bounded(self, known: Known, span: Span) -> Known | None:
        assert isinstance(known.value, Fraction)
        bits = max(known.value.numerator.bit_length(), known.value.denominator.bit_length())
        if bits <= BITS_MAX:
            return known
        help = "use smaller steps"
        self.sink.error("E0202", span, "value is out of range", "too large or too fine", help)
        return None

    def fit(self, known: Known, kind: Type, span: Span, what: str = "value") -> Value | None:
        """The value as one of `kind`, or None with a diagnostic (E0201, E0202, E0203)."""
        if isinstance(kind, EnumType):
            if isinstance(known.value, Fraction) and known.enum == kind.enum:
                return int(known.value)
            return self.mismatch(known, kind, span)
        if isinstance(known.value, ValueList):
            return known.value if known.type == kind else self.mismatch(known, kind, span)
        if isinstance(kind, StringType):
            return self._text(known, kind, span)
        if not isinstance(kind, ScalarType):
            return self.mismatch(known, kind, span)
        scalar = kind.scalar
        if scalar is Scalar.BOOL:
            return (
                bool(known.value) if known.sort is Other.BOOL else self.mismatch(known, kind, span)
            )
        if scalar in (Scalar.F32, Scalar.F64):
            return self._real(known, kind, span)
        if scalar not in INTEGERS:
            return self.mismatch(known, kind, span)
        wanted = _DIMENSIONS.get(scalar, Dimension.NUMBER)
        if isinstance(known.sort, Other):
            return self.mismatch(known, kind, span)
        low, high = INTEGERS[scalar]
        return self.whole(known, wanted, low, high, span, f"a `{scalar.value}` {what}")

    def _text(self, known: Known, kind: StringType, span: Span) -> Value | None:
        if not isinstance(known.value, str):
            return self.mismatch(known, kind, span)
        size = len(known.value.encode("utf-8"))
        if size <= kind.capacity:
            return known.value
        text = f"the string takes {size} bytes, and a `{type_words(kind)}` holds {kind.capacity}"
        help = f"shorten it, or write `string<{size}>`"
        self.sink.error("E0202", span, text, "too long", help)
        return None

    def _real(self, known: Known, kind: ScalarType, span: Span) -> float | None:
        if known.sort is not Dimension.NUMBER or not isinstance(known.value, Fraction):
            self.mismatch(known, kind, span)
            return None
        limit = 3.4028234663852886e38 if kind.scalar is Scalar.F32 else 1.7976931348623157e308
        if abs(known.value) > Fraction(limit):
            text = f"value is out of range for `{kind.scalar.value}`"
            self.sink.error("E0202", span, text, "out of range", "use `f64` or a smaller value")
            return None
        return float(known.value)

    def whole(
        self,
        known: Known,
        wanted: Dimension,
        low: int,
        high: int,
        span: Span,
        what: str,
        code: str = "E0202",
    ) -> int | None:
        """A whole number of the wanted dimension between two bounds, or None with a diagnostic.

        `what` names the place (`` `slots` ``); `code` is for a value out of the bounds.
        """
        if known.sort is not wanted or not isinstance(known.value, Fraction):
            code = "E0201" if isinstance(known.sort, Other) else "E0203"
            text = f"{what} is {wanted.value}, not {known.sort.value}"
            self.sink.error(code, span, text, f"needs {wanted.value}", _unit_help(wanted))
            return None
        if known.value.denominator != 1:
            text = f"{what} is a whole number, not {float(known.value):g}"
            self.sink.error("E0201", span, text, "not a whole number", "write a whole number")
            return None
        number = int(known.value)
        if low <= number <= high:
            return number
        least, most = quantity(low, wanted), quantity(high, wanted)
        text = f"{what} is between {least} and {most}, not {quantity(number, wanted)}"
        self.sink.error(code, span, text, "out of range", f"write {least} to {most}")
        return None

    def mismatch(self, known: Known, kind: Type, span: Span) -> Value | None:
        """Reports that a value is of another sort than the type (E0201)."""
        text = f"{known.sort.value} does not fit the type `{type_words(kind)}`"
        help = f"write a value of the type `{type_words(kind)}`"
        self.sink.error("E0201", span, text, f"needs a `{type_words(kind)}`", help)
        return None


def quantity(value: int, dimension: Dimension) -> str:
    """A number with the largest unit that divides it, as one writes it in a spec."""
    if dimension is Dimension.NUMBER:
        return str(value) if abs(value) < 1 << 64 else f"{float(value):g}"
    units = [(u, f) for u, (d, f) in UNITS.items() if d is dimension]
    for unit, factor in reversed(units):
        if value and value % factor == 0:
            return f"{value // factor}{unit}"
    return f"{value}{units[0][0]}"


def _unit_help(wanted: Dimension) -> str:
    match wanted:
        case Dimension.DURATION:
            return "write a time with its unit, such as `30s` or `1ms`"
        case Dimension.SIZE:
            return "write a size with its unit, such as `64B` or `2KiB`"
        case Dimension.NUMBER:
            return "write it without a unit"


def _dimension(operator: str, left: Dimension, right: Dimension) -> Dimension | None:
    plain = Dimension.NUMBER
    match operator:
        case "*":
            return left if right is plain else right if left is plain else None
        case "/":
            return left if right is plain else plain if left is right else None
        case _:
            return left if left is right else None


def _apply(operator: str, x: Fraction, y: Fraction) -> Fraction:
    match operator:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/":
            return x / y
        case _:
            return x % y
