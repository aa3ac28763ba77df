# SPDX-License-Identifier: Apache-2.0
"""The tree of a machine's states: names, nesting, and in which state each composite starts."""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.resolve.clauses import ClauseResolver
from tina_gen.resolve.events import Verdict
from tina_gen.resolve.naming import PASCAL, Names, check_name
from tina_gen.resolve.scope import Sort, Unit
from tina_gen.source import Span
from tina_gen.syntax import ast as a

DEPTH_MAX = 8  # states around each other
_TAKEN = (Sort.MESSAGE, Sort.ENUM, Sort.PROTOCOL, Sort.ISOLATE, Sort.SUPERVISOR, Sort.SYSTEM)


@dataclass(frozen=True, slots=True)
class Place:
    """One state in the tree. `children` are the states directly inside."""

    index: int
    decl: a.State
    parent: int | None
    depth: int  # 0 at the top of the machine
    children: tuple[int, ...]

    @property
    def name(self) -> str:
        """The state's name."""
        return self.decl.name.text


def places(machine: a.Machine) -> list[Place]:
    """All states of a machine in the order in which they are written, each before those inside."""
    found: list[Place] = []

    def add(items: Sequence[a.StateItem], parent: int | None, depth: int) -> tuple[int, ...]:
        own: list[int] = []
        for item in items:
            if not isinstance(item, a.State):
                continue
            index = len(found)
            own.append(index)
            found.append(Place(index, item, parent, depth, ()))
            found[index] = Place(index, item, parent, depth, add(item.items, index, depth + 1))
        return tuple(own)

    add(machine.items, None, 0)
    return found


class StateTree:
    """Checks the tree of one machine and finds where each composite starts."""

    def __init__(self, verdict: Verdict, unit: Unit, isolate: str, machine: a.Machine) -> None:
        """Prepares; nothing is checked yet."""
        self.verdict = verdict
        self.unit = unit
        self.isolate = isolate
        self.machine = machine
        self.places = places(machine)

    def check(self) -> None:
        """Names, depth, and what a final state holds."""
        names = Names(self.verdict.sink, f"in the machine of `{self.isolate}`")
        for place in self.places:
            state = place.decl
            good = check_name(self.verdict.sink, state.name, "states", PASCAL, global_=True)
            self.verdict.good &= names.add(state.name) and good
            hidden = self.unit.symbols.get(state.name.text)
            if hidden and hidden.sort in _TAKEN:
                note = (Note(f"`{hidden.name}` is declared here", hidden.span),)
                text = f"state `{hidden.name}` has the name of {hidden.sort.value}"
                self.verdict.error("E0110", state.name.span, text, "ambiguous", "rename one", note)
            if place.depth == DEPTH_MAX:
                text = f"state `{place.name}` stands in {DEPTH_MAX} others"
                help = "make two machines of it: one isolate each"
                self.verdict.error("E0362", state.name.span, text, "too deep", help)
            if state.is_final:
                self._check_final(state)
        if not self.places:
            span = self.machine.span
            self.verdict.error("E0308", span, "a machine without states", "empty", "add a state")

    def _check_final(self, state: a.State) -> None:
        for item in state.items:
            if isinstance(item, a.State):
                text = f"final state `{state.name.text}` has states inside"
                help = f"move `{item.name.text}` out, or make the outer one not final"
                self.verdict.error("E0306", item.span, text, "never entered", help)
            else:
                text = f"final state `{state.name.text}` has clauses"
                help = "remove it, or make the state not final"
                self.verdict.error("E0306", item.span, text, "never happens", help)

    def first(self, place: Place | None, clauses: ClauseResolver) -> int | None:
        """Where the machine (None) or a composite starts; None for a leaf and what is broken."""
        items = place.decl.items if place else self.machine.items
        inside = place.children if place else tuple(p.index for p in self.places if not p.depth)
        what = f"composite state `{place.name}`" if place else "the machine"
        span = place.decl.name.span if place else self.machine.span
        found = [item for item in items if isinstance(item, a.Initial)]
        if place and place.decl.is_final:
            return None
        if place and not inside:
            for item in found:
                text = f"state `{place.name}` has no states inside"
                help = "remove `initial`, or put states into it"
                self.verdict.error("E0361", item.span, text, "nothing to start in", help)
            return None
        for second in found[1:]:
            note = (Note("it is written here", found[0].span),)
            text = f"{what} says `initial` twice"
            self.verdict.error("E0308", second.span, text, "second time", "remove one", note)
        if not found:
            if inside:
                text = f"{what} does not say in which state it starts"
                help = f"add `initial {self.places[inside[0]].name};`"
                self.verdict.error("E0308", span, text, "no `initial`", help)
            return None
        following = clauses.target(found[0].state, stay=False)
        index = following.state if following else None
        if index is None or index in inside:
            return index
        self._not_inside(found[0].state, index, what, inside)
        return None

    def _not_inside(self, name: a.Name, index: int, what: str, inside: Sequence[int]) -> None:
        way: int | None = index
        while way is not None and way not in inside:
            way = self.places[way].parent
        help = "name a state directly inside, "
        help += f"such as `{self.places[inside[0] if way is None else way].name}`"
        text = f"`{name.text}` is not directly inside {what}"
        self.verdict.error("E0361", name.span, text, "not one of its states", help)


def once(verdict: Verdict, spans: Sequence[Span], word: str) -> None:
    """Reports a part of a state that is written again."""
    for second in spans[1:]:
        note = (Note("it is written here", spans[0]),)
        text = f"`{word}` is written twice in one state"
        verdict.error("E0311", second, text, "second time", "keep one", note)
