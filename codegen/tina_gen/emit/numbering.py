# SPDX-License-Identifier: Apache-2.0
"""Numbers that generated code and runtime agree on: completion bits, result records, tags.

Completions of all I/O objects come first, in declaration order, then the state timeouts, the named
timers, three ends for each call, and `sys.Yielded`; records are one per lane, then one per state
timeout, one per timer, one per call outstanding at once, and one to yield. Lane `all` of an object
has them only if the isolate lists one of its completions; behind the lanes of an object that reads
ahead there is a record for that. States that are active together have
timeouts of their own: one for each depth of nesting that has any.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.frozen import dataclass
from tina_gen.model import (
    CallEnd,
    CallEndEvent,
    CompletionEvent,
    Defer,
    Event,
    Handle,
    IoObject,
    Isolate,
    Message,
    MessageEvent,
    Model,
    Spawn,
    State,
    Supervisor,
    Timer,
    TimerEvent,
    YieldedEvent,
)
from tina_gen.owned import is_moved


@dataclass(frozen=True, slots=True)
class Place:
    """Where one I/O object's records and completions begin."""

    first_record: int
    first_completion: int
    connects: bool  # lane `all` has places, the last ones


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of one isolate."""

    places: tuple[Place, ...]  # by I/O object
    completions: tuple[str, ...]  # by bit: `peer.Received`, state timeouts, timers, calls' ends
    lanes: int  # with those that read ahead
    operations: int  # the most that an effect can start
    levels: tuple[int, ...]  # the depths of nesting that have state timeouts, outermost first
    timers: int
    call_records: int
    called: tuple[str, ...]  # qualified calls, in the order of their ends' bits
    yields: bool
    first_timer_bit: int

    @property
    def after_bit(self) -> int:
        """The bit of the first state timeout, if there is one."""
        return self.first_timer_bit - len(self.levels)

    @property
    def first_call_record(self) -> int:
        """The first of the result records of calls."""
        return self.lanes + len(self.levels) + self.timers

    @property
    def yield_record(self) -> int:
        """The result record of `sys.Yielded`, if it is listed."""
        return self.first_call_record + self.call_records

    @property
    def yield_bit(self) -> int:
        """The bit of `sys.Yielded`, if it is listed."""
        return len(self.completions) - 1

    @property
    def records(self) -> int:
        """Result records per slot."""
        return self.yield_record + self.yields

    @property
    def call_ends(self) -> int:
        """The bits of the ends of calls."""
        first = self.first_timer_bit + self.timers
        return ((1 << len(_CALL_ENDS) * len(self.called)) - 1) << first

    @property
    def started_ends(self) -> int:
        """The bits of the ends of all that a handler's effect starts: not those of timeouts and
        timers."""
        others = (1 << len(self.levels) + self.timers) - 1
        return ((1 << len(self.completions)) - 1) & ~(others << self.after_bit)

    def timer_record(self, timer: Timer) -> int:
        """The result record of a named timer."""
        return self.lanes + len(self.levels) + timer.index

    def level(self, isolate: Isolate, state: State) -> int:
        """Which of the state timeouts is the state's own."""
        return self.levels.index(depth(isolate, state))

    def call_bit(self, call: Message) -> int:
        """The bit of a call's reply; the timeout and the rejection have the two after it."""
        first = self.first_timer_bit + self.timers
        return first + len(_CALL_ENDS) * self.called.index(call.qualified)

    def bits(self, event: Event) -> tuple[int, ...]:
        """The bits of the results that an event stands for; none for a message from others."""
        match event:
            case TimerEvent(timer=timer):
                return (self.first_timer_bit + timer.index,)
            case CompletionEvent(io=io, completion=completion):
                first = self.places[io.index].first_completion
                return (first + io.kind.completions.index(completion),)
            case CallEndEvent(call=call, end=CallEnd.FAILED):
                return (self.call_bit(call) + 1, self.call_bit(call) + 2)
            case CallEndEvent(call=call, end=end):
                return (self.call_bit(call) + _CALL_ENDS.index(end),)
            case YieldedEvent():
                return (self.yield_bit,)
            case _:
                return ()


_CALL_ENDS = (CallEnd.REPLY, CallEnd.TIMEOUT, CallEnd.REJECTED)


def depth(isolate: Isolate, state: State) -> int:
    """How many states are around this one."""
    return sum(1 for _ in isolate.around(state)) - 1


def numbering(isolate: Isolate) -> Numbering:
    """Numbers an isolate."""
    places = []
    completions: list[str] = []
    lanes = 0
    for io in isolate.io:
        used = isolate.lanes(io)
        places.append(Place(lanes, len(completions), isolate.connects(io)))
        lanes += len(used) + reads_ahead(io)
        ends = dict.fromkeys(op.completion for lane in used for op in lane.operations)
        completions += [f"{io.name}.{end}" for end in ends]
    levels = sorted({depth(isolate, state) for state in isolate.states if state.after})
    completions += ["after"] if len(levels) == 1 else [f"after {n + 1}" for n in range(len(levels))]
    first_timer_bit = len(completions)
    completions += [timer.name for timer in isolate.timers]
    calls = {use.call.qualified: use.call for use in isolate.calls}
    completions += [f"{c.local_name}.{end.value}" for c in calls.values() for end in _CALL_ENDS]
    if yields(isolate):
        completions.append("sys.Yielded")
    return Numbering(
        places=tuple(places),
        completions=tuple(completions),
        lanes=lanes,
        operations=sum(len(isolate.lanes(io)) for io in isolate.io),
        levels=tuple(levels),
        timers=len(isolate.timers),
        call_records=isolate.budget.calls if calls else 0,
        called=tuple(calls),
        yields=yields(isolate),
        first_timer_bit=first_timer_bit,
    )


