# SPDX-License-Identifier: Apache-2.0
"""Numbers that generated code and runtime agree on: completion bits, result records, tags.

Completions of all I/O objects come first, in declaration order, then the state timeouts, then the
named timers; records are one per lane, then one per state timeout, then one per timer. States that
are active together have timeouts of their own: one for each depth of nesting that has any.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    completions: tuple[str, ...]  # by bit: `peer.Received`, the state timeouts, timers
    lanes: int
    levels: tuple[int, ...]  # the depths of nesting that have state timeouts, outermost first
    timers: int

    @property
    def after_bit(self) -> int:
        """The bit of the first state timeout, if there is one."""
        return len(self.completions) - self.timers - len(self.levels)

    @property
    def records(self) -> int:
        """Result records per slot."""
        return self.lanes + len(self.levels) + self.timers

    def timer_record(self, timer: Timer) -> int:
        """The result record of a named timer."""
        return self.lanes + len(self.levels) + timer.index

    def level(self, isolate: Isolate, state: State) -> int:
        """Which of the state timeouts is the state's own."""
        return self.levels.index(depth(isolate, state))

    def bit(self, event: CompletionEvent | TimerEvent) -> int:
        """The bit of a completion or of a timer's firing."""
        if isinstance(event, TimerEvent):
            return len(self.completions) - self.timers + event.timer.index
        first = self.places[event.io.index].first_completion
        return first + event.io.kind.completions.index(event.completion)


def depth(isolate: Isolate, state: State) -> int:
    """How many states are around this one."""
    return sum(1 for _ in isolate.around(state)) - 1


def numbering(isolate: Isolate) -> Numbering:
    """Numbers an isolate."""
    places = []
    completions: list[str] = []
    lanes = 0
    for io in isolate.io:
        places.append(Place(lanes, len(completions)))
        lanes += len(io.kind.lanes)
        completions += [f"{io.name}.{name}" for name in io.kind.completions]
    levels = sorted({depth(isolate, state) for state in isolate.states if state.after})
    completions += ["after"] if len(levels) == 1 else [f"after {n + 1}" for n in range(len(levels))]
    completions += [timer.name for timer in isolate.timers]
    return Numbering(tuple(places), tuple(completions), lanes, tuple(levels), len(isolate.timers))


def listed(numbers: Numbering, isolate: Isolate, state: State) -> int:
    """The bits of the completions that a state lists; a composite: that every leaf inside lists."""
    if state.is_composite:
        return _common(numbers, isolate, isolate.below(state))
    if state.is_final:
        return 0
    bits = 0
    for clause in state.clauses:
        if isinstance(clause.event, CompletionEvent | TimerEvent):
            bits |= 1 << numbers.bit(clause.event)
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
