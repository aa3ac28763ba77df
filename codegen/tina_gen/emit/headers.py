# SPDX-License-Identifier: Apache-2.0
"""Views of `<stem>.tina.h`: enums, constants, messages, bases and contexts of one package."""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen import names
from tina_gen.emit import protocols, wrap
from tina_gen.emit.cpp import SCALARS, Scope, flag, header_of, integer, namespace
from tina_gen.emit.numbering import (
    Numbering,
    listed,
    listed_everywhere,
    numbering,
    reads_ahead,
    tag,
)
from tina_gen.emit.paths import child_path, child_paths
from tina_gen.emit.records import Block, braces, checks, members
from tina_gen.emit.routes import route_sends
from tina_gen.emit.types import headers_of, type_blocks, types_of, uses_arrays
from tina_gen.emit.values import definition, member
from tina_gen.frozen import dataclass
from tina_gen.model import (
    Constant,
    Enumeration,
    IoObject,
    Isolate,
    Message,
    Model,
    Package,
    Send,
    Spawn,
    TargetKind,
    Timer,
)
from tina_gen.owned import blob_sizes, is_moved


@dataclass(frozen=True, slots=True)
class BaseView:
    """One isolate's base and typed context. `states` are the tags of its states, `words` the
    names that its handlers' types are written with."""

    name: str
    doc: Block
    states: Sequence[Block]
    shape: str
    words: Block
    objects: Sequence[Block]
    methods: Sequence[Block]


@dataclass(frozen=True, slots=True)
class HeaderView:
    """Everything that `header.h.j2` needs."""

    source: str
    package: str
    namespace: str
    system: Sequence[str]
    includes: Sequence[str]
    aliases: Sequence[Block]
    enums: Sequence[Block]
    forwards: Sequence[Block]
    types: Sequence[Block]
    constants: Sequence[Block]
    config: Block
    contract: Sequence[Block]
    trees: Sequence[Block]
    structs: Sequence[Block]
    bases: Sequence[BaseView]
    roles: Block


def header_view(model: Model, package: Package, source: str) -> HeaderView:
    """The view of a package's header; `source` is the spec's file name."""
    scope = Scope(model, package)
    files = {p.name: p.file for p in model.packages}
    imported = [files[entry.package] for entry in package.imports]
    includes = {header_of(file.import_path, file.standard) for file in imported}
    used = types_of(package)
    includes |= headers_of(used) | {"tina/isolate.h"}
    includes |= {"tina/union.h"} if package.unions else set()
    includes |= {"tina/flags.h"} if any(enum.is_flags for enum in package.enums) else set()
    isolates = package.isolates
    messages = [_message(scope, message) for message in package.messages]
    return HeaderView(
        source=source,
        package=package.name,
        namespace=namespace(package.name),
        system=["array"] if uses_arrays(used) else [],
        includes=sorted(includes),
        aliases=[[f"namespace {i.alias} = {namespace(i.package)};"] for i in package.imports],
        enums=[_enum(enum) for enum in package.enums],
        types=type_blocks(scope, package),
        constants=[_constant(scope, constant) for constant in package.constants],
        config=_config(scope, package),
        forwards=[
            *([f"struct {protocol.name};"] for protocol in package.protocols),
            *([f"struct {isolate.name};"] for isolate in isolates),
        ],
        contract=[_contract(model, package)] if isolates or package.protocols else [],
        roles=protocols.roles(model, package),
        trees=child_paths(scope, package),
        structs=messages
        + [protocols.struct(scope, protocol) for protocol in package.protocols]
        + [_init(scope, isolate) for isolate in isolates],
        bases=[_base(scope, isolate) for isolate in isolates],
    )


def _enum(enum: Enumeration) -> Block:
    lines = wrap.comment(0, "///", enum.doc)
    lines.append(f"enum class {enum.name} : {SCALARS[enum.underlying]} {{")
    for enumerator in enum.enumerators:
        lines += wrap.comment(2, "///", enumerator.doc)
        lines.append(f"  {enumerator.name} = {integer(enumerator.value)},")
    lines.append("};")
    return [*lines, f"TINA_FLAGS({enum.name});"] if enum.is_flags else lines


def _constant(scope: Scope, constant: Constant) -> Block:
    words, type_ = "inline constexpr ", constant.type
    return [
        *wrap.comment(0, "///", constant.doc),
        *definition(scope, 0, words, type_, constant.name, constant.value),
    ]


def _config(scope: Scope, package: Package) -> Block:
    inner: list[str] = []
    for config in package.configs:
        inner += wrap.comment(2, "///", config.doc)
        inner += member(scope, 2, config.type, config.name, config.default)
    return ["/// Start-time values; `--NAME` sets one.", *braces(0, "struct Config", inner)]


