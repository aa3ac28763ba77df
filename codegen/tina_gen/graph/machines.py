# SPDX-License-Identifier: Apache-2.0
"""Draws each isolate: its states, transitions and timeouts, its budget in the title.

A composite state is a frame around its states with a node for itself: arrows to and from the
composite begin and end there, and one leads on to where it starts. What a composite says is drawn
at that node, once; what the machine's top says is drawn at each leaf.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen import names
from tina_gen.emit.cpp import duration_words, size_words
from tina_gen.graph.drawing import Arrow, Group, Node, Shape
from tina_gen.model import Clause, Handle, Isolate, Model, State, Transit

Way = tuple[int, bool]  # the target's index, and whether the code makes the transition by itself


def machines(model: Model) -> list[Group]:
    """One group per isolate of the program, in order of declaration."""
    return [_group(isolate) for isolate in model.isolates]


def _group(isolate: Isolate) -> Group:
    id_ = f"machine{isolate.index}"
    nodes: list[Node] = []
    arrows: list[Arrow] = []
    if isolate.has_machine:
        nodes.append(Node(f"{id_}_start", Shape.START))
        arrows.append(Arrow(f"{id_}_start", _state_id(isolate, isolate.initial)))
    arrows += [arrow for state in isolate.states for arrow in _arrows(isolate, state)]
    inner, groups = _level(isolate, None)
    return Group(id_, _title(isolate), (*nodes, *inner), tuple(arrows), groups)


def _level(isolate: Isolate, parent: State | None) -> tuple[tuple[Node, ...], tuple[Group, ...]]:
    """The states directly inside one: leaves as nodes, composites as frames."""
    nodes: list[Node] = []
    groups: list[Group] = []
    for state in isolate.states:
        if state.parent != (parent.index if parent else None):
            continue
        if not state.is_composite:
            nodes.append(_node(isolate, state))
            continue
        inner, frames = _level(isolate, state)
        own = (_node(isolate, state), *inner)
        groups.append(
            Group(f"{_state_id(isolate, state.index)}_in", (state.name,), own, (), frames)
        )
    return tuple(nodes), tuple(groups)


def _own(state: State) -> list[Clause]:
    """The clauses that are drawn at a state: its own, and the top's at each leaf."""
    places = (state.name,) if state.is_composite else (state.name, None)
    return [clause for clause in state.clauses if clause.written_in in places]


def _title(isolate: Isolate) -> tuple[str, ...]:
    budget = isolate.budget
    sizes = f"slots {budget.slots}, mailbox {budget.mailbox}, state <= {size_words(budget.state)}"
    timers = [
        f"timer {t.name}" + (f" every {duration_words(t.every_ns)}" if t.every_ns else "")
        for t in isolate.timers
    ]
    return (isolate.name, *_relations(isolate), sizes, *timers)


def _relations(isolate: Isolate) -> list[str]:
    def short(names: Sequence[str]) -> str:
        return ", ".join(name.rpartition(".")[2] for name in names)

    lines = [f"implements {short(isolate.implements)}"] if isolate.implements else []
    lines += [f"subscribes {short(isolate.subscribes)}"] if isolate.subscribes else []
    lines += [f"calls {u.call.local_name} to {u.target.span.text}" for u in isolate.calls]
    lines += [f"monitors {short(isolate.monitors)}"] if isolate.monitors else []
    return lines


def _state_id(isolate: Isolate, index: int) -> str:
    return f"machine{isolate.index}_{index}"


def _node(isolate: Isolate, state: State) -> Node:
    lines = [state.name] if isolate.has_machine else []
    if state.enter:
        lines.append("enter")
    kept: dict[str, list[str]] = {}
    for clause in _own(state):
        word = _stays(clause.reaction, isolate.has_machine)
        if word:
            kept.setdefault(word, []).append(_event(clause))
    lines += [f"{word} {', '.join(events)}" for word, events in kept.items()]
    if state.after and _stays(state.after.reaction, True):
        lines.append(f"stay after {duration_words(state.after.duration_ns)}")
    shape = Shape.FINAL if state.is_final else Shape.STATE
    return Node(_state_id(isolate, state.index), shape, tuple(lines) or ("no clauses",))


def _event(clause: Clause) -> str:
    later = isinstance(clause.reaction, Handle) and clause.reaction.later
    return f"{clause.event.name} later" if later else clause.event.name


def _stays(reaction: object, has_machine: bool) -> str:
    """How a clause that leads nowhere is spoken of; empty for one that only leads elsewhere."""
    match reaction:
        case Handle(nexts=nexts):
            if any(n.state is None for n in nexts):
                return "stay on" if has_machine else "on"
            return ""
        case Transit():
            return ""
        case _:
            return names.snake(type(reaction).__name__).replace("_", " ")


def _ways(reaction: object) -> list[Way]:
    match reaction:
        case Handle(nexts=nexts):
            return [(n.state, False) for n in nexts if n.state is not None]
        case Transit(next=to) if to.state is not None:
            return [(to.state, True)]
        case _:
            return []


def _arrows(isolate: Isolate, state: State) -> Sequence[Arrow]:
    """The transitions out of a state, those to one target drawn as one arrow."""
    labels: dict[Way, list[str]] = {}
    for clause in _own(state):
        for way in _ways(clause.reaction):
            if way[0] != state.index or not clause.inherited:  # else it stays
                labels.setdefault(way, []).append(_event(clause))
    if state.after:
        for way in _ways(state.after.reaction):
            labels.setdefault(way, []).append(f"after {duration_words(state.after.duration_ns)}")
    source = _state_id(isolate, state.index)
    first = [] if state.initial is None else [Arrow(source, _state_id(isolate, state.initial))]
    return first + [
        Arrow(source, _state_id(isolate, target), tuple(words), bold)
        for (target, bold), words in labels.items()
    ]
