# SPDX-License-Identifier: Apache-2.0
"""Layout: the size, alignment, offset and padding of everything a message or init holds.

A container begins with a count that is wide enough for its capacity and at least as wide as its
elements are aligned, so nothing in it is padding: `string<16>` is one byte and sixteen, and
`option<u64>` sixteen bytes. The room for elements is rounded up to a multiple of the count's width.

Pure arithmetic on the System V x86-64 and AArch64 rules, which agree for all supported types; the
generated C++ asserts every number again. Padding is explicit, so that it can be zeroed and hashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd
from typing import assert_never

from tina_gen.frozen import dataclass
from tina_gen.model import (
    ArrayType,
    BlobType,
    BufferType,
    BytesType,
    EnumType,
    IoType,
    ListType,
    Message,
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
)

REF_SIZE = 8  # shard 10 bits | slot 22 | generation 32
PROTOCOL_REF_SIZE = 16  # a ref and the type of what it refers to
CALL_HEADER_SIZE = 24  # before a call's arguments in a mailbox: caller, limit, correlation
BLOCK_SIZE = 24  # a buffer or blob: address, size in use, which one, serial
IO_SIZE = 4  # an I/O object on its way to its isolate: one descriptor

SCALAR_SIZES: dict[Scalar, int] = {
    Scalar.BOOL: 1,
    Scalar.U8: 1,
    Scalar.U16: 2,
    Scalar.U32: 4,
    Scalar.U64: 8,
    Scalar.I8: 1,
    Scalar.I16: 2,
    Scalar.I32: 4,
    Scalar.I64: 8,
    Scalar.F32: 4,
    Scalar.F64: 8,
    Scalar.DURATION: 8,
    Scalar.INSTANT: 8,
    Scalar.SIZE: 8,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field lies; `padding` bytes follow it."""

    offset: int
    size: int
    align: int
    padding: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A struct's places, its size (a multiple of its alignment), and its padding in all."""

    places: tuple[Place, ...]
    size: int
    align: int

    @property
    def padding(self) -> int:
        """All padding bytes together."""
        return sum(place.padding for place in self.places)


def size_of(kind: Type) -> tuple[int, int]:
    """The (size, alignment) of a type, in bytes."""
    match kind:
        case ScalarType(scalar=scalar):
            return SCALAR_SIZES[scalar], SCALAR_SIZES[scalar]
        case EnumType(enum=enum):
            return SCALAR_SIZES[enum.underlying], SCALAR_SIZES[enum.underlying]
        case StringType(capacity=capacity) | BytesType(capacity=capacity):
            return _counted(1, 1, capacity)
        case ListType(element=element, capacity=capacity):
            return _counted(*size_of(element), capacity)
        case ArrayType(element=element, count=count):
            size, align = size_of(element)
            return size * count, align
        case OptionType(element=element):
            size, align = size_of(element)
            return align + size, align
        case StructType(struct=struct):
            return struct.size, struct.align
        case UnionType(union=union):
            return union.size, union.align
        case RefType():
            return REF_SIZE, 8
        case ProtocolRefType() | SubscriberType():
            return PROTOCOL_REF_SIZE, 8
        case IoType():
            return IO_SIZE, 4
        case BufferType() | BlobType():
            return BLOCK_SIZE, 8
        case _:
            assert_never(kind)


def count_width(capacity: int, align: int = 1) -> int:
    """The bytes of a container's count; `align` is that of its elements."""
    least = 1 if capacity < 1 << 8 else 2 if capacity < 1 << 16 else 4
    return max(least, align)


def room(size: int, align: int, capacity: int) -> int:
    """The elements that a container has room for, at least `capacity`."""
    width = count_width(capacity, align)
    return round_up(capacity, width // gcd(size, width))


def _counted(size: int, align: int, capacity: int) -> tuple[int, int]:
    width = count_width(capacity, align)
    return width + room(size, align, capacity) * size, width


def of_union(alternatives: Iterable[Type]) -> tuple[int, int]:
    """The (size, alignment) of a union: a tag as wide as the alignment, then the largest."""
    sizes = [size_of(kind) for kind in alternatives]
    align = max(own for _, own in sizes)
    return align + round_up(max(size for size, _ in sizes), align), align


def in_mailbox(message: Message) -> tuple[int, int]:
    """The (size, alignment) of a message's place in a mailbox; a call has a header."""
    if not message.is_call:
        return message.size, message.align
    align = max(8, message.align)
    return round_up(CALL_HEADER_SIZE + message.size, align), align


def round_up(value: int, align: int) -> int:
    """The smallest multiple of `align` that is not below `value`."""
    return -(-value // align) * align


def place(types: Sequence[Type]) -> Layout:
    """Places fields in the given order. Without fields the size is 1, as in C++."""
    if not types:
        return Layout((), 1, 1)
    sizes = [size_of(kind) for kind in types]
    align = max(a for _, a in sizes)
    offsets: list[int] = []
    end = 0
    for size, own in sizes:
        offsets.append(round_up(end, own))
        end = offsets[-1] + size
    total = round_up(end, align)
    ends = [*offsets[1:], total]
    places = tuple(
        Place(offset, size, own, following - offset - size)
        for offset, (size, own), following in zip(offsets, sizes, ends, strict=True)
    )
    return Layout(places, total, align)


def best_size(types: Sequence[Type]) -> int:
    """The size with the fields in the best order: largest alignment first."""
    return place(sorted(types, key=lambda kind: -size_of(kind)[1])).size
