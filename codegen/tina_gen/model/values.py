# SPDX-License-Identifier: Apache-2.0
"""Constants, configs, messages and protocols of the resolved model.

Nothing here refers to isolates except by qualified name.
"""

from __future__ import annotations

from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.model.types import Field, Type, Value
from tina_gen.source import Span


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
