# SPDX-License-Identifier: Apache-2.0
"""Views of `<stem>.tina.cc`: the checks of the handlers and the dispatch to them.

Order: for each isolate the signatures that the spec asks for, one concept and one assertion per
handler (placed on the clause in the spec), the context's definitions, and the dispatch functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, handlers_header, imported_files, namespace, size_words
from tina_gen.emit.dispatch import functions
from tina_gen.emit.handlers import Handler, handlers
from tina_gen.emit.numbering import (
    Numbering,
    defers,
    group_place,
    listed,
    listed_everywhere,
    listed_news,
    numbering,
    owning_tags,
    served_tags,
)
from tina_gen.emit.records import Block
from tina_gen.frozen import dataclass
from tina_gen.model import Handle, IoType, Isolate, Model, Package, Spawn
from tina_gen.owned import block_fields, owns
from tina_gen.source import Span


@dataclass(frozen=True, slots=True)
class Check:
    """An assertion that reports at a line of the spec."""

    line: int
    lines: Block


@dataclass(frozen=True, slots=True)
class ContractView:
    """One isolate's part of the contract."""

    name: str
    rule: str  # the comment line that opens the part
    type: int
    slots: int
    payload: int  # bytes of the largest message that it accepts
    stride: Block  # the lines that say how far apart its states lie
    defers: str  # true or false
    traits: Block  # what else the runtime is told: nesting, results, news
    monitors: str  # true or false
    served: str  # bit per tag of a call
    owning: Block  # the line with a bit per tag that holds blocks, if its handlers can have any
    signatures: Block
    prototypes: Sequence[Block]
    concepts: Sequence[Block]
    checks: Sequence[Check]
    spawns: Sequence[Block]
    functions: Sequence[Block]


@dataclass(frozen=True, slots=True)
class SourceView:
    """Everything that `contract.cc.j2` needs. `spec` is the path for `#line`."""

    source: str
    spec: str
    package: str
    opening: Sequence[Block]  # of the namespace, if anything is in it
    closing: Sequence[Block]
    headers: Sequence[str]
    isolates: Sequence[ContractView]
    dispatch: Sequence[Block]
    imported: Sequence[Block]


def contract_view(model: Model, package: Package, source: str, spec: str) -> SourceView:
    """The view of a package's contract; `source` is the spec's file name."""
    scope = Scope(model, package)
    space = namespace(package.name)
    return SourceView(
        source=source,
        spec=spec,
        package=package.name,
        opening=[[f"namespace {space} {{"]] if package.isolates else [],
        closing=[[f"}}  // namespace {space}"]] if package.isolates else [],
        headers=sorted(
            [handlers_header(package, isolate) for isolate in package.isolates]
            + ["tina/contract.h"]
        ),
        isolates=[_isolate(scope, isolate) for isolate in package.isolates],
        dispatch=[_dispatch(package.isolates)] if package.isolates else [],
        imported=_imported(model) if package is model.root else [],
    )


def _imported(model: Model) -> list[Block]:
    """The contracts of imported packages, compiled with the root's: a build knows that name before
    it knows what is imported."""
    others = imported_files(model)
    includes = [f'#include "{path}.cc"' for path in others]
    return [["// The contracts of the packages that it imports.", *includes]] if others else []


def _isolate(scope: Scope, isolate: Isolate) -> ContractView:
    asked = handlers(scope, isolate)
    return ContractView(
        name=isolate.name,
        rule=f"// ---- {isolate.name} ".ljust(wrap.LIMIT, "-"),
        type=isolate.index,
        slots=isolate.budget.slots,
        payload=isolate.message_size if isolate.accepts else 0,
        stride=_stride(isolate),
        defers="true" if defers(isolate) else "false",
        traits=_traits(isolate),
        monitors="true" if isolate.monitors else "false",
        served=f"{served_tags(isolate):#x}",
        owning=_owning(scope.model, isolate),
        signatures=wrap.derived(f"{isolate.name}Signatures", f"{isolate.name}Base"),
        prototypes=[wrap.prototype(2, h.result, h.signature, h.parameters, ");") for h in asked],
        concepts=[_concept(isolate, handler) for handler in asked],
        checks=[*_state_checks(isolate), *(_check(isolate, handler) for handler in asked)],
        spawns=[_spawn(scope, isolate, spawn) for spawn in isolate.spawns],
        functions=functions(scope, isolate, asked),
    )


def _stride(isolate: Isolate) -> Block:
    value = f"tina::internal::state_stride(sizeof({isolate.name}))"
    return wrap.assignment(2, f"static constexpr std::size_t kStateStride = {value};")


def _owning(model: Model, isolate: Isolate) -> Block:
    if not owns(model, isolate):
        return []
    return [f"  static constexpr std::uint64_t kOwning = {owning_tags(isolate):#x};"]


def _traits(isolate: Isolate) -> Block:
    said = []
    if isolate.nests:
        said.append("bool kNests = true")
    numbers = numbering(isolate)
    if numbers.records > 0:
        said.append(f"unsigned kResults = {numbers.records}")
        if not isolate.has_machine:
            bits = listed(numbers, isolate, isolate.states[0])
            said.append(f"std::uint64_t kListed = {bits:#x}")
    if numbers.started_ends:
        said.append(f"std::uint64_t kStarted = {numbers.started_ends:#x}")
    if numbers.call_ends:
        said.append(f"std::uint64_t kCalled = {numbers.call_ends:#x}")
        said.append(f"unsigned kCallers = {_callers(numbers, isolate)}")
    if listed_news(isolate) != 0:
        said.append("bool kNews = true")
    lines = [f"  static constexpr {text};" for text in said]
    if isolate.timers or numbers.levels:
        # Nobody asks where the slots are few.
        lines.append("  [[maybe_unused]] static constexpr bool kTimed = true;")
    return lines


