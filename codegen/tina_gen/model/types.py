# SPDX-License-Identifier: Apache-2.0
"""Types of the resolved model, the declarations that make new ones, and values.

All types have a size known here. Aliases are gone: a type is what it stands for.
"""

from __future__ import annotations

from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.source import Span


class Scalar(Enum):
    """The built-in types with a fixed size; the value is the word in a spec."""

    BOOL = "bool"
    U8 = "u8"
    U16 = "u16"
    U32 = "u32"
    U64 = "u64"
    I8 = "i8"
    I16 = "i16"
    I32 = "i32"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"
    DURATION = "duration"  # i64 nanoseconds
    INSTANT = "instant"  # u64 nanoseconds
    SIZE = "size"  # u64 bytes


@dataclass(frozen=True, slots=True)
class ScalarType:
    """A built-in type of fixed size."""

    scalar: Scalar


@dataclass(frozen=True, slots=True)
class EnumType:
    """A user enum or set of flags, with its underlying integer."""

    enum: Enumeration


@dataclass(frozen=True, slots=True)
class StringType:
    """`string<N>`: at most N bytes of UTF-8, and how many."""

    capacity: int


@dataclass(frozen=True, slots=True)
class BytesType:
    """`bytes<N>`: at most N bytes, and how many."""

    capacity: int


@dataclass(frozen=True, slots=True)
class ListType:
    """`list<T, N>`: at most N elements, and how many."""

    element: Type
    capacity: int


@dataclass(frozen=True, slots=True)
class ArrayType:
    """`[T; N]`: exactly N elements."""

    element: Type
    count: int


@dataclass(frozen=True, slots=True)
class OptionType:
    """`option<T>`: a value or none."""

    element: Type


@dataclass(frozen=True, slots=True)
class StructType:
    """A user struct, or one of the standard library such as `net.address`."""

    struct: Struct


@dataclass(frozen=True, slots=True)
class UnionType:
    """A user union: one of its alternatives, and which."""

    union: Union


@dataclass(frozen=True, slots=True)
class RefType:
    """`ref<Isolate>`: one incarnation of an isolate, 8 bytes."""

    isolate: str  # qualified name


@dataclass(frozen=True, slots=True)
class ProtocolRefType:
    """`ref<Protocol>`: one incarnation of some isolate that implements the protocol, 16 bytes."""

    protocol: str  # qualified name


@dataclass(frozen=True, slots=True)
class SubscriberType:
    """`subscriber<Protocol>`: one incarnation of some isolate that subscribes the protocol's
    events, 16 bytes."""

    protocol: str  # qualified name


@dataclass(frozen=True, slots=True)
class IoType:
    """A move-only I/O object of one kind (init arguments only)."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class BufferType:
    """`buffer`: received bytes, which move and stay on their shard."""


@dataclass(frozen=True, slots=True)
class BlobType:
    """`blob<N>`: a block of a pool with room for N bytes, which moves as a buffer does."""

    capacity: int


Type = (
    ScalarType
    | EnumType
    | StringType
    | BytesType
    | ListType
    | ArrayType
    | OptionType
    | StructType
    | UnionType
    | RefType
    | ProtocolRefType
    | SubscriberType
    | IoType
    | BufferType
    | BlobType
)


@dataclass(frozen=True, slots=True)
class ValueList:
    """The value of a list, an array, bytes, or the fields of a struct in order. None is the zero of
    a field that has no default."""

    items: tuple[Value | None, ...]


Value = bool | int | float | str | ValueList


@dataclass(frozen=True, slots=True)
class Enumerator:
    """One name of an enum."""

    index: int
    name: str
    value: int
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Enumeration:
    """`enum E : u8 { … }`, or `flags`: each of its names is then a set of bits."""

    index: int
    package: str
    name: str
    underlying: Scalar
    enumerators: tuple[Enumerator, ...]
    is_flags: bool
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message or struct, placed: the bytes `offset` to `offset + size`; `padding`
    bytes of explicit zero follow it (before the next field, or at the end)."""

    index: int
    name: str
    type: Type
    default: Value | None
    offset: int
    size: int
    align: int
    padding: int
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Struct:
    """`struct S { … }`, placed as a message is. `size` is a multiple of `align`; one without fields
    has size 1, as in C++."""

    index: int
    package: str
    name: str
    fields: tuple[Field, ...]
    size: int
    align: int
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.package}.{self.name}"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of a union; `index` is its tag."""

    index: int
    name: str
    type: Type
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Union:
    """`union U { … }`: a tag that is as wide as `align`, then room for the largest alternative. The
    first alternative, zero, is what a union begins with."""

    index: int
    package: str
    name: str
    alternatives: tuple[Alternative, ...]
    size: int
    align: int
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.package}.{self.name}"


@dataclass(frozen=True, slots=True)
class Alias:
    """`type A = T;`: another name of a type."""

    index: int
    package: str
    name: str
    type: Type
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation. `type` is the spec's words (`buffer`): the runtime's header
    declares the operation itself."""

    index: int
    name: str
    type: str

    @property
    def is_block(self) -> bool:
        """Whether it is a buffer, which every operation has a place for."""
        return self.type == "buffer"


@dataclass(frozen=True, slots=True)
class Operation:
    """`op receive() -> Received`."""

    index: int  # in its kind
    name: str
    lane: str
    parameters: tuple[Parameter, ...]
    completion: str
    doc: str

    @property
    def reads_file(self) -> bool:
        """Whether it takes a file of the same isolate."""
        return any(parameter.type == "fs.file" for parameter in self.parameters)


LANE_ALL = "all"


@dataclass(frozen=True, slots=True)
class Lane:
    """At most one of a lane's operations is outstanding or held. While one of lane `all` is, the
    other lanes are busy too; it is a kind's last lane."""

    index: int
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class SettingRule:
    """`setting backlog : u32`, or a flag (`setting reuse_port`) with `type` None."""

    index: int
    name: str
    type: Scalar | None


@dataclass(frozen=True, slots=True)
class Kind:
    """An I/O kind. `sources` are the types an object is opened from; `completions` are in
    declaration order; operations of one lane may share one."""

    index: int
    package: str
    name: str
    sources: tuple[str, ...]  # scalar words and qualified kind names
    lanes: tuple[Lane, ...]
    completions: tuple[str, ...]
    settings: tuple[SettingRule, ...]
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.name`, for example `tina.net.tcp_stream`."""
        return f"{self.package}.{self.name}"

    @property
    def connects(self) -> bool:
        """True if an object may start closed, and is opened by an operation of its own."""
        return any(lane.name == LANE_ALL for lane in self.lanes)

    @property
    def opens_itself(self) -> bool:
        """True if an object needs nothing to be opened from when its isolate starts."""
        return not self.sources and not self.connects

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, lane by lane."""
        return tuple(op for lane in self.lanes for op in lane.operations)

    @property
    def handed_over(self) -> bool:
        """Whether an open object changes hands: an isolate gets it as an argument."""
        return self.qualified in self.sources

    @property
    def brings_buffers(self) -> bool:
        """Whether the data of an operation comes in the reactor's receive buffers."""
        return any(op.name in ("receive", "read", "list") for op in self.operations)

    def operation_of(self, completion: str) -> Operation:
        """The first operation that ends in `completion`; all of them are in one lane."""
        return next(op for op in self.operations if op.completion == completion)
