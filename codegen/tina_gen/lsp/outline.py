# SPDX-License-Identifier: Apache-2.0
"""The outline of a file: its declarations with what each declares inside."""

from __future__ import annotations

from tina_gen.frozen import dataclass
from tina_gen.lsp.blocks import extent, tokens_of
from tina_gen.lsp.study import Unit
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Token

# The kind of an entry, in the words of the protocol.
_KINDS: dict[type, str] = {
    d.Const: "Constant",
    d.Alias: "Class",
    d.Enum: "Enum",
    d.Record: "Struct",
    d.Protocol: "Interface",
    d.Kind: "Interface",
    d.Isolate: "Class",
    d.Supervisor: "Module",
    d.System: "Package",
    d.Faults: "Event",
    d.Scenario: "Event",
    d.Property: "Boolean",
    d.EnumItem: "EnumMember",
    d.CallItem: "Method",
    d.CastItem: "Method",
    d.Op: "Method",
    d.Child: "Object",
    d.Shards: "Object",
    d.Node: "Object",
    a.Param: "Field",
    a.Io: "Field",
    a.Timer: "Event",
    a.State: "EnumMember",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outline, with the characters of all of it and of its name."""

    name: str
    detail: str
    kind: str
    start: int
    end: int
    name_start: int
    name_end: int
    children: tuple[Entry, ...]


def outline(unit: Unit) -> list[Entry]:
    """All declarations of a file, in order."""
    tokens = tokens_of(unit.tree.file)
    return [entry for decl in unit.tree.decls if (entry := _entry(decl, tokens))]


def _inside(node: object) -> tuple[object, ...]:
    """What an entry shows below itself."""
    match node:
        case d.Record(fields=fields):
            return fields
        case d.Enum(items=items) | d.Protocol(items=items):
            return items
        case d.Kind(lanes=lanes):
            return tuple(op for lane in lanes for op in lane.operations)
        case d.Isolate(items=items):
            return tuple(x for item in items for x in _of_isolate(item))
        case a.State(items=items):
            return tuple(item for item in items if isinstance(item, a.State))
        case d.Supervisor(items=items):
            return tuple(item for item in items if isinstance(item, d.Child))
        case d.System(items=items):
            return tuple(item for item in items if isinstance(item, d.Shards))
        case d.Scenario(nodes=nodes):
            return nodes
    return ()


def _of_isolate(item: object) -> tuple[object, ...]:
    match item:
        case a.Machine(items=items):
            return tuple(inner for inner in items if isinstance(inner, a.State))
        case a.Init(params=params):
            return params
        case a.Io() | a.Timer():
            return (item,)
    return ()


def _entry(node: object, tokens: list[Token]) -> Entry | None:
    name = _name(node)
    if name is None or type(node) not in _KINDS:
        return None
    span = name.span
    start = min(span.start, getattr(node, "span", span).start)
    inner = tuple(entry for child in _inside(node) if (entry := _entry(child, tokens)))
    # A parameter has no end of its own: it ends with its span.
    end = node.span.end if isinstance(node, a.Param) else extent(tokens, span.start).end
    end = max([end, span.end, *(entry.end for entry in inner)])
    text = name.value if isinstance(name, a.Text) else name.text
    return Entry(
        text or "?",
        _detail(node),
        _KINDS[type(node)],
        start,
        end,
        span.start,
        span.end,
        inner,
    )


def _name(node: object) -> a.Name | a.Text | None:
    if isinstance(node, d.Scenario):
        return node.title
    if isinstance(node, d.Shards):
        return node.role
    name = getattr(node, "name", None)
    return name if isinstance(name, a.Name) else None


def _detail(node: object) -> str:
    match node:
        case d.Record(word=word) | d.CastItem(word=word) | d.Property(word=word):
            return word
        case a.Param(type=kind) | d.Const(type=kind) | d.Alias(type=kind):
            return kind.span.text
        case a.Io(kind=kind):
            return kind.text
        case a.State(is_final=True):
            return "final state"
        case d.Child(target=target):
            return target.text
        case d.Shards():
            return "role"
        case d.Op(completion=completion):
            return f"-> {completion.text}"
    return type(node).__name__.removesuffix("Item").lower()
