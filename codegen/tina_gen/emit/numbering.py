# SPDX-License-Identifier: Apache-2.0
"""Numbers that generated code and runtime agree on: completion bits, result records, tags.

Completions of all I/O objects come first, in declaration order, then the state timeout, then the
named timers; records are one per lane, then one for the state timeout, then one per timer.
"""

from __future__ import annotations

from dataclasses import dataclass

from tina_gen.model import (
    CompletionEvent,
    Defer,
    Isolate,
    Message,
    MessageEvent,
    Model,
    Spawn,
    State,
    Supervisor,
    Timer,
    TimerEvent,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one I/O object's records and completions begin."""

    first_record: int
    first_completion: int


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of one isolate. `lanes` is also the most operations an effect can start."""

    places: tuple[Place, ...]  # by I/O object
    completions: tuple[str, ...]  # by bit: `peer.Received`, the state timeout, timers
    lanes: int
    has_after: bool
    timers: int

    @property
    def after_bit(self) -> int:
        """The state timeout's bit, if there is one."""
        return len(self.completions) - self.timers - 1

    @property
    def records(self) -> int:
        """Result records per slot."""
        return self.lanes + self.has_after + self.timers

    def timer_record(self, timer: Timer) -> int:
        """The result record of a named timer."""
        return self.lanes + self.has_after + timer.index

    def bit(self, event: CompletionEvent | TimerEvent) -> int:
        """The bit of a completion or of a timer's firing."""
        if isinstance(event, TimerEvent):
            return len(self.completions) - self.timers + event.timer.index
        first = self.places[event.io.index].first_completion
        return first + event.io.kind.completions.index(event.completion)


def numbering(isolate: Isolate) -> Numbering:
    """Numbers an isolate."""
    places = []
    completions: list[str] = []
    lanes = 0
    for io in isolate.io:
        places.append(Place(lanes, len(completions)))
        lanes += len(io.kind.lanes)
        completions += [f"{io.name}.{name}" for name in io.kind.completions]
    has_after = any(state.after for state in isolate.states)
    if has_after:
        completions.append("after")
    completions += [timer.name for timer in isolate.timers]
    return Numbering(tuple(places), tuple(completions), lanes, has_after, len(isolate.timers))


def listed(numbers: Numbering, state: State) -> int:
    """The bits of the completions that a state lists."""
    bits = 0
    for clause in state.clauses:
        if isinstance(clause.event, CompletionEvent | TimerEvent):
            bits |= 1 << numbers.bit(clause.event)
    if state.after:
        bits |= 1 << numbers.after_bit
    return bits


def listed_everywhere(numbers: Numbering, isolate: Isolate) -> int:
    """The bits that every state lists in which an isolate can be: what `in<Machine>` may start."""
    bits = (1 << len(numbers.completions)) - 1
    for state in isolate.states:
        if not state.is_final:
            bits &= listed(numbers, state)
    return bits


def deferred(isolate: Isolate, state: State) -> int:
    """The bits of the message tags that a state defers; `sys.Shutdown` has none."""
    bits = 0
    for clause in state.clauses:
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
