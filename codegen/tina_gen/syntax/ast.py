# SPDX-License-Identifier: Apache-2.0
"""The syntax tree: names, types, expressions, and the items of isolates.

Frozen, and every node has a span. Declarations are in `declarations.py`. Nothing here is resolved:
a name is what was written.
"""

from __future__ import annotations

from tina_gen.frozen import dataclass
from tina_gen.source import Span
from tina_gen.syntax.tokens import Dimension


@dataclass(frozen=True, slots=True)
class Name:
    """One word."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class QName:
    """A dotted name, at least one word."""

    parts: tuple[Name, ...]
    span: Span

    @property
    def text(self) -> str:
        """The words with dots between them."""
        return ".".join(part.text for part in self.parts)


# ---------------------------------------------------------------- expressions and types


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number or quantity (nanoseconds, bytes)."""

    value: int | float
    dimension: Dimension
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """A literal string."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Bool:
    """`true` or `false`."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class ListExpr:
    """`[a, b]`."""

    items: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class NameExpr:
    """A constant, a config, an enumerator, or a value such as `shard.index`."""

    name: QName
    span: Span


@dataclass(frozen=True, slots=True)
class Negate:
    """`-a`."""

    operand: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """`a + b`, with one of `+ - * / %`."""

    operator: str
    left: Expr
    right: Expr
    span: Span


Expr = Number | Text | Bool | ListExpr | NameExpr | Negate | Binary


@dataclass(frozen=True, slots=True)
class NamedType:
    """`u32`, `net.tcp_stream`, `list<T, 4>`."""

    name: QName
    arguments: tuple[TypeExpr | Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ArrayType:
    """`[T; N]`."""

    element: TypeExpr
    count: Expr
    span: Span


TypeExpr = NamedType | ArrayType


@dataclass(frozen=True, slots=True)
class Param:
    """`name: type`, with an optional default."""

    name: Name
    type: TypeExpr
    default: Expr | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """`name;`, `name value;`, `name <= value;`, `name count x value;`."""

    name: Name
    at_most: bool
    value: Expr | None
    times: Expr | None  # what stands after `x`
    span: Span


# ---------------------------------------------------------------- items of an isolate


@dataclass(frozen=True, slots=True)
class Init:
    """`init (args);`."""

    params: tuple[Param, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Io:
    """`io name : kind = source { settings }`."""

    name: Name
    kind: QName
    source: Name | None
    settings: tuple[Setting, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class SendTarget:
    """An isolate, a child path, or `route P`."""

    name: QName
    route: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Sends:
    """`sends M, N to [local] T, U;`."""

    messages: tuple[QName, ...]
    local: bool
    targets: tuple[SendTarget, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Calls:
    """`calls P.C to T [never_shed];`."""

    calls: tuple[QName, ...]
    target: SendTarget
    never_shed: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Spawns:
    """`spawns I under S;`."""

    isolate: QName
    supervisor: QName
    span: Span


@dataclass(frozen=True, slots=True)
class Monitors:
    """`monitors I;`."""

    isolates: tuple[QName, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Timer:
    """`timer name [every D];`."""

    name: Name
    every: Expr | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Budget:
    """`budget { … }`."""

    settings: tuple[Setting, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Allow:
    """`allow CODE "reason";`."""

    code: Name
    reason: Text
    span: Span


@dataclass(frozen=True, slots=True)
class OnClause:
    """`on M [later] [-> A | B];` (`targets`) or `on M => A;` (`targets`, `immediate`)."""

    events: tuple[QName, ...]
    later: bool
    immediate: bool
    targets: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PassiveClause:
    """`ignore`, `defer` or `reject`; `others` is `defer others;` and has no events."""

    word: str
    events: tuple[QName, ...]
    others: bool
    span: Span


Clause = OnClause | PassiveClause


@dataclass(frozen=True, slots=True)
class After:
    """`after D -> A | B;` or `after D => A;`."""

    duration: Expr
    immediate: bool
    targets: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Enter:
    """`enter;`."""

    span: Span


@dataclass(frozen=True, slots=True)
class Initial:
    """`initial A;`."""

    state: Name
    span: Span


@dataclass(frozen=True, slots=True)
class State:
    """`[final] state NAME { … }`."""

    name: Name
    is_final: bool
    items: tuple[StateItem, ...]
    doc: str
    span: Span


StateItem = Initial | Enter | After | OnClause | PassiveClause | Allow | State


@dataclass(frozen=True, slots=True)
class Machine:
    """`machine { … }`."""

    items: tuple[StateItem, ...]
    span: Span  # of the word


IsolateItem = (
    Init
    | Io
    | Sends
    | Calls
    | Spawns
    | Monitors
    | Timer
    | Budget
    | Allow
    | OnClause
    | PassiveClause
    | Machine
)
