# SPDX-License-Identifier: Apache-2.0
"""Protocols in C++: the structs of their members, the tags by which a receiver of any type is
reached, the objects that calls are made with, and who implements or subscribes what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, duration_words, integer, namespace
from tina_gen.emit.numbering import Numbering, served_tags, tag, yields
from tina_gen.emit.paths import child_path
from tina_gen.emit.records import Block, braces, checks, members
from tina_gen.emit.routes import member_number, route_hash, route_number
from tina_gen.model import (
    CallUse,
    IoObject,
    Isolate,
    Message,
    MessageSort,
    Model,
    Package,
    Protocol,
    Send,
    TargetKind,
)
from tina_gen.owned import is_moved

_CALLS_PER_EFFECT = 8  # the most that one effect of an isolate starts


def struct(scope: Scope, protocol: Protocol) -> Block:
    """A protocol: its members as structs in it."""
    lines = [*wrap.comment(0, "///", protocol.doc), f"struct {protocol.name} {{"]
    asserts: list[str] = []
    for member in protocol.members:
        limit = f"A call, answered within {duration_words(member.timeout_ns)}."
        words = [member.doc, limit if member.is_call else ""]
        lines += wrap.comment(2, "///", "\n".join(filter(None, words)))
        inner = members(scope, 4, member.fields)
        name = f"{protocol.name}::{member.name}"
        asserts += checks(name, member.fields, member.size, member.align)
        if member.is_call:
            results = members(scope, 6, member.results)
            inner += braces(4, "struct Result", results)
            sizes = (member.results_size, member.results_align)
            asserts += checks(f"{name}::Result", member.results, *sizes)
        lines += braces(2, f"struct {member.name}", inner)
    return [*lines, "};", *asserts]


def tag_tables(model: Model, package: Package) -> Iterator[str]:
    """For each member that can go to a receiver of any type: its tag by isolate type."""
    for protocol in package.protocols:
        for member in protocol.members:
            taking = [isolate for isolate in model.isolates if _takes(isolate, member)]
            left = f"inline constexpr auto {_table(protocol, member)}"
            start = f"tina::internal::TagTable<{len(model.isolates)}>()"
            calls = [f".with({isolate.index}, {tag(isolate, member)})" for isolate in taking]
            yield from wrap.chain(left, start, calls)


def _takes(isolate: Isolate, member: Message) -> bool:
    spoken = (*isolate.implements, *isolate.subscribes)
    return member.protocol in spoken and any(
        m.qualified == member.qualified for m in isolate.accepts
    )


def _table(protocol: Protocol, member: Message) -> str:
    return f"k{protocol.name}{member.name}Tags"


def table(scope: Scope, member: Message) -> str:
    """The tag table of a member, as code in the scope's package names it."""
    assert member.protocol is not None
    protocol = scope.model.protocol(member.protocol)
    return scope.name(protocol.package, f"contract::{_table(protocol, member)}")


def roles(model: Model, package: Package) -> Block:
    """Which of the package's isolates implement and subscribe what: makes references convert."""
    rows: list[str] = []
    for isolate in package.isolates:
        for trait, protocols in (
            ("Implements", isolate.implements),
            ("Subscribes", isolate.subscribes),
        ):
            for qualified in protocols:
                protocol = model.protocol(qualified)
                arguments = [
                    f"{namespace(isolate.package)}::{isolate.name}",
                    f"{namespace(protocol.package)}::{protocol.name}",
                ]
                rows += [
                    "template <>",
                    *wrap.call(0, f"struct {trait}<", arguments, "> {"),
                    f"  static constexpr TypeId kType{{{isolate.index}}};",
                    "};",
                ]
    if not rows:
        return []
    return ["namespace tina::internal {", *rows, "}  // namespace tina::internal"]


