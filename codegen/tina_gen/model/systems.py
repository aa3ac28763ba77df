# SPDX-License-Identifier: Apache-2.0
"""Supervision trees and systems of the resolved model, in start order."""

from __future__ import annotations

from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.model.isolates import InitArgument
from tina_gen.model.types import Value
from tina_gen.model.values import Config
from tina_gen.source import Span


class Strategy(Enum):
    """How a failure of one child affects the others."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


class Limit(Enum):
    """What happens when the restart limit is passed."""

    ESCALATE = "escalate"
    QUARANTINE = "quarantine"
    ABORT = "abort"


class Restart(Enum):
    """When a child is started again."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class ShardValue(Enum):
    """Values that are known when a child starts; usable in child arguments only (u32)."""

    INDEX = "shard.index"
    COUNT = "shard.count"
    CHILD_INDEX = "child.index"  # of a child `* N`, from 0


class AutoShutdown(Enum):
    """Which ends of significant children end their supervisor."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Argument:
    """A child's init argument: a constant, a config (set at start), or a fact of the shard."""

    target: InitArgument
    value: Value | Config | ShardValue
    span: Span


@dataclass(frozen=True, slots=True)
class Child:
    """A static child, or `count` alike of them. `shutdown_ns` None means `brutal`."""

    index: int  # among the supervisor's static children
    name: str
    isolate: str
    arguments: tuple[Argument, ...]  # in the order of the isolate's init
    count: int
    restart: Restart
    shutdown_ns: int | None
    significant: bool
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Nested:
    """A child that is a supervisor. `shutdown_ns` None means that it has no limit of its own: its
    children have theirs."""

    index: int  # among the supervisor's nested supervisors
    name: str
    supervisor: str  # qualified
    restart: Restart
    shutdown_ns: int | None
    significant: bool
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class DynamicGroup:
    """`dynamic I max N temporary shutdown D;`: spawned at run time, at most `max` per shard."""

    index: int  # among the supervisor's dynamic groups
    isolate: str
    max: int
    restart: Restart
    shutdown_ns: int | None
    doc: str
    span: Span


Member = Child | Nested | DynamicGroup


@dataclass(frozen=True, slots=True)
class Backoff:
    """`backoff D1..D2`: what passes before a restart; doubled with each one in a row."""

    min_ns: int
    max_ns: int
    span: Span


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A supervisor. `members` is the start order; stopping is its reverse."""

    index: int
    package: str
    name: str
    strategy: Strategy
    restarts: int
    window_ns: int
    limit: Limit
    backoff: Backoff | None
    auto_shutdown: AutoShutdown | None
    members: tuple[Member, ...]
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.package}.{self.name}"

    @property
    def children(self) -> tuple[Child, ...]:
        """The static children that are isolates, in start order."""
        return tuple(m for m in self.members if isinstance(m, Child))

    @property
    def nested(self) -> tuple[Nested, ...]:
        """The children that are supervisors, in start order."""
        return tuple(m for m in self.members if isinstance(m, Nested))

    @property
    def groups(self) -> tuple[DynamicGroup, ...]:
        """The dynamic groups, in start order."""
        return tuple(m for m in self.members if isinstance(m, DynamicGroup))


@dataclass(frozen=True, slots=True)
class BufferPool:
    """`receive_buffers COUNT x SIZE` per shard, or `blobs COUNT x SIZE`."""

    count: int
    size: int
    span: Span


# What holds where nobody says it; the runtime has the same (tina/table.h), and the emitter leaves
# them out.
HANDLER_SLOW_NS = 100_000_000
HANDLER_LIMIT_NS = 1_000_000_000


class MemoryFault(Enum):
    """What a memory fault of a handler ends: its isolate, or the whole shard."""

    ISOLATE = "isolate"
    SHARD = "shard"


@dataclass(frozen=True, slots=True)
class Role:
    """Shards that run the same root. `shards` is the maximum; with `auto` the machine decides at
    boot. `first_shard` is the index of the role's first shard at the maximum. `core` is the
    processor of the first shard, the next shard has the next one; None: any."""

    index: int
    name: str
    first_shard: int
    shards: int
    auto: bool
    core: int | None
    memory_fault: MemoryFault
    tick_ns: int
    spin_ns: int
    handler_slow_ns: int  # by the clock
    handler_limit_ns: int  # of processor time
    receive_buffers: BufferPool | None
    blobs: tuple[BufferPool, ...]  # the smallest blocks first
    memory: int  # bytes per shard, the limit
    root: str  # qualified supervisor
    span: Span


@dataclass(frozen=True, slots=True)
class Channel:
    """`channel A -> B capacity N`: a ring per ordered pair of shards of the two roles. `capacity`
    counts messages of the largest size that can travel there."""

    index: int
    source: str
    target: str
    capacity: int
    span: Span


@dataclass(frozen=True, slots=True)
class Route:
    """`route P by hash(arg) over role.Root.child * N`: the hash of the argument picks a shard of
    the role and one of the N children there."""

    index: int
    protocol: str  # qualified
    argument: str
    role: str
    supervisor: str  # qualified
    child: str
    count: int  # 1 without `* N`
    span: Span


@dataclass(frozen=True, slots=True)
class System:
    """A program: its shards, the channels between them, and its routes."""

    index: int
    package: str
    name: str
    roles: tuple[Role, ...]
    channels: tuple[Channel, ...]
    routes: tuple[Route, ...]
    doc: str
    span: Span
