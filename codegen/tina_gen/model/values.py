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


Type = ScalarType | EnumType | RefType | ProtocolRefType | SubscriberType | IoType
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


class MessageSort(Enum):
    """What travels: a declared message, or a member of a protocol."""

    MESSAGE = "message"
    CALL = "call"  # the request
    CAST = "cast"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Message:
    """A one-way message, or a member of a protocol: a cast, an event, or the request of a call.

    `size` is a multiple of `align`; one without fields has size 1, as in C++. `index` counts over
    all packages of the model, the members of protocols behind the declared messages. Only a call
    has `results`, laid out like fields, and a limit (`timeout_ns`).
    """

    index: int
    package: str
    name: str
    fields: tuple[Field, ...]
    size: int
    align: int
    doc: str
    span: Span
    sort: MessageSort = MessageSort.MESSAGE
    protocol: str | None = None  # qualified, of a member
    results: tuple[Field, ...] = ()
    results_size: int = 0
    results_align: int = 1
    timeout_ns: int = 0

    @property
    def qualified(self) -> str:
        """`package.Name`; of a protocol's member `package.Protocol.Name`."""
        return f"{self.protocol or self.package}.{self.name}"

    @property
    def local_name(self) -> str:
        """The name inside its package: `Name`, or `Protocol.Name`."""
        return self.qualified.removeprefix(f"{self.package}.")

    @property
    def is_call(self) -> bool:
        """True for the request of a call, which must be answered."""
        return self.sort is MessageSort.CALL

    @property
    def is_system(self) -> bool:
        """True for the predefined messages of `tina/sys.tina`, which nobody can send."""
        return self.package == "tina.sys"


@dataclass(frozen=True, slots=True)
class Protocol:
    """`protocol P { … }`. Calls and casts go to the isolates that implement it, events to those
    that subscribe it. `index` counts over all packages."""

    index: int
    package: str
    name: str
    calls: tuple[Message, ...]
    casts: tuple[Message, ...]
    events: tuple[Message, ...]
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.package}.{self.name}"

    @property
    def members(self) -> tuple[Message, ...]:
        """All members, in declaration order."""
        members = (*self.calls, *self.casts, *self.events)
        return tuple(sorted(members, key=lambda member: member.index))

    @property
    def served(self) -> tuple[Message, ...]:
        """What an isolate that implements it receives: calls and casts, in declaration order."""
        return tuple(m for m in self.members if m.sort is not MessageSort.EVENT)


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
