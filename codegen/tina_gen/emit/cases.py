# SPDX-License-Identifier: Apache-2.0
"""The cases of dispatch: what each state does with a message, a result, a request to end.

A case either calls a handler or has statements of its own; deferred messages have none, because
the runtime holds them before dispatch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tina_gen.emit.cpp import Scope
from tina_gen.emit.handlers import (
    answers,
    clause_concept,
    message_type,
    moves,
    state_concept,
    where,
)
from tina_gen.emit.numbering import DOWN, NEWS, SHUTDOWN, Numbering, tag
from tina_gen.emit.standard import completion
from tina_gen.frozen import dataclass
from tina_gen.model import (
    After,
    CallEndEvent,
    Clause,
    CompletionEvent,
    Defer,
    Event,
    Handle,
    Ignore,
    Isolate,
    MessageEvent,
    Reject,
    State,
    TimerEvent,
    Transit,
    YieldedEvent,
)
from tina_gen.owned import is_moved

_IGNORED = "return then(tina::internal::ignored<Effect>());"
_REJECTED = "return then(tina::internal::rejected<Effect>(core, kType));"


@dataclass(frozen=True, slots=True)
class Case:
    """What happens on one label: after `setup`, `handler(arguments)` behind its concept `calls`,
    as an argument of `around` unless that is empty; or, without `calls`, the statements `plain`.
    `leaf`: the state in which a transition to itself stays, because the clause is inherited."""

    label: str
    calls: str
    setup: Sequence[str]
    handler: str
    arguments: Sequence[str]
    plain: Sequence[str]
    leaf: str = ""
    around: str = ""
    type: str = ""  # of the message, if `setup` names it


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
        case Handle(later=later):
            place = where(isolate, clause)
            given = ["std::move(message)" if moves(clause.event) else "message"]
            if later:
                given.append("std::move(token)")
            arguments = [*([_in(place)] if place else []), *given, "context"]
            concept = clause_concept(isolate, clause)
            leaf = _stays_in(state, clause.reaction, clause.inherited)
            around = "tina::internal::answered(core, " if answers(clause) else ""
            return Case(label, concept, setup, clause.event.handler, arguments, [], leaf, around)
        case Transit() if _stays_in(state, clause.reaction, clause.inherited):
            return Case(label, "", [], "", [], [*drop, _IGNORED])
        case Reject():
            return Case(label, "", [], "", [], [_REJECTED])
        case Transit(next=target):
            return Case(label, "", [], "", [], [*drop, _transition(target.name)])
        case _:
            return Case(label, "", [], "", [], [*drop, _IGNORED])


def _stays_in(state: State, reaction: Handle | Transit, inherited: bool) -> str:
    """The active leaf, if an inherited reaction may lead to it; else empty."""
    nexts = reaction.nexts if isinstance(reaction, Handle) else (reaction.next,)
    return state.name if inherited and any(n.state == state.index for n in nexts) else ""


def _in(state: str) -> str:
    return f"tina::In<base::{state}>{{}}"


def _transition(target: str) -> str:
    return f"return then(tina::internal::transition_to<Effect>(base::{target}::kIndex));"


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
        if not isinstance(clause.reaction, Defer):
            label = f"{tag(isolate, event.message)}:  // {event.name}"
            setup = _request_setup(scope, clause, event)
            case = _clause_case(isolate, state, clause, label, setup, [])
            cases.append(replace(case, type=message_type(scope, event)))
    return cases


def _request_setup(scope: Scope, clause: Clause, event: MessageEvent) -> list[str]:
    """Makes `message`, and `token` for a call that is answered later."""
    type_ = message_type(scope, event)
    if is_moved(event.message):
        return [f"auto& message = tina::internal::owned_in<{type_}>(payload);"]
    if not event.message.is_call:
        return [f"const auto& message = tina::internal::message_in<{type_}>(payload);"]
    setup = [f"const auto& message = tina::internal::request_in<{type_}>(payload);"]
    if isinstance(clause.reaction, Handle) and clause.reaction.later:
        setup += [
            f"auto token = tina::internal::take_token<{type_}>(core, kType, slot);",
            f"if (!token) {_IGNORED}",
        ]
    return setup


def result_cases(scope: Scope, isolate: Isolate, numbers: Numbering, state: State) -> list[Case]:
    """The results of the isolate's own operations, by bit; the state timeouts last: its own and
    those of the states around it, from the outside in."""
    cases = []
    for clause in state.clauses:
        event = clause.event
        if isinstance(event, CompletionEvent):
            label = _label(numbers, event)
            known = completion(event.io, event.completion)
            take = f"tina::internal::{known.take}(core, record);"
            setup = [f"{'auto' if known.moves else 'const auto'} message = {take}"]
            drop = [take] if known.moves else []
            cases.append(_clause_case(isolate, state, clause, label, setup, drop))
        elif isinstance(event, TimerEvent):
            take = "tina::internal::take_fired(core, record);"
            setup = [f"const auto message = {take}"]
            label = _label(numbers, event)
            cases.append(_clause_case(isolate, state, clause, label, setup, [take]))
        elif isinstance(event, CallEndEvent):
            take = f"take_{event.end.value}<{scope.message(event.call)}>(core, record);"
            setup = [f"const auto message = tina::internal::{take}"]
            label = _label(numbers, event)
            case = _clause_case(isolate, state, clause, label, setup, [])
            cases.append(replace(case, type=scope.message(event.call)))
        elif isinstance(event, YieldedEvent):
            setup = [f"const {message_type(scope, event)} message{{}};"]
            label = _label(numbers, event)
            cases.append(_clause_case(isolate, state, clause, label, setup, []))
    for around in reversed(list(isolate.around(state))):
        if around.after and not state.is_final:
            cases.append(_after_case(isolate, numbers, state, around, around.after))
    return cases


def _label(numbers: Numbering, event: Event) -> str:
    """The label of a result: its bits, then its name."""
    return ": case ".join(map(str, numbers.bits(event))) + f":  // {event.name}"


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
    return _system_cases(isolate, state, SHUTDOWN, f"const {_system(scope, SHUTDOWN)} message{{}};")


def down_cases(scope: Scope, isolate: Isolate, state: State) -> list[Case]:
    """News of a monitored isolate, if the state reacts to it."""
    return _system_cases(isolate, state, DOWN, f"const {_system(scope, DOWN)} message = core.down;")


def news_cases(scope: Scope, isolate: Isolate, state: State) -> list[Case]:
    """News of other shards, by kind, as far as the state reacts to it."""
    cases = []
    for kind, (qualified, place) in enumerate(zip(NEWS, _NEWS_PLACES, strict=True)):
        label = f"{kind}:  // sys.{qualified.rpartition('.')[2]}"
        setup = f"const {_system(scope, qualified)} message = core.{place};"
        cases += _system_cases(isolate, state, qualified, setup, label)
    return cases


_NEWS_PLACES = ("shard_restarted", "shard_quarantined")


def _system(scope: Scope, qualified: str) -> str:
    package, _, name = qualified.rpartition(".")
    return scope.name(package, name)


def _system_cases(
    isolate: Isolate, state: State, qualified: str, setup: str, label: str = ""
) -> list[Case]:
    cases = []
    for clause in state.clauses:
        event = clause.event
        if not isinstance(event, MessageEvent) or event.message.qualified != qualified:
            continue
        if isinstance(clause.reaction, Handle | Transit | Ignore):
            cases.append(_clause_case(isolate, state, clause, label, [setup], []))
    return cases
