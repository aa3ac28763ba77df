# SPDX-License-Identifier: Apache-2.0
"""What can be in a mailbox at worst, and which calls can never be shed.

A mailbox is full of what others send as fast as they like: messages, casts and events have no
bound. Calls have one: each caller has at most `calls` outstanding. So where nothing but calls can
enter, and all that can be outstanding fit, no call is ever shed - as long as what `ASSUMPTION` says
holds, because a call that its caller has given up keeps its place until it is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tina_gen.checks.receivers import receivers, serves
from tina_gen.checks.trees import population
from tina_gen.model import (
    CallUse,
    Handle,
    Isolate,
    Message,
    MessageEvent,
    Model,
    Role,
    System,
    TargetKind,
)
from tina_gen.source import Span

ASSUMPTION = "as long as no caller times out, abandons its call or ends while it is queued"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one isolate type can put into a mailbox. `most` is the number of places that it can
    hold there at once; None means as many as there are, and what does not fit is shed."""

    sender: str  # qualified
    messages: tuple[Message, ...]
    most: int | None
    words: str  # how `most` comes about
    span: Span


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason why a call may be shed."""

    words: str
    span: Span


@dataclass(frozen=True, slots=True)
class CallBound:
    """Whether a call can be shed; never if there is no obstacle, under `ASSUMPTION`."""

    call: Message
    obstacles: tuple[Obstacle, ...]

    @property
    def never_shed(self) -> bool:
        """True if nothing can make the mailbox refuse it."""
        return not self.obstacles


@dataclass(frozen=True, slots=True)
class MailboxBound:
    """The mailbox of one isolate in one role, per slot."""

    isolate: str  # qualified
    role: str
    capacity: int
    arrivals: tuple[Arrival, ...]
    calls: tuple[CallBound, ...]  # those that it serves

    @property
    def wanted(self) -> int | None:
        """The places that all arrivals together may want; None if there is no bound."""
        found = [arrival.most for arrival in self.arrivals]
        known = [most for most in found if most is not None]
        return sum(known) if len(known) == len(found) else None

    @property
    def worst(self) -> int:
        """The places that are taken at worst."""
        return self.capacity if self.wanted is None else min(self.wanted, self.capacity)


def mailbox_bounds(model: Model, system: System) -> tuple[MailboxBound, ...]:
    """One per role and isolate that lives there, in start order."""
    living = {role.name: population(model, role) for role in system.roles}
    return tuple(
        _bound(model, system, role, model.isolate(name), living)
        for role in system.roles
        for name in living[role.name]
    )


def report(model: Model, system: System) -> list[str]:
    """The bounds of a system as lines of text."""
    lines: list[str] = []
    for bound in mailbox_bounds(model, system):
        name = bound.isolate.removeprefix(f"{model.root.name}.")
        lines.append(
            f"mailbox of {name} in {bound.role}: {bound.capacity} places, "
            f"{bound.worst} taken at worst"
        )
        for arrival in bound.arrivals:
            sender = arrival.sender.removeprefix(f"{model.root.name}.")
            messages = ", ".join(message.local_name for message in arrival.messages)
            lines.append(f"  {messages} from {sender}: {arrival.words}")
        for call in bound.calls:
            if call.never_shed:
                lines.append(f"  {call.call.local_name} is never shed, {ASSUMPTION}")
            else:
                reasons = "; ".join(obstacle.words for obstacle in call.obstacles)
                lines.append(f"  {call.call.local_name} may be shed: {reasons}")
    return lines


Living = Mapping[str, Mapping[str, int]]


def _bound(
    model: Model, system: System, role: Role, isolate: Isolate, living: Living
) -> MailboxBound:
    messages = list(_messages(model, system, role, isolate, living))
    callers = list(_callers(model, system, role, isolate, living))
    obstacles = [
        Obstacle(
            f"`{a.messages[0].local_name}` from `{_short(a.sender)}` can fill the mailbox", a.span
        )
        for a in messages
    ]
    calls = [arrival for arrival, _ in callers]
    total = sum(arrival.most or 0 for arrival in calls)
    if total > isolate.budget.mailbox:
        text = f"{total} calls can be outstanding and `mailbox` is {isolate.budget.mailbox}"
        obstacles.append(Obstacle(text, isolate.budget.span))
    if _takes_later(isolate) and total > isolate.budget.open:
        text = f"{total} calls can be outstanding and `open` is {isolate.budget.open}"
        obstacles.append(Obstacle(text, isolate.budget.span))
    obstacles += [
        Obstacle(f"`{_short(a.sender)}` may call from another shard, over a channel", a.span)
        for a, crosses in callers
        if crosses
    ]
    served = [
        event.message
        for event in isolate.events
        if isinstance(event, MessageEvent) and event.message.is_call
        if serves(isolate, event.message)
    ]
    return MailboxBound(
        isolate.qualified,
        role.name,
        isolate.budget.mailbox,
        (*calls, *messages),
        tuple(CallBound(call, tuple(obstacles)) for call in served),
    )


def _short(qualified: str) -> str:
    return qualified.rpartition(".")[2]


def _takes_later(isolate: Isolate) -> bool:
    clauses = (clause for state in isolate.states for clause in state.clauses)
    return any(isinstance(c.reaction, Handle) and c.reaction.later for c in clauses)


def _sources(system: System, role: Role, living: Living, sender: str) -> Iterator[tuple[Role, int]]:
    """The roles from which an isolate can reach `role`, and how many shards that are."""
    for other in system.roles:
        if not living[other.name].get(sender):
            continue
        crosses = any(c.source == other.name and c.target == role.name for c in system.channels)
        if other.name == role.name:
            yield other, other.shards if crosses else 1
        elif crosses:
            yield other, other.shards


def _messages(
    model: Model, system: System, role: Role, isolate: Isolate, living: Living
) -> Iterator[Arrival]:
    """One per sender and message, cast or event."""
    for sender in model.isolates:
        if not any(_sources(system, role, living, sender.qualified)):
            continue
        seen: set[str] = set()
        for send in sender.sends:
            name = send.message.qualified
            if name in seen or isolate not in receivers(model, send.target, send.message):
                continue
            if isolate.accepts and name in {message.qualified for message in isolate.accepts}:
                seen.add(name)
                words = "any number; what does not fit is shed"
                yield Arrival(sender.qualified, (send.message,), None, words, send.span)


def _callers(
    model: Model, system: System, role: Role, isolate: Isolate, living: Living
) -> Iterator[tuple[Arrival, bool]]:
    """One per isolate that calls this one, and whether it may do so from another shard."""
    for sender in model.isolates:
        uses = [use for use in sender.calls if _reaches(model, use, isolate)]
        if not uses:
            continue
        own_shard = all(use.target.kind is TargetKind.CHILD for use in uses)
        number = shards = 0
        for source, count in _sources(system, role, living, sender.qualified):
            if own_shard:
                count = 1 if source.name == role.name else 0
            number += count * living[source.name][sender.qualified]
            shards += count
        if not number:
            continue
        calls = sender.budget.calls
        words = f"{number * calls} at most ({number} of it, {calls} outstanding each)"
        messages = tuple(dict.fromkeys(use.call for use in uses))
        home = 1 if living[role.name].get(sender.qualified) else 0
        yield (
            Arrival(sender.qualified, messages, number * calls, words, uses[0].span),
            shards > home,
        )


def _reaches(model: Model, use: CallUse, isolate: Isolate) -> bool:
    return serves(isolate, use.call) and isolate in receivers(model, use.target, use.call)
