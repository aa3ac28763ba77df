# SPDX-License-Identifier: Apache-2.0
"""The names that a place of a spec can see, as an editor proposes them."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.codes import CODES
from tina_gen.frozen import dataclass
from tina_gen.lsp.lookup import declared, descendants
from tina_gen.lsp.study import Unit
from tina_gen.lsp.words import TYPES
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.waivers import WAIVABLE


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of a list: `kind` in the words of the protocol, `detail` stands behind it."""

    label: str
    kind: str
    detail: str = ""
    doc: str = ""


_CALL_ENDS = ("reply", "timeout", "rejected", "failed")
_KINDS: dict[type, str] = {
    d.Const: "Constant",
    d.Record: "Struct",
    d.Enum: "Enum",
    d.Alias: "Class",
    d.Kind: "Interface",
    d.Protocol: "Interface",
    d.Isolate: "Class",
    d.Supervisor: "Module",
    d.System: "Module",
    d.Faults: "Event",
}


def _proposal(decl: d.Decl, label: str) -> Proposal:
    detail = decl.word if isinstance(decl, d.Record) else type(decl).__name__.lower()
    return Proposal(label, _KINDS.get(type(decl), "Text"), detail, decl.doc)


def visible(unit: Unit) -> Iterator[tuple[str, d.Decl, Unit]]:
    """Every declaration of a file and of what it imports, with the name to write for it."""
    for name, decl in unit.names.items():
        if name:
            yield name, decl, unit
    for short, other in unit.imports.items():
        for name, decl in other.names.items():
            yield f"{short}.{name}", decl, other


def of(unit: Unit, *sorts: type[d.Decl]) -> Iterator[Proposal]:
    """The visible declarations of some sorts."""
    for name, decl, _ in visible(unit):
        if isinstance(decl, sorts):
            yield _proposal(decl, name)


def messages(unit: Unit) -> Iterator[Proposal]:
    """What can be sent: the visible messages, without those of the runtime, casts and events."""
    for name, decl, other in visible(unit):
        if isinstance(decl, d.Record) and decl.word == "message" and other.package != "tina.sys":
            yield _proposal(decl, name)
        for item in decl.items if isinstance(decl, d.Protocol) else ():
            if isinstance(item, d.CastItem):
                yield Proposal(f"{name}.{item.name.text}", "Method", item.word, item.doc)


def types(unit: Unit) -> Iterator[Proposal]:
    """The built-in types and the visible ones."""
    yield from (Proposal(word, "Keyword", "built-in type") for word in TYPES)
    for name, decl, _ in visible(unit):
        is_type = isinstance(decl, d.Enum | d.Alias | d.Kind)
        if is_type or (isinstance(decl, d.Record) and decl.word != "message"):
            yield _proposal(decl, name)


def enumerators(unit: Unit) -> Iterator[Proposal]:
    """The values of the visible enums, with the name of the enum before them."""
    for name, decl, _ in visible(unit):
        for item in decl.items if isinstance(decl, d.Enum) else ():
            yield Proposal(f"{name}.{item.name.text}", "EnumMember", "", item.doc)


def children(unit: Unit) -> Iterator[Proposal]:
    """The children of the visible supervisors, by their paths."""
    for name, decl, _ in visible(unit):
        for item in decl.items if isinstance(decl, d.Supervisor) else ():
            if isinstance(item, d.Child):
                yield Proposal(f"{name}.{item.name.text}", "Field", item.target.text, item.doc)


def codes() -> Iterator[Proposal]:
    """The codes that an `allow` can name."""
    for code, meaning in CODES.items():
        if code.startswith("W") or code in WAIVABLE:
            yield Proposal(code, "Constant", meaning)


def calls(unit: Unit) -> Iterator[Proposal]:
    """The calls of the visible protocols."""
    for name, decl, _ in visible(unit):
        if isinstance(decl, d.Protocol):
            for item in decl.items:
                if isinstance(item, d.CallItem):
                    yield Proposal(f"{name}.{item.name.text}", "Method", "call", item.doc)


def results(unit: Unit, decl: d.Decl | None) -> Iterator[Proposal]:
    """The results of an isolate's own actions: completions, timers, ends of calls."""
    for item in decl.items if isinstance(decl, d.Isolate) else ():
        if isinstance(item, a.Io):
            for proposal in completions(unit, item):
                label = f"{item.name.text}.{proposal.label}"
                yield Proposal(label, proposal.kind, proposal.detail, proposal.doc)
        elif isinstance(item, a.Timer):
            yield Proposal(item.name.text, "Event", "timer", item.doc)
        elif isinstance(item, a.Calls):
            for call in item.calls:
                for end in _CALL_ENDS:
                    yield Proposal(f"{call.text}.{end}", "Event", "end of a call")


