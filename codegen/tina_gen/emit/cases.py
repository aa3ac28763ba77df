# SPDX-License-Identifier: Apache-2.0
"""The cases of dispatch: what each state does with a message, a result, a request to end.

A case either calls a handler or has statements of its own; deferred messages have none, because
the runtime holds them before dispatch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tina_gen.emit.cpp import Scope
from tina_gen.emit.handlers import (
    clause_concept,
    message_type,
    moves,
    state_concept,
    where,
)
from tina_gen.emit.numbering import Numbering, tag
from tina_gen.emit.standard import completion
from tina_gen.model import (
    After,
    Clause,
    CompletionEvent,
    Handle,
    Ignore,
    Isolate,
    MessageEvent,
    State,
    TimerEvent,
    Transit,
)

_IGNORED = "return tina::internal::ignored<Record>();"


@dataclass(frozen=True, slots=True)
class Case:
    """What happens on one label: after `setup`, `handler(arguments)` behind its concept `calls`;
    or, if `calls` is empty, the statements `plain`. `leaf`: the state in which a transition to
    itself stays, because the clause is inherited."""

    label: str
    calls: str
    setup: Sequence[str]
    handler: str
    arguments: Sequence[str]
    plain: Sequence[str]
    leaf: str = ""


def _clause_case(
    isolate: Isolate,
    state: State,
    clause: Clause,
    label: str,
    setup: Sequence[str],
    drop: Sequence[str],
) -> Case:
    """A clause as a case. `setup` makes `message`; `drop` takes a result that nobody wants."""
    match clause.reaction:
        case Handle():
            place = where(isolate, clause)
            argument = "std::move(message)" if moves(clause.event) else "message"
            arguments = [*([_in(place)] if place else []), argument, "context"]
            concept = clause_concept(isolate, clause)
            leaf = _stays_in(state, clause.reaction, clause.inherited)
            return Case(label, concept, setup, clause.event.handler, arguments, [], leaf)
        case Transit() if _stays_in(state, clause.reaction, clause.inherited):
            return Case(label, "", [], "", [], [*drop, _IGNORED])
        case Transit(next=target):
            return Case(label, "", [], "", [], [*drop, _transition(target.name)])
        case _:
            return Case(label, "", [], "", [], [*drop, _IGNORED])


def _stays_in(state: State, reaction: Handle | Transit, inherited: bool) -> str:
    """The active leaf, if an inherited reaction may lead to it; else empty."""
    nexts = reaction.nexts if isinstance(reaction, Handle) else (reaction.next,)
    return state.name if inherited and any(n.state == state.index for n in nexts) else ""


def _in(state: str) -> str:
    return f"tina::In<Base::{state}>{{}}"


def _transition(target: str) -> str:
    return f"return tina::internal::transition_to<Record>(Base::{target}::kIndex);"


def enter_cases(isolate: Isolate, state: State) -> list[Case]:
    """The entry handler, if the state has one."""
    if not state.enter:
        return []
    concept = state_concept(isolate, "on_enter", state)
    return [Case("", concept, [], "on_enter", [_in(state.name), "context"], [])]


def message_cases(scope: Scope, isolate: Isolate, state: State) -> list[Case]:
    """The messages from others, by tag."""
    cases = []
    for clause in state.clauses:
        event = clause.event
        if not isinstance(event, MessageEvent) or event.message.is_system:
            continue
        if isinstance(clause.reaction, Handle | Transit | Ignore):
            type_ = message_type(scope, event)
            setup = [f"const auto& message = tina::internal::message_in<{type_}>(payload);"]
            label = f"{tag(isolate, event.message)}:  // {event.name}"
            cases.append(_clause_case(isolate, state, clause, label, setup, []))
    return cases


def result_cases(scope: Scope, isolate: Isolate, numbers: Numbering, state: State) -> list[Case]:
    """The results of the isolate's own operations, by bit; the state timeouts last: its own and
    those of the states around it, from the outside in."""
    cases = []
    for clause in state.clauses:
        event = clause.event
        if isinstance(event, CompletionEvent):
            label = f"{numbers.bit(event)}:  // {event.name}"
            known = completion(event.io, event.completion)
            take = f"tina::internal::{known.take}(core, record);"
            setup = [f"{'auto' if known.moves else 'const auto'} message = {take}"]
            drop = [take] if known.moves else []
            cases.append(_clause_case(isolate, state, clause, label, setup, drop))
        elif isinstance(event, TimerEvent):
            label = f"{numbers.bit(event)}:  // {event.name}"
            take = "tina::internal::take_fired(core, record);"
            setup = [f"const auto message = {take}"]
            cases.append(_clause_case(isolate, state, clause, label, setup, [take]))
    for around in reversed(list(isolate.around(state))):
        if around.after and not state.is_final:
            cases.append(_after_case(isolate, numbers, state, around, around.after))
    return cases


def _after_case(
    isolate: Isolate, numbers: Numbering, state: State, around: State, after: After
) -> Case:
    """The timeout of `state`, or of a state around it."""
    label = f"{numbers.after_bit + numbers.level(isolate, around)}:  // after"
    label += f" of {around.name}" if around is not state else ""
    leaf = _stays_in(state, after.reaction, around is not state)
    if isinstance(after.reaction, Handle):
        concept = state_concept(isolate, "on_after", around)
        place = [_in(around.name)] if isolate.has_machine else []
        return Case(label, concept, [], "on_after", [*place, "context"], [], leaf)
    plain = _IGNORED if leaf else _transition(after.reaction.next.name)
    return Case(label, "", [], "", [], [plain])


def shutdown_cases(scope: Scope, isolate: Isolate, state: State) -> list[Case]:
    """The request to end, if the state reacts to it."""
    cases = []
    for clause in state.clauses:
        event = clause.event
        if not isinstance(event, MessageEvent) or not event.message.is_system:
            continue
        if isinstance(clause.reaction, Handle | Transit | Ignore):
            setup = [f"const {message_type(scope, event)} message{{}};"]
            cases.append(_clause_case(isolate, state, clause, "", setup, []))
    return cases
