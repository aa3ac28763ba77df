# SPDX-License-Identifier: Apache-2.0
"""Views of an isolate's dispatch: the switches over state, then over message or completion.

A case either calls a handler, behind `if constexpr` on its concept so that a missing handler is
reported once and by its own assertion, or does what the clause says without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tina_gen.emit import wrap
from tina_gen.emit.cases import (
    Case,
    down_cases,
    enter_cases,
    message_cases,
    news_cases,
    result_cases,
    shutdown_cases,
)
from tina_gen.emit.cpp import Scope
from tina_gen.emit.handlers import Handler
from tina_gen.emit.numbering import listed_news, numbering
from tina_gen.emit.records import Block
from tina_gen.model import Isolate, State

_CORE = "tina::ShardCore& core"
_SLOT = "std::uint32_t slot"
_STATE = "std::uint8_t state"
_RECORD = "tina::internal::ResultRecord& record"
_TAG = "std::uint16_t tag"
_KIND = "std::uint8_t kind"
_PAYLOAD = "std::byte* payload"
_THEN = "auto then"
_GIVEN = "Given_"  # no name of a spec ends so
_UNREACHABLE = "    __builtin_unreachable();"


def functions(scope: Scope, isolate: Isolate, asked: Sequence[Handler]) -> list[Block]:
    """The functions that the runtime's batch loop calls."""
    numbers = numbering(isolate)

    # A composite is never active itself: what it says is in the cases of the leaves inside.
    def results(state: State) -> list[Case]:
        return [] if state.is_composite else result_cases(scope, isolate, numbers, state)

    def messages(state: State) -> list[Case]:
        return [] if state.is_composite else message_cases(scope, isolate, state)

    def shutdowns(state: State) -> list[Case]:
        return [] if state.is_composite else shutdown_cases(scope, isolate, state)

    def downs(state: State) -> list[Case]:
        return [] if state.is_composite else down_cases(scope, isolate, state)

    def news(state: State) -> list[Case]:
        return [] if state.is_composite else news_cases(scope, isolate, state)

    def enters(state: State) -> list[Case]:
        return enter_cases(isolate, state)

    given = [_CORE, _SLOT, _STATE]
    down = [_function(isolate, "down", [*given, _THEN], "", downs)]
    heard = [_function(isolate, "news", [*given, _KIND, _THEN], "kind", news)]
    return [
        _init(isolate, asked[0].concept),
        _function(isolate, "enter", [*given, _THEN], "", enters),
        _function(isolate, "message", [*given, _TAG, _PAYLOAD, _THEN], "tag", messages),
        _function(isolate, "result", [*given, _RECORD, _THEN], "record.completion", results),
        _function(isolate, "shutdown", [*given, _THEN], "", shutdowns),
        *(down if isolate.monitors else []),
        *(heard if listed_news(isolate) else []),
    ]


def _init(isolate: Isolate, concept: str) -> Block:
    arguments = f"tina::internal::init_of<{isolate.name}Init>(core, kType, slot);"
    return [
        f"  template <class I = {isolate.name}>",
        "  static void init(tina::ShardCore& core, std::uint32_t slot, auto then) {",
        "    I& self = tina::internal::begin_state<I>(core, kType, slot);",
        "    base::Context context(core, slot);",
        f"    if constexpr ({concept}<I>) {{",
        *wrap.assignment(6, f"auto& arguments = {arguments}"),
        "      auto effect = self.on_init(std::move(arguments), context);",
        *_closing(6, isolate),
        "      return then(effect.record());",
        "    }",
        _UNREACHABLE,
        "  }",
    ]


def _function(
    isolate: Isolate,
    name: str,
    parameters: Sequence[str],
    switch: str,
    cases_of: Callable[[State], list[Case]],
) -> Block:
    """A function that goes by state, then by `switch` if that is not empty."""
    cases = {s.index: c for s in isolate.states if (c := cases_of(s))}
    by_state = isolate.has_machine
    depth = 6 if by_state else 4
    body: list[str] = []
    if by_state and cases:
        body.append("    switch (state) {")
    for state in isolate.states:
        if state.index not in cases:
            continue
        if by_state:
            body.append(f"      case base::{state.name}::kIndex:")
            depth = 8
        body += _switch(isolate, depth, switch, cases[state.index])
        if by_state and (switch or cases[state.index][0].calls):
            body.append("        break;")
    if by_state and cases:
        body.append("    }")
    return _frame(isolate, name, parameters, body, cases.values())


