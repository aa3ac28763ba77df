# SPDX-License-Identifier: Apache-2.0
"""Clauses and machines: what every state does with every event, inherited clauses included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tina_gen.diagnostics import Note
from tina_gen.model import (
    After,
    Clause,
    CompletionEvent,
    Defer,
    Event,
    Handle,
    Ignore,
    Message,
    MessageEvent,
    Next,
    Reaction,
    State,
    TimerEvent,
    Transit,
)
from tina_gen.names import handler, suggestion
from tina_gen.resolve.isolates import Outline
from tina_gen.resolve.naming import PASCAL, Names, check_name
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax.tokens import Dimension

SHUTDOWN = "tina.sys.Shutdown"
AFTER_MAX_NS = 365 * 24 * 3_600_000_000_000
_STATE_SORTS = (Sort.MESSAGE, Sort.ENUM, Sort.ISOLATE, Sort.SUPERVISOR, Sort.SYSTEM)


@dataclass(frozen=True, slots=True)
class Behavior:
    """The resolved clauses of an isolate."""

    events: tuple[Event, ...]
    states: tuple[State, ...]
    initial: int


@dataclass(frozen=True, slots=True)
class _Written:
    """One event of one clause, before inheritance."""

    event: Event
    reaction: Reaction
    span: Span


class MachineResolver:
    """Resolves the clauses of one isolate. Broken parts are reported once and set `good` False."""

    def __init__(self, values: Values, messages: dict[Symbol, Message], outline: Outline) -> None:
        """Prepares; `messages` holds the intact messages of all files."""
        self.values = values
        self.sink = values.sink
        self.messages = messages
        self.outline = outline
        self.unit = outline.symbol.unit
        self.good = True
        self.events: dict[str, Event] = {}
        self.states: list[a.State] = []
        if outline.machine:
            self.states = [i for i in outline.machine.items if isinstance(i, a.State)]

    def behavior(self, received: list[Message]) -> Behavior | None:
        """All states with their clauses; `received` are the messages that others send here."""
        outside = list(_clauses(self.outline.decl.items))
        machine = self.outline.machine
        if machine is None:
            own = self._written(outside, in_machine=False)
            state = self._implicit(own)
            states, initial = [state], 0
        else:
            for item in outside:
                note = (Note("the machine starts here", machine.span),)
                text = "this clause stands outside the machine"
                help = "move it into `machine { … }`, where all states inherit it"
                self._error("E0315", item.span, text, "outside", help, note)
            self._check_states(machine)
            initial = self._initial(machine)
            top = self._written(list(_clauses(machine.items)), in_machine=True)
            states = [self._state(i, s, top) for i, s in enumerate(self.states)]
        for message in received:
            self._sent_event(message)
        states = [self._defer_others(state) for state in states]
        return Behavior(tuple(self.events.values()), tuple(states), initial) if self.good else None

    def _defer_others(self, state: State) -> State:
        """A state with `defer others`, its own or inherited, spelled out for what is left."""
        machine = self.outline.machine
        outside = _others(self.outline.decl.items)
        top = _others(machine.items) if machine else None
        own = _others(self.states[state.index].items) if machine else None
        span = own or top or outside
        if span is None or state.is_final:
            return state
        where = state.name if own and machine else None
        added = [
            Clause(event, Defer(), where, own is None, span)
            for event in self.events.values()
            if isinstance(event, MessageEvent) and state.clause(event) is None
        ]
        clauses = sorted([*state.clauses, *added], key=lambda clause: clause.event.index)
        return replace(state, clauses=tuple(clauses))

    def _error(
        self,
        code: str,
        span: Span,
        message: str,
        label: str = "",
        help: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        self.good = False
        self.sink.error(code, span, message, label, help, notes)

    # ------------------------------------------------------------ states

    def _implicit(self, own: dict[int, _Written]) -> State:
        clauses = tuple(
            Clause(w.event, w.reaction, None, False, w.span) for _, w in sorted(own.items())
        )
        decl = self.outline.decl
        return State(0, "", False, None, None, clauses, "", decl.name.span)

    def _check_states(self, machine: a.Machine) -> None:
        names = Names(self.sink, f"in the machine of `{self.outline.symbol.name}`")
        for state in self.states:
            good = check_name(self.sink, state.name, "states", PASCAL, global_=True)
            self.good &= names.add(state.name) and good
            hidden = self.unit.symbols.get(state.name.text)
            if hidden and hidden.sort in _STATE_SORTS:
                note = (Note(f"`{hidden.name}` is declared here", hidden.span),)
                text = f"state `{hidden.name}` has the name of {hidden.sort.value}"
                self._error("E0110", state.name.span, text, "ambiguous", "rename one", note)
        if not self.states:
            self._error("E0308", machine.span, "a machine without states", "empty", "add a state")

    def _initial(self, machine: a.Machine) -> int:
        found = [item for item in machine.items if isinstance(item, a.Initial)]
        for second in found[1:]:
            note = (Note("it is written here", found[0].span),)
            text = "the machine says `initial` twice"
            self._error("E0308", second.span, text, "second time", "remove one", note)
        if not found:
            if self.states:
                text = "the machine does not say in which state it starts"
                help = f"add `initial {self.states[0].name.text};`"
                self._error("E0308", machine.span, text, "no `initial`", help)
            return 0
        state = self._target(found[0].state, stay=False)
        return state.state if state and state.state is not None else 0

    def _state(self, index: int, state: a.State, top: dict[int, _Written]) -> State:
        name = state.name.text
        if state.is_final:
            for item in state.items:
                help = "remove it, or make the state not final"
                text = f"final state `{name}` has clauses"
                self._error("E0306", item.span, text, "never happens", help)
            return State(index, name, True, None, None, (), state.doc, state.name.span)
        own = self._written(list(_clauses(state.items)), in_machine=True)
        clauses = []
        for number in sorted({*own, *top}):
            w = own.get(number) or top[number]
            inherited = number not in own
            where = None if inherited else name
            clauses.append(Clause(w.event, w.reaction, where, inherited, w.span))
        enters = [i for i in state.items if isinstance(i, a.Enter)]
        afters = [i for i in state.items if isinstance(i, a.After)]
        self._at_most_one([e.span for e in enters], "enter")
        self._at_most_one([x.span for x in afters], "after")
        return State(
            index,
            name,
            False,
            enters[0].span if enters else None,
            self._after(afters[0]) if afters else None,
            tuple(clauses),
            state.doc,
            state.name.span,
        )

    def _at_most_one(self, spans: list[Span], word: str) -> None:
        for second in spans[1:]:
            note = (Note("it is written here", spans[0]),)
            text = f"`{word}` is written twice in one state"
            self._error("E0311", second, text, "second time", "keep one", note)

    def _after(self, item: a.After) -> After | None:
        duration = self.values.whole(
            item.duration,
            self.unit,
            "the time of `after`",
            (1, AFTER_MAX_NS),
            "E0202",
            Dimension.DURATION,
        )
        reaction = self._reaction(item.immediate, item.targets, in_machine=True)
        if duration is None or not isinstance(reaction, Handle | Transit):
            self.good = False
            return None
        return After(duration, reaction, item.span)

    # ------------------------------------------------------------ clauses

    def _written(self, clauses: list[a.Clause], in_machine: bool) -> dict[int, _Written]:
        found: dict[int, _Written] = {}
        for clause in clauses:
            reaction = self._clause_reaction(clause, in_machine)
            for name in clause.events:
                event = self._event(name)
                if event is None or reaction is None:
                    self.good = False
                    continue
                if isinstance(reaction, Defer):
                    self._check_defer(event, name.span)
                written = _Written(event, reaction, name.span)
                first = found.setdefault(event.index, written)
                if first is not written:
                    note = (Note("the first one is here", first.span),)
                    text = f"`{event.name}` has two clauses in one state"
                    self._error("E0305", name.span, text, "second clause", "keep one", note)
        return found

    def _clause_reaction(self, clause: a.Clause, in_machine: bool) -> Reaction | None:
        match clause:
            case a.OnClause():
                return self._reaction(clause.immediate, clause.targets, in_machine)
            case a.PassiveClause(word="ignore"):
                return Ignore()
            case a.PassiveClause(word="defer"):
                return Defer()
            case _:
                return None

    def _check_defer(self, event: Event, span: Span) -> None:
        if not isinstance(event, MessageEvent):
            text = f"`{event.name}` is the result of the isolate's own action and is not deferred"
            help = "leave it out: a result that a state does not list is held for one that does"
            self._error("E0310", span, text, "not a message from others", help)

    def _reaction(
        self, immediate: bool, targets: tuple[a.Name, ...], in_machine: bool
    ) -> Handle | Transit | None:
        if not in_machine:
            for name in targets:
                if immediate or name.text != "stay":
                    text = f"`{name.text}` is no state: the isolate has no machine"
                    help = "remove the target, or write `machine { … }` with states"
                    self._error("E0313", name.span, text, "no machine", help)
                    return None
            return Handle((Next("stay", None),))
        if not targets:
            return Handle((Next("stay", None),))
        found: list[Next] = []
        for name in targets:
            following = self._target(name, stay=not immediate)
            if following is None:
                return None
            if following in found:
                text = f"`{name.text}` is named twice"
                self._error("E0316", name.span, text, "second time", "name it once")
            found.append(following)
        return Transit(found[0]) if immediate else Handle(tuple(found))

    def _target(self, name: a.Name, stay: bool) -> Next | None:
        if stay and name.text == "stay":
            return Next("stay", None)
        for index, state in enumerate(self.states):
            if state.name.text == name.text:
                return Next(name.text, index)
        known = [state.name.text for state in self.states]
        close = suggestion(name.text, known)
        help = f"its states are {', '.join(f'`{n}`' for n in known[:8])}"
        if close:
            help = f"did you mean `{close}`?"
        elif name.text == "stay":
            help = "write `ignore` for a message that changes nothing"
        text = f"`{name.text}` is not a state of this machine"
        self._error("E0304", name.span, text, "unknown state", help)
        return None

    # ------------------------------------------------------------ events

    def _event(self, name: a.QName) -> Event | None:
        if name.text in self.events:
            return self.events[name.text]
        words = [part.text for part in name.parts]
        for io in self.outline.io:
            if words[0] != io.name:
                continue
            if len(words) == 2 and words[1] in io.kind.completions:
                event = CompletionEvent(
                    len(self.events), name.text, handler(name.text), io, words[1]
                )
                self.events[name.text] = event
                return event
            known = ", ".join(f"`{io.name}.{c}`" for c in io.kind.completions)
            text = f"`{name.text}` is no completion of `{io.kind.name}`"
            self._error("E0309", name.span, text, "unknown", f"its completions are {known}")
            return None
        for timer in self.outline.timers:
            if words == [timer.name]:
                fired = TimerEvent(len(self.events), name.text, handler(name.text), timer)
                self.events[name.text] = fired
                return fired
        return self._message_event(name)

    def _message_event(self, name: a.QName) -> Event | None:
        symbol = Lookup(self.unit, self.sink).quiet(name)[0]
        if symbol is None and len(name.parts) == 1:
            known = [s.name for s in self.unit.symbols.values() if s.sort is Sort.MESSAGE]
            known += [f"{io.name}.{c}" for io in self.outline.io for c in io.kind.completions]
            known += [timer.name for timer in self.outline.timers]
            close = suggestion(name.text, known)
            help = f"did you mean `{close}`?" if close else "declare a `message` with this name"
            text = f"`{name.text}` is neither a message nor a result of this isolate's own actions"
            self._error("E0309", name.span, text, "unknown", help)
            return None
        found = Lookup(self.unit, self.sink).find(name, (Sort.MESSAGE,))
        message = self.messages.get(found) if found else None
        if message is None:
            self.good = False
            return None
        if message.is_system and message.qualified != SHUTDOWN:
            self.good = False
            self.sink.unsupported(name.span, f"`{name.text}`")
            return None
        event = MessageEvent(len(self.events), name.text, handler(name.text), message)
        self.events[name.text] = event
        return event

    def _sent_event(self, message: Message) -> None:
        """Adds an event for a message that others send and no clause mentions."""
        for event in self.events.values():
            if isinstance(event, MessageEvent) and event.message is message:
                return
        name = message.name
        for alias, unit in self.unit.imports.items():
            if unit.package == message.package:
                name = f"{alias}.{message.name}"
        self.events[name] = MessageEvent(len(self.events), name, handler(name), message)


def _others(items: tuple[a.IsolateItem, ...] | tuple[a.StateItem, ...]) -> Span | None:
    """Where `defer others;` is written among these, if it is."""
    return next((i.span for i in items if isinstance(i, a.PassiveClause) and i.others), None)


def _clauses(items: tuple[a.IsolateItem, ...] | tuple[a.StateItem, ...]) -> Iterator[a.Clause]:
    for item in items:
        if isinstance(item, a.OnClause | a.PassiveClause):
            yield item
