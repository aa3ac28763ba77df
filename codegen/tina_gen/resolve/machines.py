# SPDX-License-Identifier: Apache-2.0
"""Machines: what every state does with every event, inherited clauses included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.model import Clause, Defer, Event, Message, MessageEvent, State
from tina_gen.resolve.clauses import ClauseResolver, Items, Written, clauses_of, others_of
from tina_gen.resolve.events import Events, Verdict
from tina_gen.resolve.isolates import Outline
from tina_gen.resolve.protocols import Protocols
from tina_gen.resolve.scope import Symbol
from tina_gen.resolve.states import Place, StateTree, once
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a


@dataclass(frozen=True, slots=True)
class Behavior:
    """The resolved clauses of an isolate."""

    events: tuple[Event, ...]
    states: tuple[State, ...]
    initial: int


class MachineResolver:
    """Resolves the clauses of one isolate. Broken parts are reported once."""

    def __init__(
        self,
        values: Values,
        messages: dict[Symbol, Message],
        protocols: Protocols,
        outline: Outline,
    ) -> None:
        """Prepares; `messages` holds the intact messages of all files."""
        self.outline = outline
        self.verdict = Verdict(values.sink)
        self.events = Events(self.verdict, messages, protocols, outline)
        machine, symbol = outline.machine, outline.symbol
        self.tree: StateTree | None = None
        self.places: Sequence[Place] = ()
        if machine is not None:
            self.tree = StateTree(self.verdict, symbol.unit, symbol.name, machine)
            self.places = self.tree.places
        names = tuple(place.name for place in self.places)
        self.clauses = ClauseResolver(values, self.verdict, self.events, machine is not None, names)

    def behavior(self, received: list[Message]) -> Behavior | None:
        """All states with their clauses; `received` are the messages that can arrive."""
        initial = 0
        if self.tree is None:
            states = [self._implicit()]
        else:
            self._check_outside(self.tree.machine)
            self.tree.check()
            initial = self.tree.first(None, self.clauses) or 0
            states = self._states(self.tree)
        for message in received:
            self.events.sent(message)
        states = [self._defer_others(state) for state in states]
        found = self.events.all
        return Behavior(found, tuple(states), initial) if self.verdict.good else None

    def _check_outside(self, machine: a.Machine) -> None:
        for item in clauses_of(self.outline.decl.items):
            note = (Note("the machine starts here", machine.span),)
            text = "this clause stands outside the machine"
            help = "move it into `machine { … }`, where all states inherit it"
            self.verdict.error("E0315", item.span, text, "outside", help, note)

    def _implicit(self) -> State:
        decl = self.outline.decl
        own = self.clauses.written(decl.items, None)
        return State(0, "", None, None, False, None, None, _clauses(own, None), "", decl.name.span)

    # ------------------------------------------------------------ states

    def _states(self, tree: StateTree) -> list[State]:
        """Every state with its own clauses and those of the states around it that it does not
        write itself: a clause is overridden whole."""
        top = self.clauses.written(tree.machine.items, None)
        effective: list[dict[int, Written]] = []
        states: list[State] = []
        for place in tree.places:
            around = top if place.parent is None else effective[place.parent]
            own = {}
            if not place.decl.is_final:
                own = self.clauses.written(place.decl.items, place.name)
            effective.append({**around, **own})
            states.append(self._state(tree, place, effective[-1]))
        self._check_applied(tree, list(top.values()), effective)
        return states

    def _check_applied(
        self, tree: StateTree, top: list[Written], effective: list[dict[int, Written]]
    ) -> None:
        """A clause that states inherit applies in one of them."""
        leaves = [p for p in tree.places if not p.children and not p.decl.is_final]
        applied = {id(w) for leaf in leaves for w in effective[leaf.index].values()}
        inherited = list(top)
        for place in tree.places:
            if place.children:
                own = effective[place.index].values()
                inherited += [w for w in own if w.where == place.name]
        for written in inherited if self.verdict.good else []:
            if id(written) not in applied:
                text = f"no state takes this clause for `{written.event.name}`"
                help = "remove it, or the clauses that override it"
                self.verdict.sink.error("W0363", written.span, text, "overridden everywhere", help)

    def _state(self, tree: StateTree, place: Place, clauses: dict[int, Written]) -> State:
        state = place.decl
        first = tree.first(place, self.clauses)
        if state.is_final:
            enter, after, clauses = None, None, {}
        else:
            enters = [i for i in state.items if isinstance(i, a.Enter)]
            afters = [i for i in state.items if isinstance(i, a.After)]
            once(self.verdict, [e.span for e in enters], "enter")
            once(self.verdict, [x.span for x in afters], "after")
            enter = enters[0].span if enters else None
            after = self.clauses.after(afters[0]) if afters else None
        return State(
            place.index,
            place.name,
            place.parent,
            first,
            state.is_final,
            enter,
            after,
            _clauses(clauses, place.name),
            state.doc,
            state.name.span,
        )

    def _defer_others(self, state: State) -> State:
        """A state with `defer others`, its own or inherited, spelled out for what is left."""
        if state.is_final:
            return state
        found = self._others(state)
        if found is None:
            return state
        where, span = found
        added = [
            Clause(event, Defer(), where, where != (state.name or None), span)
            for event in self.events.all
            if isinstance(event, MessageEvent) and state.clause(event) is None
        ]
        clauses = sorted([*state.clauses, *added], key=lambda clause: clause.event.index)
        return replace(state, clauses=tuple(clauses))

    def _others(self, state: State) -> tuple[str | None, Span] | None:
        """The innermost `defer others` that a state has: in which state it stands, and where."""
        if self.tree is not None:
            at: int | None = state.index
            while at is not None:
                place = self.places[at]
                if span := others_of(place.decl.items):
                    return place.name, span
                at = place.parent
        top: Items = self.tree.machine.items if self.tree else self.outline.decl.items
        span = others_of(top)
        return (None, span) if span else None


def _clauses(found: dict[int, Written], state: str | None) -> tuple[Clause, ...]:
    return tuple(
        Clause(w.event, w.reaction, w.where, w.where != state, w.span)
        for _, w in sorted(found.items())
    )