def _contract(model: Model, package: Package) -> Block:
    isolates = package.isolates
    lines = ["/// What the runtime links against; not for handlers.", "namespace contract {"]
    lines += [f"inline constexpr tina::TypeId k{i.name}{{{i.index}}};" for i in isolates]
    for isolate in isolates:
        head = f"std::uint32_t dispatch_{names.snake(isolate.name)}("
        parameters = ["tina::ShardCore& core", "std::uint32_t budget"]
        lines += wrap.declaration(0, head, parameters, ");")
    lines += protocols.tag_tables(model, package)
    return [*lines, "}  // namespace contract"]


def _message(scope: Scope, message: Message) -> Block:
    """A message, with explicit padding, and assertions that hold C++ to the computed layout."""
    name = message.name
    doc = wrap.comment(0, "///", message.doc)
    inner = members(scope, 2, message.fields)
    asserts = checks(name, message.fields, message.size, message.align)
    return [*doc, *braces(0, f"struct {name}", inner), *asserts]


def _init(scope: Scope, isolate: Isolate) -> Block:
    opened = [
        f"`{io.source.name}` opens the I/O object `{io.name}`." for io in isolate.io if io.source
    ]
    doc = " ".join([f"Init arguments of {isolate.name}.", *opened])
    name = f"{isolate.name}Init"
    inner = members(scope, 2, isolate.init)
    asserts = checks(name, isolate.init, isolate.init_size, isolate.init_align)
    return [*wrap.comment(0, "///", doc), *braces(0, f"struct {name}", inner), *asserts]


def _state(numbers: Numbering, name: str, doc: str, index: int | None, bits: int) -> Block:
    words = [word for bit, word in enumerate(numbers.completions) if bits >> bit & 1]
    listing = f"Lists {', '.join(words)}." if words else ""
    kind = [f"    static constexpr std::uint8_t kIndex = {index};"] if index is not None else []
    return [
        *wrap.comment(2, "///", "\n".join(filter(None, [doc, listing]))),
        f"  struct {name} {{",
        *kind,
        f"    static constexpr std::uint64_t kListed = {bits:#x};",
        "  };",
    ]


def _states(numbers: Numbering, isolate: Isolate) -> list[Block]:
    everywhere = listed_everywhere(numbers, isolate)
    if not isolate.has_machine:
        return [_state(numbers, "Machine", "The one implicit state.", 0, everywhere)]
    doc = "The top of the machine, whose clauses its states inherit; not a state."
    return [
        _state(numbers, "Machine", doc, None, everywhere),
        *(
            _state(numbers, s.name, s.doc, s.index, listed(numbers, isolate, s))
            for s in isolate.states
        ),
    ]


def _words(isolate: Isolate) -> Block:
    if not isolate.has_machine:
        return ["  using Effect = tina::Effect<Shape, Machine>;"]
    return [
        "  template <class State>",
        "  using in = tina::In<State>;",
        "  template <class State>",
        "  using Stay = tina::Stay<State>;",
        "  template <class... Targets>",
        "  using Then = tina::Then<Shape, Targets...>;",
        "  template <class State>",
        "  using Entry = tina::Entry<Shape, State>;",
    ]


def _base(scope: Scope, isolate: Isolate) -> BaseView:
    numbers = numbering(isolate)
    objects = []
    for io, place in zip(isolate.io, numbers.places, strict=True):
        kind = scope.name(io.kind.package, io.kind.name)
        arguments = f"{io.index}, {place.first_record}, {place.first_completion}"
        if place.connects or reads_ahead(io):
            arguments += f", {flag(place.connects)}"
        arguments += ", true" if reads_ahead(io) else ""
        line = f"  static constexpr {kind}::Operations<{arguments}> {io.name}{{}};"
        objects.append([*wrap.comment(2, "///", io.doc), line])
    sends = _sends(scope, isolate)
    initial = isolate.leaf(isolate.initial).name if isolate.has_machine else "Machine"
    return BaseView(
        name=isolate.name,
        doc=wrap.comment(0, "///", isolate.doc),
        states=_states(numbers, isolate),
        shape=protocols.shape(isolate, numbers),
        words=[
            *_words(isolate),
            *protocols.words(isolate, numbers),
            f"  using InitResult = tina::InitResult<Shape, {initial}>;",
        ],
        objects=[*objects, *protocols.call_objects(scope, isolate, numbers)],
        methods=[
            _self(isolate),
            # Behind the overloads stands the one that says that a message is not listed.
            *([["    using ContextBase::send;"]] if sends else []),
            *sends,
            *([["    using ContextBase::spawn;"]] if isolate.spawns else []),
            *(_spawn(scope, spawn) for spawn in isolate.spawns),
            *protocols.monitors(scope, isolate),
            *_blocks(scope, isolate),
            *[_io(scope, isolate, io) for io in isolate.io],
            *[_timer(isolate, timer) for timer in isolate.timers],
            *_scratch(isolate),
        ],
    )