def shape(isolate: Isolate, numbers: Numbering) -> str:
    """The most that one effect of an isolate starts."""
    ops = numbers.operations + yields(isolate)
    calls = size = 0
    if isolate.calls:
        calls = min(isolate.budget.calls, _CALLS_PER_EFFECT)
        size = -(-max(use.call.size for use in isolate.calls) // 8) * 8
    more = [f"decltype({io.name})" for io in isolate.io if _has_extras(isolate, io)]
    if more:
        extra = f"tina::internal::most_extra<{', '.join(more)}>()"
        return f"tina::Shape<{ops}, {calls}, {size}, {extra}>"
    return f"tina::Shape<{ops}, {calls}, {size}>" if calls else f"tina::Shape<{ops}>"


def _has_extras(isolate: Isolate, io: IoObject) -> bool:
    """Whether an operation of an object needs more than bytes: an address, an offset. One that
    takes a file needs less than the file itself does."""
    operations = (op for lane in isolate.lanes(io) for op in lane.operations)
    return any(not p.is_block for op in operations if not op.reads_file for p in op.parameters)


def words(isolate: Isolate, numbers: Numbering) -> Block:
    """What handlers of calls return, and `yield`."""
    lines: list[str] = []
    if served_tags(isolate):
        if isolate.has_machine:
            lines += [
                "  template <class Call, class... Targets>",
                "  using Answer = tina::Answer<Shape, Call, Targets...>;",
            ]
        else:
            lines += [
                "  template <class Call>",
                "  using Answer = tina::AnswerEffect<Shape, Machine, Call>;",
            ]
    if yields(isolate):
        bit, record = numbers.yield_bit, numbers.yield_record
        arguments = f"{1 << bit:#x}>({record}, {bit});"
        lines += [
            "  /// Run again in the next pass, as `sys.Yielded`.",
            *wrap.function(
                2,
                ["  static constexpr auto yield() {"],
                [f"    return tina::internal::yield_op<{arguments}"],
            ),
        ]
    return lines


def call_objects(scope: Scope, isolate: Isolate, numbers: Numbering) -> list[Block]:
    """One object per protocol that the isolate calls: `kv.get(ref, …)`."""
    blocks: list[Block] = []
    called = [use.call.protocol for use in isolate.calls if use.call.protocol is not None]
    objects = {names.snake(qualified.rpartition(".")[2]) for qualified in called}
    taken = frozenset(objects | {io.name for io in isolate.io})
    for qualified in dict.fromkeys(called):
        protocol = scope.model.protocol(qualified)
        lines = [f"  /// The calls of {protocol.name}, as values that do nothing yet."]
        lines.append(f"  struct {protocol.name}Calls {{")
        for use in isolate.calls:
            if use.call.protocol == qualified:
                lines += _call(scope, use, numbers, taken)
        object_ = names.snake(protocol.name)
        lines += ["  };", f"  static constexpr {protocol.name}Calls {object_}{{}};"]
        blocks.append(lines)
    return blocks


def _call(scope: Scope, use: CallUse, numbers: Numbering, taken: frozenset[str]) -> list[str]:
    """The ways to make one call; that to a child path also takes a child of another shard. `taken`
    are the names of objects beside it, which a parameter must not hide."""
    if use.target.kind is not TargetKind.CHILD:
        return _way(scope, use, numbers, taken, None)
    tag_ = child_path(scope, use.target)
    return [
        *_way(scope, use, numbers, taken, f"tina::internal::own_child<{tag_}>()"),
        *_way(scope, use, numbers, taken, "callee.address"),
    ]


def _way(
    scope: Scope, use: CallUse, numbers: Numbering, taken: frozenset[str], address: str | None
) -> list[str]:
    call = use.call
    first = numbers.call_bit(call)
    request = scope.message(call)
    beside = taken | {f.name for f in call.fields}
    given = {f.name: _free(f.name, taken) for f in call.fields}
    callee = _free("callee", beside)
    target = use.target
    parameters = [f"{scope.type(f.type)} {given[f.name]}" for f in call.fields]
    if address is not None:
        assert target.isolate is not None
        if address.startswith("callee"):
            parameters.insert(0, f"tina::Child<{child_path(scope, target)}> {callee}")
            address = f"{callee}.address"
        place = tag(scope.model.isolate(target.isolate), call)
        to = [address, scope.contract(target.isolate), str(place)]
        make = "call_path"
    elif target.kind is TargetKind.PROTOCOL:
        assert target.protocol is not None
        parameters.insert(0, f"tina::ProtocolRef<{scope.protocol(target.protocol)}> {callee}")
        to = [f"{callee}.handle", f"{callee}.type", table(scope, call)]
        make = "call_any"
    elif target.kind is TargetKind.ROUTE:
        assert target.protocol is not None
        hash_ = route_hash(scope.model, call, given.__getitem__)
        assert hash_ is not None, "checked: a routed call has the argument"
        number = str(route_number(scope.model, target.protocol))
        to = [number, hash_, str(member_number(scope.model, call))]
        make = "call_by_route"
    else:
        assert target.isolate is not None
        parameters.insert(0, f"tina::Ref<{scope.isolate(target.isolate)}> {callee}")
        place = tag(scope.model.isolate(target.isolate), call)
        to = [f"{callee}.handle", scope.contract(target.isolate), str(place)]
        make = "call_of"
    values = ", ".join(f".{f.name} = {given[f.name]}" for f in call.fields)
    made = [*to, integer(call.timeout_ns), str(first), f"{request}{{{values}}}"]
    returned = f"return tina::internal::{make}<{7 << first:#x}>("
    body = wrap.call(6, returned, made, ");")
    if len(body) > 1 and call.fields:
        local = _free("request", beside)
        fill = [f"      {local}.{f.name} = {given[f.name]};" for f in call.fields]
        sent = wrap.call(6, returned, [*made[:-1], local], ");")
        body = [*wrap.assignment(6, f"{request} {local}{{}};"), *fill, *sent]
    ends = f"Ends as {call.local_name}: reply, timeout or rejected."
    doc = "\n".join(filter(None, [call.doc, ends]))
    head = f"static constexpr auto {_method(call)}("
    return [
        *wrap.comment(4, "///", doc),
        *wrap.function(
            4,
            wrap.declaration(4, head, parameters, ") {"),
            body,
        ),
    ]


def _free(word: str, taken: Set[str]) -> str:
    """A word for a local name beside others; no name of a spec ends in `_`."""
    return f"{word}_" if word in taken else word


def _method(call: Message) -> str:
    name = names.snake(call.name)
    return f"{name}_" if name in names.CPP_KEYWORDS else name


def event_sends(scope: Scope, isolate: Isolate) -> Iterator[tuple[str, Message]]:
    """What an implementer sends to subscribers: the receiver's type and the event."""
    for qualified in isolate.implements:
        protocol = scope.model.protocol(qualified)
        for event in protocol.events:
            yield f"tina::Subscriber<{scope.protocol(qualified)}>", event


def protocol_sends(scope: Scope, sends: Sequence[Send]) -> Iterator[tuple[str, Message]]:
    """Casts and events that go to a reference of a protocol."""
    for send in sends:
        if send.target.kind is not TargetKind.PROTOCOL or send.target.protocol is None:
            continue
        event = send.message.sort is MessageSort.EVENT
        kind = "Subscriber" if event else "ProtocolRef"
        yield f"tina::{kind}<{scope.protocol(send.target.protocol)}>", send.message


def send_any(scope: Scope, receiver: str, message: Message) -> Block:
    """A context's `send` to a receiver of any type."""
    moved, type_ = is_moved(message), scope.message(message)
    parameters = [f"{receiver} to", f"{type_}&& message" if moved else f"const {type_}& message"]
    function = "send_any_owned" if moved else "send_any"
    arguments = ["core()", "to.type", "to.handle", table(scope, message), "message"]
    return wrap.function(
        4,
        wrap.declaration(4, "tina::SendResult send(", parameters, ") {"),
        wrap.call(6, f"return tina::internal::{function}(", arguments, ");"),
    )


def monitors(scope: Scope, isolate: Isolate) -> Iterator[Block]:
    """A context's `monitor` and `demonitor`."""
    for qualified in isolate.monitors:
        type_ = f"tina::Ref<{scope.isolate(qualified)}> who"
        contract = scope.contract(qualified)
        for result, name, function in (
            ("tina::MonitorResult", "monitor", "start_monitor"),
            ("bool", "demonitor", "end_monitor"),
        ):
            arguments = ["core()", contract, "who.handle"]
            yield wrap.function(
                4,
                wrap.declaration(4, f"{result} {name}(", [type_], ") {"),
                wrap.call(6, f"return tina::internal::{function}(", arguments, ");"),
            )
