# SPDX-License-Identifier: Apache-2.0
"""Clauses as they are written, before inheritance: which event, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.model import (
    After,
    Defer,
    Event,
    Handle,
    Ignore,
    MessageEvent,
    Next,
    Reaction,
    Reject,
    Transit,
)
from tina_gen.names import suggestion
from tina_gen.resolve.events import Events, Verdict
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax.tokens import Dimension

AFTER_MAX_NS = 365 * 24 * 3_600_000_000_000

Items = tuple[a.IsolateItem, ...] | tuple[a.StateItem, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """One event of one clause; `where` is the state whose braces hold it, None at the top."""

    event: Event
    reaction: Reaction
    where: str | None
    span: Span


class ClauseResolver:
    """Resolves the clauses of one isolate, state by state."""

    def __init__(
        self,
        values: Values,
        verdict: Verdict,
        events: Events,
        has_machine: bool,
        states: tuple[str, ...],
    ) -> None:
        """Prepares; `states` are the names of the machine's states, by index."""
        self.values = values
        self.verdict = verdict
        self.events = events
        self.unit = events.unit
        self.has_machine = has_machine
        self.states = states

    def written(self, items: Items, where: str | None) -> dict[int, Written]:
        """The clauses that stand directly in one pair of braces, by event."""
        found: dict[int, Written] = {}
        for clause in clauses_of(items):
            reaction = self._reaction_of(clause)
            for name in clause.events:
                event = self.events.named(name)
                if event is None or reaction is None:
                    self.verdict.good = False
                    continue
                if isinstance(reaction, Defer):
                    self._check_defer(event, name.span)
                written = Written(event, reaction, where, name.span)
                first = found.setdefault(event.index, written)
                if first is not written:
                    note = (Note("the first one is here", first.span),)
                    text = f"`{event.name}` has two clauses in one state"
                    self.verdict.error("E0305", name.span, text, "second clause", "keep one", note)
        return found

    def after(self, item: a.After) -> After | None:
        """A state timeout; None if it is broken."""
        duration = self.values.whole(
            item.duration,
            self.unit,
            "the time of `after`",
            (1, AFTER_MAX_NS),
            "E0202",
            Dimension.DURATION,
        )
        reaction = self._reaction(item.immediate, item.targets)
        if duration is None or not isinstance(reaction, Handle | Transit):
            self.verdict.good = False
            return None
        return After(duration, reaction, item.span)

    def target(self, name: a.Name, stay: bool) -> Next | None:
        """The state of that name, or `stay` where it may be; None if there is none (reported)."""
        if stay and name.text == "stay":
            return Next("stay", None)
        if name.text in self.states:
            return Next(name.text, self.states.index(name.text))
        close = suggestion(name.text, list(self.states))
        help = f"its states are {', '.join(f'`{n}`' for n in self.states[:8])}"
        if close:
            help = f"did you mean `{close}`?"
        elif name.text == "stay":
            help = "write `ignore` for a message that changes nothing"
        text = f"`{name.text}` is not a state of this machine"
        self.verdict.error("E0304", name.span, text, "unknown state", help)
        return None

    def _reaction_of(self, clause: a.Clause) -> Reaction | None:
        match clause:
            case a.OnClause():
                reaction = self._reaction(clause.immediate, clause.targets)
                if not clause.later or reaction is None:
                    return reaction
                if isinstance(reaction, Handle):
                    return replace(reaction, later=True)
                text = "`later` hands over a token, and there is no handler to take it"
                help = "write `->` instead of `=>`"
                self.verdict.sink.error("E0332", clause.span, text, "needs a handler", help)
                return Handle((reaction.next,), later=True)
            case a.PassiveClause(word="ignore"):
                return Ignore()
            case a.PassiveClause(word="defer"):
                return Defer()
            case _:
                return Reject()

    def _check_defer(self, event: Event, span: Span) -> None:
        if not isinstance(event, MessageEvent):
            text = f"`{event.name}` is the result of the isolate's own action and is not deferred"
            help = "leave it out: a result that a state does not list is held for one that does"
            self.verdict.error("E0310", span, text, "not a message from others", help)

    def _reaction(self, immediate: bool, targets: tuple[a.Name, ...]) -> Handle | Transit | None:
        if not self.has_machine:
            for name in targets:
                if immediate or name.text != "stay":
                    text = f"`{name.text}` is no state: the isolate has no machine"
                    help = "remove the target, or write `machine { … }` with states"
                    self.verdict.error("E0313", name.span, text, "no machine", help)
                    return None
            return Handle((Next("stay", None),))
        if not targets:
            return Handle((Next("stay", None),))
        found: list[Next] = []
        for name in targets:
            following = self.target(name, stay=not immediate)
            if following is None:
                return None
            if following in found:
                text = f"`{name.text}` is named twice"
                self.verdict.error("E0316", name.span, text, "second time", "name it once")
            found.append(following)
        return Transit(found[0]) if immediate else Handle(tuple(found))


def others_of(items: Items) -> Span | None:
    """Where `defer others;` is written among these, if it is."""
    return next((i.span for i in items if isinstance(i, a.PassiveClause) and i.others), None)


def clauses_of(items: Items) -> Iterator[a.Clause]:
    """The clauses among these."""
    for item in items:
        if isinstance(item, a.OnClause | a.PassiveClause):
            yield item
