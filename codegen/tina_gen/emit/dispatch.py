# SPDX-License-Identifier: Apache-2.0
"""Views of an isolate's dispatch: the switch over message or completion, then over state.

States that do the same share its code, so a clause that they inherit is there once, and so do
messages with which all states do the same. A state in which a message cannot come has no case: it
is nobody's code, and nobody asks for it. A case either calls a handler, behind `if constexpr` on
its concept so that a missing handler is reported once and by its own assertion, or does what the
clause says without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tina_gen.emit import wrap
from tina_gen.emit.cases import (
    ONLY,
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
from tina_gen.emit.numbering import NEWS, listed_news, numbering, tag
from tina_gen.emit.records import Block
from tina_gen.model import Isolate, MessageEvent, State

_Found = Sequence[tuple[State, Case]]

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
    leaves = [state for state in isolate.states if not state.is_composite]
    enters = [(s, case) for s in isolate.states for case in enter_cases(isolate, s)]
    messages = [(s, case) for s in leaves for case in message_cases(scope, isolate, s)]
    results = [(s, case) for s in leaves for case in result_cases(scope, isolate, numbers, s)]
    ends = [(s, case) for s in leaves for case in shutdown_cases(scope, isolate, s)]
    downs = [(s, case) for s in leaves for case in down_cases(scope, isolate, s)]
    heard = [(s, case) for s in leaves for case in news_cases(scope, isolate, s)]
    received = [event for event in isolate.events if isinstance(event, MessageEvent)]
    tags = {tag(isolate, e.message): e.name for e in received if not e.message.is_system}
    completions = dict(enumerate(numbers.completions))
    kinds = {kind: f"sys.{name.rpartition('.')[2]}" for kind, name in enumerate(NEWS)}
    return [
        _init(isolate, asked[0].concept),
        *([_function(isolate, "enter", [], enters)] if enters else []),
        _function(isolate, "message", [_TAG, _PAYLOAD], messages, "tag", tags),
        _function(isolate, "result", [_RECORD], results, "record.completion", completions),
        *([_function(isolate, "shutdown", [], ends)] if ends else []),
        *([_function(isolate, "down", [], downs)] if isolate.monitors else []),
        *(
            [_function(isolate, "news", [_KIND], heard, "kind", kinds)]
            if listed_news(isolate)
            else []
        ),
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
        "      return then(effect);",
        "    }",
        _UNREACHABLE,
        "  }",
    ]


def _function(
    isolate: Isolate,
    name: str,
    parameters: Sequence[str],
    found: _Found,
    subject: str = "",
    names: Mapping[int, str] | None = None,
) -> Block:
    """A function that goes by `subject`, whose values have `names`, if there is one; then by
    state."""
    body: list[str] = []
    if names is None and found:
        body = _by_state(isolate, 4, found)
    elif names is not None and found:
        body = [f"    switch ({subject}) {{", *_labels(isolate, found, names), "    }"]
    return _frame(isolate, name, [_CORE, _SLOT, _STATE, *parameters, _THEN], body, found)


def _labels(isolate: Isolate, found: _Found, names: Mapping[int, str]) -> list[str]:
    """The cases by label; labels with the same statements share them."""
    by_label: dict[int, list[tuple[State, Case]]] = {}
    for state, case in found:
        for label in case.labels:
            by_label.setdefault(label, []).append((state, case))
    shared: dict[tuple[str, ...], list[int]] = {}
    for label, cases in by_label.items():
        shared.setdefault(tuple(_by_state(isolate, 8, cases)), []).append(label)
    lines = []
    for statements, labels in shared.items():
        width = max(len(str(label)) for label in labels) + 1  # clang-format aligns the comments
        lines += [f"      case {f'{label}:':{width}}  // {names[label]}" for label in labels]
        lines += statements
        if not statements[-1].lstrip().startswith("return"):
            lines.append("        break;")
    return lines


def _by_state(isolate: Isolate, depth: int, found: _Found) -> list[str]:
    """The statements of one message: by state, unless all of the states do the same."""
    alike: dict[Case, list[tuple[State, Case]]] = {}
    for state, case in found:
        alike.setdefault(replace(case, labels=ONLY, stays=False), []).append((state, case))
    if len(alike) == 1:
        return _body(isolate, depth, found)
    pad = " " * depth
    lines = [f"{pad}switch (state) {{"]
    for cases in alike.values():
        lines += [f"{pad}  case base::{state.name}::kIndex:" for state, _ in cases]
        lines += _body(isolate, depth + 4, cases)
        if cases[0][1].calls:
            lines.append(f"{pad}    break;")
    return [*lines, f"{pad}}}"]


def _body(isolate: Isolate, depth: int, alike: _Found) -> list[str]:
    """What one or more states do; they differ in staying only."""
    pad = " " * depth
    case = alike[0][1]
    if not case.calls:
        return [line for text in case.plain for line in wrap.statement(depth, text)]
    stays = any(one.stays for _, one in alike)
    return [
        *wrap.test(depth, "if constexpr (", case.calls, "I>) {"),
        *_setup(depth + 2, case),
        *_handled(isolate, depth + 2, case, stays),
        f"{pad}}}",
    ]


def _frame(
    isolate: Isolate, name: str, parameters: Sequence[str], body: list[str], found: _Found
) -> Block:
    """Head and locals of a function; parameters that the body does not use have no name."""
    calls = any(case.calls for _, case in found)
    text = "\n".join(body)
    used = {"core": calls or "(core" in text, "slot": calls, "then": bool(body)}
    shown = []
    for parameter in parameters:
        type_, word = parameter.rsplit(" ", 1)
        named = used[word] if word in used else _mentions(text, word)
        shown.append(parameter if named else type_)
    lines = wrap.declaration(2, f"static void {name}(", shown, ") {")
    if not body:
        return wrap.function(2, lines, [_UNREACHABLE])
    local = []
    if calls:
        local = [
            "    I& self = tina::internal::state_of<I>(core, kType, slot);",
            "    base::Context context(core, slot);",
        ]
    template = [f"  template <class I = {isolate.name}>"] if calls else []
    return [*template, *lines, *local, *body, _UNREACHABLE, "  }"]


def _mentions(text: str, word: str) -> bool:
    return any(f"{before}{word}{after}" in text for before in "( " for after in "),.")


def _setup(depth: int, case: Case) -> list[str]:
    """What the handler is given; a type that is too long for the line gets a name of its own."""
    pad = " " * depth
    if any(len(pad + text) > wrap.LIMIT for text in case.setup) and case.type:
        given = wrap.assignment(depth, f"using {_GIVEN} = {case.type};")
        return [*given, *(pad + t.replace(f"<{case.type}>", f"<{_GIVEN}>") for t in case.setup)]
    return [line for text in case.setup for line in wrap.assignment(depth, text)]


def _handled(isolate: Isolate, depth: int, case: Case, stays: bool) -> list[str]:
    """The statements that call the handler and hand on what it returned."""
    pad = " " * depth
    return [
        *_effect(depth, f"self.{case.handler}(", case.arguments),
        *_closing(depth, isolate),
        *([f"{pad}tina::internal::answer(core, effect);"] if case.answers else []),
        *([f"{pad}effect.stay_in(state);"] if stays else []),
        f"{pad}return then(effect);",
    ]


def _closing(depth: int, isolate: Isolate) -> list[str]:
    """What ends with the handler, and not with what follows from its effect."""
    return [" " * depth + "context.scratch().close();"] if isolate.budget.scratch else []


def _effect(depth: int, call: str, arguments: Sequence[str]) -> list[str]:
    """`auto effect = call…);`, broken where clang-format does."""
    left = "auto effect ="
    one = wrap.assignment(depth, f"{left} {call}{', '.join(arguments)});")
    whole = wrap.call(depth, f"{left} {call}", arguments, ");")
    below = [" " * depth + left, *wrap.call(depth + 4, call, arguments, ");")]
    beside = next((ls for ls in (one, whole) if max(map(len, ls)) <= wrap.LIMIT), below)
    return below if len(beside) > 2 and len(below) <= len(beside) else beside
