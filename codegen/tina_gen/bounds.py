# SPDX-License-Identifier: Apache-2.0
"""What can be in a mailbox at worst, and which calls can never be shed.

A mailbox is full of what others send as fast as they like: messages, casts and events have no
bound. Calls have one: each caller has at most `calls` outstanding. So where nothing but calls can
enter, and all that can be outstanding fit, no call is ever shed - as long as what `ASSUMPTION` says
holds, because a call that its caller has given up keeps its place until it is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.receivers import receivers, serves
from tina_gen.checks.trees import population
from tina_gen.frozen import dataclass
from tina_gen.model import (
    CallUse,
    Handle,
    Isolate,
    Message,
    MessageEvent,
    Model,
    Role,
    Send,
    System,
    Target,
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
    traffic = _Traffic(model, system)
    isolates = {isolate.qualified: isolate for isolate in model.isolates}
    return tuple(
        _bound(traffic, role, isolates[name])
        for role in system.roles
        for name in traffic.living[role.name]
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


class _Traffic:
    """Who sends and calls whom in a system."""

    def __init__(self, model: Model, system: System) -> None:
        """Finds the receivers of each send and call."""
        self.system = system
        self.living = {role.name: population(model, role) for role in system.roles}
        self.trees = {
            role.name: {supervisor.qualified for supervisor in model.below(role.root)}
            for role in system.roles
        }
        self.sends: dict[str, list[tuple[Isolate, Send]]] = {}
        self.calls: dict[str, dict[str, tuple[Isolate, list[CallUse]]]] = {}
        for sender in model.isolates:
            for send in sender.sends:
                for receiver in receivers(model, send.target, send.message):
                    self.sends.setdefault(receiver.qualified, []).append((sender, send))
            for use in sender.calls:
                for receiver in receivers(model, use.target, use.call):
                    if serves(receiver, use.call):
                        own = self.calls.setdefault(receiver.qualified, {})
                        own.setdefault(sender.qualified, (sender, []))[1].append(use)

    def sources(self, role: Role, sender: Isolate) -> Iterator[tuple[Role, int]]:
        """The roles from which an isolate can reach `role`, and how many shards that are."""
        for other in self.system.roles:
            if not self.living[other.name].get(sender.qualified):
                continue
            way = (other.name, role.name)
            crosses = any((c.source, c.target) == way for c in self.system.channels)
            if other.name == role.name:
                yield other, other.shards if crosses else 1
            elif crosses:
                yield other, other.shards

    def shards(self, role: Role, source: Role, most: int, target: Target) -> int:
        """How many of at most `most` shards of `source` reach one shard of `role` by a target: a
        child path leads to one's own shard if its supervisor is there."""
        if target.kind is not TargetKind.CHILD or target.supervisor not in self.trees[source.name]:
            return most
        return 1 if source.name == role.name else 0


def _bound(traffic: _Traffic, role: Role, isolate: Isolate) -> MailboxBound:
    messages = list(_messages(traffic, role, isolate))
    callers = list(_callers(traffic, role, isolate))
    calls = [arrival for arrival, _ in callers]
    obstacles = (*_obstacles(isolate, messages, calls), *_crossings(callers))
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
        tuple(CallBound(call, obstacles) for call in served),
    )


def _obstacles(
    isolate: Isolate, messages: list[Arrival], calls: list[Arrival]
) -> Iterator[Obstacle]:
    """What can keep a call out of the mailbox, or from being taken out of it."""
    for arrival in messages:
        words = f"`{arrival.messages[0].local_name}` from `{_short(arrival.sender)}` can fill"
        yield Obstacle(f"{words} the mailbox", arrival.span)
    budget = isolate.budget
    total = sum(arrival.most or 0 for arrival in calls)
    for entry, places in (("mailbox", budget.mailbox), ("open", budget.open)):
        if total > places and (entry == "mailbox" or _takes_later(isolate)):
            text = f"{total} calls can be outstanding and `{entry}` is {places}"
            yield Obstacle(text, budget.span)


def _crossings(callers: list[tuple[Arrival, bool]]) -> Iterator[Obstacle]:
    for arrival, crosses in callers:
        if crosses:
            words = f"`{_short(arrival.sender)}` may call from another shard, over a channel"
            yield Obstacle(words, arrival.span)


def _short(qualified: str) -> str:
    return qualified.rpartition(".")[2]


def _takes_later(isolate: Isolate) -> bool:
    clauses = (clause for state in isolate.states for clause in state.clauses)
    return any(isinstance(c.reaction, Handle) and c.reaction.later for c in clauses)


def _messages(traffic: _Traffic, role: Role, isolate: Isolate) -> Iterator[Arrival]:
    """One per sender and message, cast or event."""
    accepted = {message.qualified for message in isolate.accepts}
    seen: set[tuple[str, str]] = set()
    for sender, send in traffic.sends.get(isolate.qualified, ()):
        key = (sender.qualified, send.message.qualified)
        if key in seen or key[1] not in accepted or not any(traffic.sources(role, sender)):
            continue
        seen.add(key)
        words = "any number; what does not fit is shed"
        yield Arrival(sender.qualified, (send.message,), None, words, send.span)


def _callers(traffic: _Traffic, role: Role, isolate: Isolate) -> Iterator[tuple[Arrival, bool]]:
    """One per isolate that calls this one, and whether it may do so from another shard."""
    for sender, uses in traffic.calls.get(isolate.qualified, {}).values():
        number = shards = 0
        for source, most in traffic.sources(role, sender):
            count = max(traffic.shards(role, source, most, use.target) for use in uses)
            number += count * traffic.living[source.name][sender.qualified]
            shards += count
        if not number:
            continue
        calls = sender.budget.calls
        words = f"{number * calls} at most ({number} of it, {calls} outstanding each)"
        messages = tuple(dict.fromkeys(use.call for use in uses))
        home = 1 if traffic.living[role.name].get(sender.qualified) else 0
        arrival = Arrival(sender.qualified, messages, number * calls, words, uses[0].span)
        yield arrival, shards > home