def _callers(numbers: Numbering, isolate: Isolate) -> int:
    """The handlers that may start calls without leaving their state."""
    listing: dict[str | None, int] = {None: listed_everywhere(numbers, isolate)}
    listing |= {state.name: listed(numbers, isolate, state) for state in isolate.states}
    places = {
        (clause.event.handler, clause.written_in)
        for state in isolate.leaves
        for clause in state.clauses
        if listing[clause.written_in] & numbers.call_ends
        and isinstance(clause.reaction, Handle)
        and any(one.state is None for one in clause.reaction.nexts)
    }
    return len(places)


def _dispatch(isolates: Sequence[Isolate]) -> Block:
    lines = ["namespace contract {"]
    for isolate in isolates:
        head = f"std::uint32_t dispatch_{names.snake(isolate.name)}("
        parameters = ["tina::ShardCore& core", "std::uint32_t budget"]
        call = f"return tina::internal::dispatch_batch<{isolate.name}Contract>("
        lines += wrap.function(
            0,
            wrap.declaration(0, head, parameters, ") {"),
            wrap.call(2, call, ["core", "budget"], ");"),
        )
    return [*lines, "}  // namespace contract"]


def _concept(isolate: Isolate, handler: Handler) -> Block:
    head = "tina::internal::handler<I>("
    arguments = [f"&{isolate.name}Signatures::{handler.signature}", f"&I::{handler.name}"]
    requirement = f"requires {{ {head}{', '.join(arguments)}); }};"
    one = f"concept {handler.concept} = {requirement}"
    if len(one) <= wrap.LIMIT:
        lines = [one]
    elif len(requirement) + 4 <= wrap.LIMIT:
        lines = [f"concept {handler.concept} =", "    " + requirement]
    else:
        opening = f"concept {handler.concept} = requires {{"
        lines = [opening, *_compared(2, head, arguments), "};"]
        if len(opening) > wrap.LIMIT:
            lines = [f"concept {handler.concept} =", "    requires {"]
            lines += [*_compared(6, head, arguments), "    };"]
    return ["template <class I>", *lines]


def _compared(indent: int, head: str, arguments: Sequence[str]) -> Block:
    """The call whose arguments are two pointers to members."""
    lines: list[str] = []
    whole = wrap.call(indent, head, arguments, ");")
    if max(map(len, whole)) > wrap.LIMIT:
        start = " " * indent + head
        scope, _, member = arguments[0].partition("::")
        pad = " " * len(start)
        beside = [f"{start}{scope}::", f"{pad}    {member},", f"{pad}{arguments[1]});"]
        if max(map(len, beside)) <= wrap.LIMIT:
            return beside
    for line in whole:
        scope, _, member = line.partition("::")
        pad = " " * (len(line) - len(line.lstrip()) + 4)
        lines += [line] if len(line) <= wrap.LIMIT else [f"{scope}::", pad + member]
    return lines


def _assertion(span: Span, condition: str, text: str) -> Check:
    return Check(span.line, wrap.with_string(0, "static_assert", [condition], text))


def _state_checks(isolate: Isolate) -> list[Check]:
    name = isolate.name
    budget = isolate.budget
    return [
        _assertion(
            isolate.span,
            f"tina::internal::DerivedState<{name}, {name}Base>",
            f"[E0402] {name} must be a struct that derives from {name}Base",
        ),
        _assertion(
            isolate.span,
            f"tina::internal::PlainState<{name}>",
            f"[E0403] {name} must be trivially destructible, default constructible and without "
            "virtual functions",
        ),
        _assertion(
            budget.span,
            f"sizeof({name}) <= {budget.state}",
            f"[E0510] {name} is larger than its budget `state <= {size_words(budget.state)}`",
        ),
    ]


def _check(isolate: Isolate, handler: Handler) -> Check:
    condition = f"{handler.concept}<{isolate.name}>"
    return _assertion(
        handler.span, condition, f"[E0401] add to {isolate.name}: {handler.declaration}"
    )


def _spawn(scope: Scope, isolate: Isolate, spawn: Spawn) -> Block:
    child = scope.isolate(spawn.isolate)
    adopted = scope.model.isolate(spawn.isolate)
    place = group_place(scope.model, spawn)
    result = f"tina::SpawnResult<{child}>"
    function = "spawn_owning" if block_fields(adopted.init) else "spawn"
    arguments = [
        "core()",
        scope.contract(spawn.isolate),
        str(place),
        "std::move(init)",
        *(
            f"tina::internal::Adopt{{{io.index}, &init.{io.source.name}}}"
            for io in adopted.io
            if io.source and isinstance(io.source.type, IoType)
        ),
    ]
    return wrap.function(
        0,
        wrap.prototype(
            0, result, f"{isolate.name}Base::Context::spawn", [f"{child}Init&& init"], ") {"
        ),
        wrap.call(2, f"return tina::internal::{function}<{child}>(", arguments, ");"),
    )