def _timer(isolate: Isolate, timer: Timer) -> Block:
    value = f"{{*this, contract::k{isolate.name}, {timer.index}}}"
    return [
        *wrap.comment(4, "///", timer.doc),
        *wrap.assignment(4, f"tina::TimerControl {timer.name}{value};"),
    ]


def _blocks(scope: Scope, isolate: Isolate) -> list[Block]:
    """What takes blobs from their pools, and keeps blocks in the isolate's state."""
    sizes = blob_sizes(scope.model, isolate)
    found: list[Block] = []
    if sizes:
        arguments = ["kBytes", *map(str, sizes)]
        head = "requires tina::internal::OneSizeOf<"
        found += [
            # Behind it stands the one that says that a size is not declared.
            ["    using ContextBase::blob;"],
            [
                "    /// A block with room for `kBytes`; empty: its pool is exhausted.",
                "    template <std::size_t kBytes>",
                *wrap.call(6, head, arguments, ">"),
                "    tina::Blob<kBytes> blob() {",
                "      return tina::internal::blob_of<kBytes>(core());",
                "    }",
            ],
        ]
    return [*found, *([["    using ContextBase::keep;"]] if isolate.budget.buffers else [])]


def _scratch(isolate: Isolate) -> list[Block]:
    """Memory for one call of a handler; the last of a context's members."""
    if not isolate.budget.scratch:
        return []
    return [
        [
            f"    /// Memory until the handler returns: {isolate.budget.scratch:,} bytes.",
            "    tina::Scratch& scratch() { return scratch_; }",
            "",
            "   private:",
            f"    tina::Scratch scratch_{{core(), {integer(isolate.budget.scratch)}}};",
        ]
    ]


def _io(scope: Scope, isolate: Isolate, io: IoObject) -> Block:
    kind = scope.name(io.kind.package, io.kind.name)
    arguments = ["*this", f"contract::k{isolate.name}", str(io.index)]
    gathers = ", true" if any(setting.name == "gather" for setting in io.settings) else ""
    return wrap.call(4, f"tina::IoControl<{kind}{gathers}> {io.name}{{", arguments, "};")


def _self(isolate: Isolate) -> Block:
    head = [f"    tina::Ref<{isolate.name}> self() const {{"]
    body = [f"      return {{self_handle(contract::k{isolate.name})}};"]
    return wrap.function(4, head, body)


def _sends(scope: Scope, isolate: Isolate) -> list[Block]:
    """All overloads of a context's `send`."""
    known = (TargetKind.ISOLATE, TargetKind.CHILD)
    direct = [s for s in isolate.sends if s.target.kind in known]
    any_type = dict.fromkeys(
        [
            *protocols.protocol_sends(scope, isolate.sends),
            *protocols.event_sends(scope, isolate),
        ]
    )
    return [
        *(_send(scope, send) for send in direct),
        *(protocols.send_any(scope, receiver, message) for receiver, message in any_type),
        *route_sends(scope, isolate),
    ]


def _send(scope: Scope, send: Send) -> Block:
    isolate = send.target.isolate
    assert isolate is not None, "refused before"
    target = scope.isolate(isolate)
    message = scope.message(send.message)
    moved = is_moved(send.message)
    by_path = send.target.kind is TargetKind.CHILD
    to = f"tina::Child<{child_path(scope, send.target)}>" if by_path else f"tina::Ref<{target}>"
    parameters = [f"{to} to", f"{message}&& message" if moved else f"const {message}& message"]
    inline = "" if by_path or moved else "[[gnu::always_inline]] "
    head = wrap.declaration(4, f"{inline}tina::SendResult send(", parameters, ") {")
    arguments = [
        "core()",
        scope.contract(isolate),
        "to.address" if by_path else "to.handle",
        str(tag(scope.model.isolate(isolate), send.message)),
        "message",
    ]
    function = "send_child" if by_path else "send_local"
    function = "send_owned" if moved else function
    body = wrap.call(6, f"return tina::internal::{function}(", arguments, ");")
    return wrap.function(4, head, body)


def _spawn(scope: Scope, spawn: Spawn) -> Block:
    isolate = scope.isolate(spawn.isolate)
    supervisor = scope.model.supervisor(spawn.supervisor)
    head = f"tina::SpawnResult<{isolate}> spawn("
    return [
        *wrap.comment(4, "///", f"Starts {isolate} under {supervisor.name}."),
        *wrap.declaration(4, head, [f"{isolate}Init&& init"], ");"),
    ]
