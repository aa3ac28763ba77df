# SPDX-License-Identifier: Apache-2.0
"""The syntax tree of declarations and of a whole file. Frozen; nothing here is resolved."""

from __future__ import annotations

from tina_gen.frozen import dataclass
from tina_gen.source import SourceFile, Span
from tina_gen.syntax.ast import Expr, IsolateItem, Name, Param, QName, Setting, Text, TypeExpr


@dataclass(frozen=True, slots=True)
class Const:
    """`const` or (`is_config`) `config`."""

    name: Name
    type: TypeExpr
    value: Expr
    is_config: bool
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Alias:
    """`type NAME = type;`."""

    name: Name
    type: TypeExpr
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class EnumItem:
    """`A = 0;`."""

    name: Name
    value: Expr | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Enum:
    """`enum` or (`is_flags`) `flags`."""

    name: Name
    underlying: TypeExpr
    items: tuple[EnumItem, ...]
    is_flags: bool
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Record:
    """`struct`, `union` or `message` (`word`)."""

    word: str
    name: Name
    fields: tuple[Param, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class CallItem:
    """`call C (args) -> (results) timeout D;`."""

    name: Name
    params: tuple[Param, ...]
    results: tuple[Param, ...]
    timeout: Expr
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class CastItem:
    """`cast` or `event` (`word`)."""

    word: str
    name: Name
    params: tuple[Param, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Protocol:
    """`protocol P { … }`."""

    name: Name
    items: tuple[CallItem | CastItem, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Op:
    """`op receive() -> Received;`."""

    name: Name
    params: tuple[Param, ...]
    completion: Name
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Lane:
    """`lane read { … }`."""

    name: Name
    operations: tuple[Op, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SettingRule:
    """`setting NAME [: type];`."""

    name: Name
    type: TypeExpr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Kind:
    """`kind k [from T | U] { … }`."""

    name: Name
    sources: tuple[TypeExpr, ...]
    lanes: tuple[Lane, ...]
    settings: tuple[SettingRule, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Isolate:
    """`isolate I { … }`."""

    name: Name
    implements: tuple[QName, ...]
    subscribes: tuple[QName, ...]
    items: tuple[IsolateItem, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Strategy:
    """`strategy NAME;`."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Restarts:
    """`restarts N in D [else NAME];`."""

    count: Expr
    window: Expr
    limit: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Backoff:
    """`backoff D1..D2;`."""

    low: Expr
    high: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = value` in a child's arguments."""

    name: Name
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Stop:
    """`shutdown D` or `brutal` (time None)."""

    time: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Child:
    """`child name : I(args) [* N] [restart] [stop] [significant];`."""

    name: Name
    target: QName
    arguments: tuple[Argument, ...]
    count: Expr | None
    restart: Name | None
    stop: Stop | None
    significant: Span | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`dynamic I max N [restart] [stop];`."""

    target: QName
    max: Expr
    restart: Name | None
    stop: Stop | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class AutoShutdown:
    """`auto_shutdown any | all;`."""

    name: Name
    span: Span


SupervisorItem = Strategy | Restarts | Backoff | Child | Dynamic | AutoShutdown


@dataclass(frozen=True, slots=True)
class Supervisor:
    """`supervisor S { … }`."""

    name: Name
    items: tuple[SupervisorItem, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Root:
    """`root S;`."""

    supervisor: QName
    span: Span


@dataclass(frozen=True, slots=True)
class Shards:
    """`shards N as role`, `shards auto max N as role` or `shard A [.. B] as role` (`numbered`)."""

    count: Expr
    last: Expr | None
    auto: bool
    numbered: bool
    role: Name
    settings: tuple[Setting, ...]
    roots: tuple[Root, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Channel:
    """`channel A -> B capacity N;`."""

    source: Name
    target: Name
    capacity: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Route:
    """`route P by hash(arg) over path [* N];`."""

    protocol: QName
    argument: Name
    target: QName
    count: Expr | None
    span: Span


SystemItem = Shards | Channel | Route | Setting


@dataclass(frozen=True, slots=True)
class System:
    """`system S { … }`."""

    name: Name
    items: tuple[SystemItem, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fault:
    """`io_error 1/1000;`, `io_delay 0ms..20ms;`, `crash Connection 1/5000;`."""

    name: Name
    subject: QName | None
    value: Expr
    to: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Faults:
    """`faults F { … }`."""

    name: Name
    items: tuple[Fault, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Node:
    """`node name : System;`."""

    name: Name
    system: QName
    span: Span


@dataclass(frozen=True, slots=True)
class Scenario:
    """`scenario "…" { … }`; later `seeds` or `time` lines replace nothing, all are kept."""

    title: Text
    nodes: tuple[Node, ...]
    faults: tuple[QName, ...]
    seeds: tuple[tuple[Expr, Expr], ...]
    times: tuple[Expr, ...]
    expects: tuple[Name, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Property:
    """`property name : always | sometimes | eventually within D;`."""

    name: Name
    word: str
    within: Expr | None
    doc: str
    span: Span


Decl = (
    Const
    | Alias
    | Enum
    | Record
    | Protocol
    | Kind
    | Isolate
    | Supervisor
    | System
    | Faults
    | Scenario
    | Property
)


@dataclass(frozen=True, slots=True)
class Import:
    """`import "path" [as NAME];`."""

    path: Text
    alias: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class File:
    """A whole file."""

    file: SourceFile
    edition: int
    package: QName
    imports: tuple[Import, ...]
    decls: tuple[Decl, ...]
    doc: str