def _frame(
    isolate: Isolate,
    name: str,
    parameters: Sequence[str],
    body: list[str],
    cases: Iterable[Sequence[Case]],
) -> Block:
    """Head and locals of a function; parameters that the body does not use have no name."""
    calls = any(case.calls for group in cases for case in group)
    text = "\n".join(body)
    used = {"core": calls or "(core" in text, "slot": calls, "then": bool(body)}
    shown = []
    for parameter in parameters:
        type_, word = parameter.rsplit(" ", 1)
        named = used[word] if word in used else _mentions(text, word)
        shown.append(parameter if named else type_)
    head = f"static void {name}("
    if not body:
        one = wrap.declaration(2, head, shown, ") {")
        return wrap.function(2, one, [_UNREACHABLE])
    local = []
    if calls:
        local = [
            "    I& self = tina::internal::state_of<I>(core, kType, slot);",
            "    base::Context context(core, slot);",
        ]
    template = [f"  template <class I = {isolate.name}>"] if calls else []
    lines = wrap.declaration(2, head, shown, ") {")
    return [*template, *lines, *local, *body, _UNREACHABLE, "  }"]


def _mentions(text: str, word: str) -> bool:
    return any(f"{before}{word}{after}" in text for before in "( " for after in "),.")


def _switch(isolate: Isolate, depth: int, subject: str, cases: Sequence[Case]) -> list[str]:
    if not subject:
        return _body(isolate, depth, cases[0])
    pad = " " * depth
    lines = [f"{pad}switch ({subject}) {{"]
    for case in cases:
        lines += [f"{pad}  case {label}" for label in case.label.split(" case ")]
        lines += _body(isolate, depth + 4, case)
        if case.calls:
            lines.append(f"{pad}    break;")
    return [*lines, f"{pad}}}"]


def _body(isolate: Isolate, depth: int, case: Case) -> list[str]:
    pad = " " * depth
    if not case.calls:
        return [line for text in case.plain for line in wrap.statement(depth, text)]
    return [
        *wrap.test(depth, "if constexpr (", case.calls, "I>) {"),
        *_setup(depth + 2, case),
        *_handled(isolate, depth + 2, case),
        f"{pad}}}",
    ]


def _setup(depth: int, case: Case) -> list[str]:
    """What the handler is given; a type that is too long for the line gets a name of its own."""
    pad = " " * depth
    if any(len(pad + text) > wrap.LIMIT for text in case.setup) and case.type:
        given = wrap.assignment(depth, f"using {_GIVEN} = {case.type};")
        return [*given, *(pad + t.replace(f"<{case.type}>", f"<{_GIVEN}>") for t in case.setup)]
    return [line for text in case.setup for line in wrap.assignment(depth, text)]


def _handled(isolate: Isolate, depth: int, case: Case) -> list[str]:
    """The statements that return what the handler returned."""
    pad = " " * depth
    name = "answer" if case.around else "effect"
    handled = _effect(depth, f"self.{case.handler}(", case.arguments, name)
    handled += _closing(depth, isolate)
    effect = f"{case.around}answer)" if case.around else "effect.record()"
    if not case.leaf:
        return [*handled, f"{pad}return then({effect});"]
    given = ["then", effect, f"base::{case.leaf}::kIndex"]
    return [*handled, *wrap.call(depth, "return tina::internal::staying(", given, ");")]


def _closing(depth: int, isolate: Isolate) -> list[str]:
    """What ends with the handler, and not with what follows from its effect."""
    return [" " * depth + "context.scratch().close();"] if isolate.budget.scratch else []


def _effect(depth: int, call: str, arguments: Sequence[str], name: str) -> list[str]:
    """`auto effect = call…);`, broken where clang-format does."""
    left = f"auto {name} ="
    one = wrap.assignment(depth, f"{left} {call}{', '.join(arguments)});")
    whole = wrap.call(depth, f"{left} {call}", arguments, ");")
    for lines in (one, whole):
        if max(map(len, lines)) <= wrap.LIMIT:
            return lines
    return [" " * depth + left, *wrap.call(depth + 4, call, arguments, ");")]
