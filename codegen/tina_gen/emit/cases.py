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

ONLY = (0,)  # the labels of a case in a function that has no others

_IGNORED = "return then(tina::internal::ignored());"
_REJECTED = "return then(tina::internal::rejected(core, kType));"


@dataclass(frozen=True, slots=True)
class Case:
    """What one state does on `labels`: after `setup`, `handler(arguments)` behind its concept
    `calls`; or, without `calls`, the statements `plain`. `stays`: a transition to the active leaf
    stays, because the clause is inherited. `answers`: what the handler returns holds an answer."""

    labels: tuple[int, ...]
    calls: str
    setup: tuple[str, ...]
    handler: str
    arguments: tuple[str, ...]
    plain: tuple[str, ...]
    stays: bool = False
    answers: bool = False
    type: str = ""  # of the message, if `setup` names it


def _clause_case(
    isolate: Isolate,
    state: State,
    clause: Clause,
    labels: tuple[int, ...],
    setup: Sequence[str],
    drop: Sequence[str],
) -> Case:
    """A clause as a case. `setup` makes `message`; `drop` takes a result that nobody wants."""
    plain: tuple[str, ...]
    match clause.reaction:
        case Handle(later=later):
            place = where(isolate, clause)
            given = ["std::move(message)" if moves(clause.event) else "message"]
            if later:
                given.append("std::move(token)")
            arguments = (*([_in(place)] if place else []), *given, "context")
            concept = clause_concept(isolate, clause)
            stays = _stays(state, clause.reaction, clause.inherited)
            handler, answer = clause.event.handler, answers(clause)
            return Case(labels, concept, tuple(setup), handler, arguments, (), stays, answer)
        case Reject():
            plain = (_REJECTED,)
        case Transit(next=target) if not _stays(state, clause.reaction, clause.inherited):
            plain = (*drop, _transition(target.name))
        case _:
            plain = (*drop, _IGNORED)
    return Case(labels, "", (), "", (), plain)


def _stays(state: State, reaction: Handle | Transit, inherited: bool) -> bool:
    """Whether an inherited reaction may lead to the active leaf."""
    nexts = reaction.nexts if isinstance(reaction, Handle) else (reaction.next,)
    return inherited and any(n.state == state.index for n in nexts)


def _in(state: str) -> str:
    return f"tina::In<base::{state}>{{}}"


def _transition(target: str) -> str:
    return f"return then(tina::internal::transition_to(base::{target}::kIndex));"


def enter_cases(isolate: Isolate, state: State) -> list[Case]:
    """The entry handler, if the state has one."""
    if not state.enter:
        return []
    concept = state_concept(isolate, "on_enter", state)
    return [Case(ONLY, concept, (), "on_enter", (_in(state.name), "context"), ())]


def message_cases(scope: Scope, isolate: Isolate, state: State) -> list[Case]:
    """The messages from others, by tag."""
    cases = []
    for clause in state.clauses:
        event = clause.event
        if not isinstance(event, MessageEvent) or event.message.is_system:
            continue
        if not isinstance(clause.reaction, Defer):
            setup = _request_setup(scope, clause, event)
            labels = (tag(isolate, event.message),)
            case = _clause_case(isolate, state, clause, labels, setup, [])
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
        labels, type_ = numbers.bits(event), ""
        setup, drop = [], []
        if isinstance(event, CompletionEvent):
            known = completion(event.io, event.completion)
            take = f"tina::internal::{known.take}(core, record);"
            setup = [f"{'auto' if known.moves else 'const auto'} message = {take}"]
            drop = [take] if known.moves else []
        elif isinstance(event, TimerEvent):
            drop = ["tina::internal::take_fired(core, record);"]
            setup = [f"const auto message = {drop[0]}"]
        elif isinstance(event, CallEndEvent):
            type_ = scope.message(event.call)
            take = f"tina::internal::take_{event.end.value}<{type_}>(core, record);"
            setup = [f"const auto message = {take}"]
        elif isinstance(event, YieldedEvent):
            setup = [f"const {message_type(scope, event)} message{{}};"]
        if labels:
            case = _clause_case(isolate, state, clause, labels, setup, drop)
            cases.append(replace(case, type=type_))
    for around in reversed(list(isolate.around(state))):
        if around.after and not state.is_final:
            cases.append(_after_case(isolate, numbers, state, around, around.after))
    return cases


def _after_case(
    isolate: Isolate, numbers: Numbering, state: State, around: State, after: After
) -> Case:
    """The timeout of `state`, or of a state around it."""
    labels = (numbers.after_bit + numbers.level(isolate, around),)
    stays = _stays(state, after.reaction, around is not state)
    if isinstance(after.reaction, Handle):
        concept = state_concept(isolate, "on_after", around)
        place = [_in(around.name)] if isolate.has_machine else []
        return Case(labels, concept, (), "on_after", (*place, "context"), (), stays)
    plain = _IGNORED if stays else _transition(after.reaction.next.name)
    return Case(labels, "", (), "", (), (plain,))


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
        setup = f"const {_system(scope, qualified)} message = core.{place};"
        cases += _system_cases(isolate, state, qualified, setup, (kind,))
    return cases


_NEWS_PLACES = ("shard_restarted", "shard_quarantined")


def _system(scope: Scope, qualified: str) -> str:
    package, _, name = qualified.rpartition(".")
    return scope.name(package, name)


def _system_cases(
    isolate: Isolate, state: State, qualified: str, setup: str, labels: tuple[int, ...] = ONLY
) -> list[Case]:
    cases = []
    for clause in state.clauses:
        event = clause.event
        if not isinstance(event, MessageEvent) or event.message.qualified != qualified:
            continue
        if isinstance(clause.reaction, Handle | Transit | Ignore):
            cases.append(_clause_case(isolate, state, clause, labels, [setup], []))
    return cases
