# SPDX-License-Identifier: Apache-2.0
"""The handlers that a spec asks of an isolate: their names, exact types and places in the spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tina_gen.emit.cpp import Scope
from tina_gen.emit.standard import completion
from tina_gen.frozen import dataclass
from tina_gen.model import (
    CallEnd,
    CallEndEvent,
    Clause,
    CompletionEvent,
    Event,
    Handle,
    Isolate,
    MessageEvent,
    State,
    TimerEvent,
    Transit,
    YieldedEvent,
)
from tina_gen.names import snake
from tina_gen.owned import is_moved
from tina_gen.source import Span


@dataclass(frozen=True, slots=True)
class Handler:
    """One handler, spelled as in the user's struct. `state` is the tag in `in<…>`, None without a
    machine; `signature` names it where overloads would clash."""

    name: str
    state: str | None
    signature: str
    concept: str
    result: str
    parameters: Sequence[str]
    span: Span

    @property
    def declaration(self) -> str:
        """What the user has to write."""
        return f"{self.result} {self.name}({', '.join(self.parameters)});"


def handlers(scope: Scope, isolate: Isolate) -> list[Handler]:
    """All handlers of an isolate: `on_init`, the machine's top, then state by state."""
    span = isolate.init[0].span if isolate.init else isolate.span
    found = {"": _handler(isolate, "on_init", None, "InitResult", [f"{isolate.name}Init&&"], span)}
    for state in isolate.states:
        for handler in _of_state(scope, isolate, state):
            found.setdefault(handler.concept, handler)
    order = {state.name: state.index for state in isolate.states}
    return sorted(found.values(), key=lambda handler: order.get(handler.state or "", -1))


def clause_concept(isolate: Isolate, clause: Clause) -> str:
    """The concept that says whether a clause's handler is there."""
    return _concept(isolate, clause.event.handler, where(isolate, clause))


def state_concept(isolate: Isolate, name: str, state: State) -> str:
    """The same for `on_enter` and `on_after`."""
    return _concept(isolate, name, state.name if isolate.has_machine else None)


def where(isolate: Isolate, clause: Clause) -> str | None:
    """The tag of the state in which a clause is written, None without a machine."""
    return (clause.written_in or "Machine") if isolate.has_machine else None


def message_type(scope: Scope, event: Event) -> str:
    """The type of the message that an event hands over."""
    match event:
        case CompletionEvent(io=io, completion=name):
            return f"{scope.name(io.kind.package, io.kind.name)}::{name}"
        case MessageEvent(message=message) | YieldedEvent(message=message):
            return scope.message(message)
        case CallEndEvent(call=call, end=end):
            return f"tina::{_ENDS[end]}<{scope.message(call)}>"
        case TimerEvent():
            return "tina::Fired"


_ENDS = {
    CallEnd.REPLY: "Reply",
    CallEnd.TIMEOUT: "Timeout",
    CallEnd.REJECTED: "Rejected",
    CallEnd.FAILED: "Failed",
}


def moves(event: Event) -> bool:
    """Whether a handler gets the message by `&&`."""
    if isinstance(event, MessageEvent):
        return is_moved(event.message)
    return isinstance(event, CompletionEvent) and completion(event.io, event.completion).moves


def _of_state(scope: Scope, isolate: Isolate, state: State) -> Iterator[Handler]:
    tag = state.name if isolate.has_machine else None
    if state.enter:
        yield _handler(isolate, "on_enter", tag, f"Entry<{tag}>", [], state.enter)
    for clause in state.clauses:
        if isinstance(clause.reaction, Handle) and not _is_shadowed(isolate, state, clause):
            type_ = message_type(scope, clause.event)
            parameters = [f"{type_}&&" if moves(clause.event) else f"const {type_}&"]
            if clause.reaction.later:
                parameters.append(f"tina::Token<{type_}>&&")
            place = where(isolate, clause)
            result = _result(place, clause.reaction)
            if answers(clause):
                result = _answer(place, clause.reaction, type_)
            name = clause.event.handler
            yield _handler(isolate, name, place, result, parameters, clause.span)
    if state.after and not isinstance(state.after.reaction, Transit):
        result = _result(tag, state.after.reaction)
        yield _handler(isolate, "on_after", tag, result, [], state.after.span)


def _is_shadowed(isolate: Isolate, state: State, clause: Clause) -> bool:
    """Whether every leaf inside a composite has another clause: this one then never applies."""
    found = [leaf.clause(clause.event) for leaf in isolate.below(state)]
    return all(own is None or own.written_in != clause.written_in for own in found)


def _result(place: str | None, reaction: Handle) -> str:
    if place is None:
        return "Effect"
    return f"Then<{_targets(place, reaction)}>"


def _targets(place: str, reaction: Handle) -> str:
    return ", ".join(f"Stay<{place}>" if n.state is None else n.name for n in reaction.nexts)


def answers(clause: Clause) -> bool:
    """Whether the clause's handler answers a call by what it returns."""
    event = clause.event
    if not isinstance(event, MessageEvent) or not event.message.is_call:
        return False
    return isinstance(clause.reaction, Handle) and not clause.reaction.later


def _answer(place: str | None, reaction: Handle, call: str) -> str:
    if place is None:
        return f"Answer<{call}>"
    return f"Answer<{call}, {_targets(place, reaction)}>"


def _pascal(handler: str) -> str:
    return "".join(part.capitalize() for part in handler.removeprefix("on_").split("_"))


def _concept(isolate: Isolate, name: str, state: str | None) -> str:
    return f"{isolate.name}Handles{_pascal(name)}" + (f"In{state}" if state else "")


def _handler(
    isolate: Isolate,
    name: str,
    state: str | None,
    result: str,
    parameters: Sequence[str],
    span: Span,
) -> Handler:
    return Handler(
        name=name,
        state=state,
        signature=name + (f"_in_{snake(state)}" if state else ""),
        concept=_concept(isolate, name, state),
        result=result,
        parameters=[*([f"in<{state}>"] if state else []), *parameters, "Context&"],
        span=span,
    )