def events(unit: Unit, decl: d.Decl | None, calls_only: bool = False) -> Iterator[Proposal]:
    """What others can send to an isolate: messages, and calls, casts and events of protocols."""
    served = decl.implements if isinstance(decl, d.Isolate) else ()
    heard = decl.subscribes if isinstance(decl, d.Isolate) else ()
    for protocol, hears in [*((one, False) for one in served), *((one, True) for one in heard)]:
        found = declared(unit, protocol, protocol.span)
        if found is None or not isinstance(found.node, d.Protocol):
            continue
        for item in found.node.items:
            word = "call" if isinstance(item, d.CallItem) else item.word
            if (word == "event") == hears and (word == "call" or not calls_only):
                yield Proposal(f"{protocol.text}.{item.name.text}", "Method", word, item.doc)
    for name, other, _ in visible(unit) if not calls_only else ():
        if isinstance(other, d.Record) and other.word == "message":
            yield _proposal(other, name)


def completions(unit: Unit, io: a.Io) -> Iterator[Proposal]:
    """The completions of an I/O object."""
    found = declared(unit, io.kind, io.kind.span)
    if found is not None and isinstance(found.node, d.Kind):
        for lane in found.node.lanes:
            for op in lane.operations:
                detail = f"end of {io.name.text}.{op.name.text}()"
                yield Proposal(op.completion.text, "Event", detail, op.doc)


def settings(unit: Unit, io: a.Io) -> Iterator[Proposal]:
    """The settings of an I/O object."""
    found = declared(unit, io.kind, io.kind.span)
    if found is not None and isinstance(found.node, d.Kind):
        for rule in found.node.settings:
            detail = rule.type.span.text if rule.type else "flag"
            yield Proposal(rule.name.text, "Property", detail)


def states(decl: d.Decl | None) -> Iterator[Proposal]:
    """The states of an isolate, nested ones too."""
    for node in descendants(decl):
        if isinstance(node, a.State) and node.name.text:
            detail = "final state" if node.is_final else "state"
            yield Proposal(node.name.text, "EnumMember", detail, node.doc)


def arguments(decl: d.Decl | None) -> Iterator[Proposal]:
    """The arguments of an isolate's `init`."""
    for item in decl.items if isinstance(decl, d.Isolate) else ():
        for param in item.params if isinstance(item, a.Init) else ():
            yield Proposal(param.name.text, "Field", param.type.span.text, param.doc)


def members(
    unit: Unit, decl: d.Decl | None, words: list[str], arguments: bool = False
) -> Iterator[Proposal]:
    """What may stand behind a dotted prefix; with `arguments` what a child's parentheses take."""
    if words[0] in unit.imports and len(words) == 1 and not arguments:
        other = unit.imports[words[0]]
        yield from (_proposal(found, name) for name, found in other.names.items())
        return
    for item in decl.items if isinstance(decl, d.Isolate) else ():
        if isinstance(item, a.Io) and item.name.text == words[0]:
            yield from completions(unit, item)
        if isinstance(item, a.Calls) and ".".join(words) in [call.text for call in item.calls]:
            for end in _CALL_ENDS:
                yield Proposal(end, "Event", "end of a call")
    if words[0] == "shard":
        yield from (Proposal(word, "Variable", "u32") for word in ("index", "count"))
    owner = unit.imports.get(words[0], unit)
    yield from _of_declaration(owner.names.get(words[-1]), arguments)


def _of_declaration(found: d.Decl | None, with_arguments: bool) -> Iterator[Proposal]:
    match found:
        case d.Isolate() if with_arguments:
            yield from arguments(found)
        case d.Enum(items=items):
            yield from (Proposal(item.name.text, "EnumMember", "", item.doc) for item in items)
        case d.Protocol(items=items):
            for item in items:
                word = "call" if isinstance(item, d.CallItem) else item.word
                yield Proposal(item.name.text, "Method", word, item.doc)
        case d.Supervisor(items=items):
            for child in items:
                if isinstance(child, d.Child):
                    yield Proposal(child.name.text, "Field", child.target.text, child.doc)
