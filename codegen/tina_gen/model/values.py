# SPDX-License-Identifier: Apache-2.0
"""Types, constants, enums, messages and I/O kinds of the resolved model.

The leaves: nothing here refers to isolates except by qualified name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

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
    """A user enum, with its underlying unsigned or signed integer."""

    enum: Enumeration


@dataclass(frozen=True, slots=True)
class RefType:
    """`ref<Isolate>`: one incarnation of an isolate, 8 bytes."""

    isolate: str  # qualified name


@dataclass(frozen=True, slots=True)
class IoType:
    """A move-only I/O object of one kind (init arguments only)."""

    kind: Kind


Type = ScalarType | EnumType | RefType | IoType
Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Constant:
    """`const`: evaluated; enums hold the number."""

    index: int
    package: str
    name: str
    type: Type
    value: Value
    doc: str
    span: Span  # of the name, as everywhere in this file unless said otherwise


@dataclass(frozen=True, slots=True)
class Config:
    """`config`: a value that may be set at start; `default` is evaluated."""

    index: int
    package: str
    name: str
    type: Type
    default: Value
    doc: str
    span: Span


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
    """`enum E : u8 { … }`."""

    index: int
    package: str
    name: str
    underlying: Scalar
    enumerators: tuple[Enumerator, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message, placed: the bytes `offset` to `offset + size`; `padding` bytes of
    explicit zero follow it (before the next field, or at the end)."""

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
class Message:
    """A one-way message. `size` is a multiple of `align`; one without fields has size 1, as in
    C++. `index` counts over all packages of the model."""

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

    @property
    def is_system(self) -> bool:
        """True for the predefined messages of `tina/sys.tina`, which nobody can send."""
        return self.package == "tina.sys"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation. `type` is the spec's words (`buffer`): the runtime's header
    declares the operation itself."""

    index: int
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`op receive() -> Received`."""

    index: int  # in its kind
    name: str
    lane: str
    parameters: tuple[Parameter, ...]
    completion: str
    doc: str


@dataclass(frozen=True, slots=True)
class Lane:
    """At most one of a lane's operations is outstanding or held."""

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
    declaration order, one per operation."""

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
    def operations(self) -> tuple[Operation, ...]:
        """All operations, lane by lane."""
        return tuple(op for lane in self.lanes for op in lane.operations)

    def operation_of(self, completion: str) -> Operation:
        """The one operation that ends in `completion`."""
        return next(op for op in self.operations if op.completion == completion)
