# SPDX-License-Identifier: Apache-2.0
"""Isolates of the resolved model: their arguments, I/O objects, events, states and clauses.

Each state lists what it does with every event, inherited clauses included, and each clause knows
where it was written. A composite state holds others and is never active itself: a machine is always
in a leaf, and so in all states around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.model.types import LANE_ALL, Kind, Lane, Type, Value
from tina_gen.model.values import Message
from tina_gen.source import Span


@dataclass(frozen=True, slots=True)
class InitArgument:
    """One argument of `init`, placed like a field of a message."""

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
class IoSetting:
    """A setting given to an I/O object; a flag has the value True."""

    name: str
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class IoObject:
    """`io peer : net.tcp_stream = conn;`. `source`: what opens it; None: it connects."""

    index: int
    name: str
    kind: Kind
    source: InitArgument | None
    settings: tuple[IoSetting, ...]  # in the order of the kind's settings; only those given
    doc: str
    span: Span


class TargetKind(Enum):
    """How a receiver is found."""

    ISOLATE = "isolate"  # a `ref<Isolate>` given at the send or call
    CHILD = "child"  # the current incarnation of a supervisor's child
    ROUTE = "route"  # by the hash of an argument, over a row of children
    PROTOCOL = "protocol"  # a `ref<Protocol>`; for events a `subscriber<Protocol>`


@dataclass(frozen=True, slots=True)
class Target:
    """Who a `sends` or `calls` reaches. `isolate` is the receiver's type, qualified, if the kind
    says it (ISOLATE, CHILD); `protocol` is the protocol of a ROUTE or a PROTOCOL."""

    isolate: str | None
    supervisor: str | None  # qualified, with `child` set: a child path
    child: str | None
    local: bool
    span: Span
    protocol: str | None = None
    route: bool = False

    @property
    def kind(self) -> TargetKind:
        """How the receiver is found."""
        if self.child is not None:
            return TargetKind.CHILD
        if self.protocol is None:
            return TargetKind.ISOLATE
        return TargetKind.ROUTE if self.route else TargetKind.PROTOCOL

    def same(self, other: Target) -> bool:
        """Whether both reach the same receivers in the same way."""

        def key(one: Target) -> tuple[object, ...]:
            return (one.isolate, one.supervisor, one.child, one.protocol, one.route)

        return key(self) == key(other)


@dataclass(frozen=True, slots=True)
class Send:
    """`sends M to T`, one per message and target, in declaration order."""

    index: int
    message: Message
    target: Target
    span: Span


@dataclass(frozen=True, slots=True)
class CallUse:
    """`calls P.C to T`, one per call, in declaration order."""

    index: int
    call: Message
    target: Target
    never_shed: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Spawn:
    """`spawns I under S`; the dynamic group is `supervisor(S).group(I)`."""

    index: int
    isolate: str
    supervisor: str
    span: Span


@dataclass(frozen=True, slots=True)
class Timer:
    """`timer name every D;` (period set) or `timer name;` (armed by the handler)."""

    index: int
    name: str
    every_ns: int | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Budget:
    """Sizes per shard. `weight` is the share of a pass (calls of handlers); unstated entries have
    their defaults: scratch 0, buffers 0, weight 1, calls 1 (outstanding at once), open 1 (calls
    taken and not answered yet), monitors 0 (watched at once)."""

    slots: int
    mailbox: int
    state: int  # bytes
    scratch: int  # bytes
    buffers: int
    weight: int
    calls: int
    open: int
    monitors: int
    span: Span


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """A message from others: a message, cast, event or call, or a predefined one such as
    `sys.Shutdown` (`message.is_system`)."""

    index: int  # in Isolate.events
    name: str  # as written: `Kick`, `sys.Shutdown`
    handler: str  # `on_kick`, `on_sys_shutdown`
    message: Message


@dataclass(frozen=True, slots=True)
class CompletionEvent:
    """The end of an operation on one of the isolate's own I/O objects."""

    index: int
    name: str  # `peer.Received`
    handler: str  # `on_peer_received`
    io: IoObject
    completion: str  # `Received`


@dataclass(frozen=True, slots=True)
class TimerEvent:
    """One of the isolate's own timers has fired."""

    index: int
    name: str
    handler: str
    timer: Timer


class CallEnd(Enum):
    """How a call of one's own ends; FAILED is the timeout and the rejection in one."""

    REPLY = "reply"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CallEndEvent:
    """One of the isolate's own calls has ended."""

    index: int
    name: str  # `Kv.Get.reply`
    handler: str  # `on_kv_get_reply`
    call: Message
    end: CallEnd


@dataclass(frozen=True, slots=True)
class YieldedEvent:
    """`sys.Yielded`: the handler asked to run again in the next pass."""

    index: int
    name: str
    handler: str
    message: Message


Event = MessageEvent | CompletionEvent | TimerEvent | CallEndEvent | YieldedEvent


@dataclass(frozen=True, slots=True)
class Next:
    """One way a handler can end: a state, or `stay` (state None)."""

    name: str
    state: int | None