def reads_ahead(io: IoObject) -> bool:
    """Whether an object fills buffers before its isolate asks for them."""
    return any(setting.name == "read_ahead" and setting.value for setting in io.settings)


def yields(isolate: Isolate) -> bool:
    """Whether `sys.Yielded` is listed anywhere."""
    return any(isinstance(event, YieldedEvent) for event in isolate.events)


def served_tags(isolate: Isolate) -> int:
    """The bits of the message tags that are calls."""
    return sum(1 << index for index, message in enumerate(isolate.accepts) if message.is_call)


def owning_tags(isolate: Isolate) -> int:
    """The bits of the message tags that hold buffers or blobs."""
    return sum(1 << index for index, m in enumerate(isolate.accepts) if is_moved(m))


def takes_later(isolate: Isolate) -> bool:
    """Whether any state takes a call to answer it later."""
    reactions = [clause.reaction for state in isolate.states for clause in state.clauses]
    return any(isinstance(reaction, Handle) and reaction.later for reaction in reactions)


def defers_down(state: State) -> bool:
    """Whether a state lets `sys.Down` wait."""
    return _defers(state, DOWN)


def defers_news(state: State) -> int:
    """The bits of the news of other shards that a state lets wait."""
    return sum(1 << kind for kind, name in enumerate(NEWS) if _defers(state, name))


def listed_news(isolate: Isolate) -> int:
    """The bits of the news of other shards that an isolate lists."""
    names = {e.message.qualified for e in isolate.events if isinstance(e, MessageEvent)}
    return sum(1 << kind for kind, name in enumerate(NEWS) if name in names)


def _defers(state: State, qualified: str) -> bool:
    return any(
        isinstance(clause.reaction, Defer)
        and isinstance(clause.event, MessageEvent)
        and clause.event.message.qualified == qualified
        for clause in state.clauses
    )


SHUTDOWN = "tina.sys.Shutdown"
DOWN = "tina.sys.Down"
NEWS = ("tina.sys.ShardRestarted", "tina.sys.ShardQuarantined")  # by the runtime's numbers


def listed(numbers: Numbering, isolate: Isolate, state: State) -> int:
    """The bits of the completions that a state lists; a composite: that every leaf inside lists."""
    if state.is_composite:
        return _common(numbers, isolate, isolate.below(state))
    if state.is_final:
        return 0
    bits = 0
    for clause in state.clauses:
        for bit in numbers.bits(clause.event):
            bits |= 1 << bit
    for around in isolate.around(state):
        if around.after:
            bits |= 1 << (numbers.after_bit + numbers.level(isolate, around))
    return bits


def listed_everywhere(numbers: Numbering, isolate: Isolate) -> int:
    """The bits that every state lists in which an isolate can be: what `in<Machine>` may start."""
    return _common(numbers, isolate, isolate.leaves)


def _common(numbers: Numbering, isolate: Isolate, leaves: Sequence[State]) -> int:
    bits = (1 << len(numbers.completions)) - 1
    for leaf in leaves:
        if not leaf.is_final:
            bits &= listed(numbers, isolate, leaf)
    return bits


def deferred(isolate: Isolate, state: State) -> int:
    """The bits of the message tags that a state defers; `sys.Shutdown` has none."""
    bits = 0
    for clause in () if state.is_composite else state.clauses:
        event = clause.event
        if not isinstance(clause.reaction, Defer) or not isinstance(event, MessageEvent):
            continue
        if not event.message.is_system:
            bits |= 1 << tag(isolate, event.message)
    return bits


def defers(isolate: Isolate) -> bool:
    """Whether any state defers messages of the mailbox."""
    return any(deferred(isolate, state) for state in isolate.states)


def tag(isolate: Isolate, message: Message) -> int:
    """A message's tag in the mailbox of one isolate."""
    return [accepted.qualified for accepted in isolate.accepts].index(message.qualified)


def first_place(model: Model, supervisor: Supervisor) -> int:
    """The place of a supervisor's first member: members are numbered through the whole model."""
    return sum(len(before.members) for before in model.supervisors[: supervisor.index])


def group_place(model: Model, spawn: Spawn) -> int:
    """The place of the dynamic group that a spawn puts its isolate under."""
    supervisor = model.supervisor(spawn.supervisor)
    group = next(group for group in supervisor.groups if group.isolate == spawn.isolate)
    return first_place(model, supervisor) + supervisor.members.index(group)