@dataclass(frozen=True, slots=True)
class Handle:
    """`on M -> A | stay`: the handler picks one of `nexts` (in the written order). `later`: it
    takes a token and the call is answered at another time."""

    nexts: tuple[Next, ...]
    later: bool = False


@dataclass(frozen=True, slots=True)
class Transit:
    """`on M => A`: the transition without a handler."""

    next: Next


@dataclass(frozen=True, slots=True)
class Ignore:
    """The message is dropped and counted."""


@dataclass(frozen=True, slots=True)
class Defer:
    """The message waits until the state changes."""


@dataclass(frozen=True, slots=True)
class Reject:
    """The call is rejected at once."""


Reaction = Handle | Transit | Ignore | Defer | Reject


@dataclass(frozen=True, slots=True)
class Clause:
    """What one state does with one event. `written_in` is the state whose braces hold the clause,
    None for the machine's top (`in<Machine>`) or an isolate without a machine."""

    event: Event
    reaction: Reaction
    written_in: str | None
    inherited: bool
    span: Span  # of the event's name in the clause: the place for #line


@dataclass(frozen=True, slots=True)
class After:
    """`after D -> A | B` (Handle; handler `on_after`) or `after D => A` (Transit)."""

    duration_ns: int
    reaction: Handle | Transit
    span: Span


@dataclass(frozen=True, slots=True)
class State:
    """One state; `clauses` are in event order and hold inherited ones too. The implicit state of
    an isolate without a machine has the name ''."""

    index: int  # in Isolate.states: the order of the text, each before those inside
    name: str
    parent: int | None  # the state directly around
    initial: int | None  # of a composite: the state directly inside in which it starts
    is_final: bool
    enter: Span | None  # the word `enter`, if there is an entry handler
    after: After | None
    clauses: tuple[Clause, ...]
    doc: str
    span: Span

    @property
    def is_composite(self) -> bool:
        """True if it holds other states."""
        return self.initial is not None

    def clause(self, event: Event) -> Clause | None:
        """What this state does with an event, None if it does not list it."""
        return next((c for c in self.clauses if c.event.index == event.index), None)


@dataclass(frozen=True, slots=True)
class Isolate:
    """An isolate. Without a machine, `has_machine` is False and `states` holds one implicit
    state. `accepts` are the messages from others that share the mailbox, in order of their
    model index: the alternatives of its message union (predefined messages have reserved
    places and are not in it). `message_size`/`message_align` fit the largest."""

    index: int
    package: str
    name: str
    init: tuple[InitArgument, ...]
    init_size: int
    init_align: int
    io: tuple[IoObject, ...]
    implements: tuple[str, ...]  # qualified protocols
    subscribes: tuple[str, ...]
    sends: tuple[Send, ...]
    calls: tuple[CallUse, ...]
    spawns: tuple[Spawn, ...]
    monitors: tuple[str, ...]  # qualified isolates
    timers: tuple[Timer, ...]
    budget: Budget
    has_machine: bool
    events: tuple[Event, ...]
    states: tuple[State, ...]
    initial: int
    accepts: tuple[Message, ...]
    message_size: int
    message_align: int
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.package}.{self.name}"

    @property
    def leaves(self) -> tuple[State, ...]:
        """The states in which the machine can be, final ones included."""
        return tuple(state for state in self.states if not state.is_composite)

    @property
    def nests(self) -> bool:
        """True if any state holds others."""
        return any(state.is_composite for state in self.states)

    def around(self, state: State) -> Iterator[State]:
        """A state and all states around it, from the inside out."""
        at: int | None = state.index
        while at is not None:
            yield self.states[at]
            at = self.states[at].parent

    def leaf(self, index: int) -> State:
        """The leaf in which a transition to a state ends."""
        first = self.states[index].initial
        return self.states[index] if first is None else self.leaf(first)

    def below(self, state: State) -> tuple[State, ...]:
        """The leaves inside a state; of a leaf: itself."""
        return tuple(leaf for leaf in self.leaves if state in self.around(leaf))

    def connects(self, io: IoObject) -> bool:
        """Whether any state lists a completion of an object's lane `all`: only then can one of
        its operations start, and only then it has places."""
        return any(
            isinstance(event, CompletionEvent)
            and event.io.index == io.index
            and io.kind.operation_of(event.completion).lane == LANE_ALL
            for event in self.events
        )

    def lanes(self, io: IoObject) -> tuple[Lane, ...]:
        """The lanes of an object that have places."""
        return tuple(n for n in io.kind.lanes if n.name != LANE_ALL or self.connects(io))

    @property
    def defers(self) -> bool:
        """True if any state defers anything."""
        return any(isinstance(c.reaction, Defer) for s in self.states for c in s.clauses)

    @property
    def lists_shutdown(self) -> bool:
        """True if the isolate says what happens on `sys.Shutdown`; otherwise it just ends."""
        return any(
            isinstance(e, MessageEvent) and e.message.qualified == "tina.sys.Shutdown"
            for e in self.events
        )
