# SPDX-License-Identifier: Apache-2.0
"""Finding what a word of a spec means, by the trees alone, so that it works in broken specs too.

A name is looked for in the declaration that surrounds it, then in the file, then behind the short
name of an import. The language forbids names that would be ambiguous, so the first one is the one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from tina_gen.frozen import dataclass
from tina_gen.lsp.study import Study, Unit
from tina_gen.source import SourceFile, Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

Node = object
_LOCAL = (
    a.Io,
    a.Timer,
    a.State,
    a.Param,
    d.Child,
    d.Node,
    d.EnumItem,
    d.CallItem,
    d.CastItem,
    d.Op,
    d.Lane,
    d.SettingRule,
)
_CALL_ENDS = frozenset({"reply", "timeout", "rejected", "failed"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for: a declaration (`node`) in a file, and where its name is written.
    `owner` is the declaration that surrounds it; `use` is the place that was asked about."""

    node: Node
    owner: Node
    unit: Unit
    span: Span
    use: Span


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in the order of its fields."""
    if not is_dataclass(node):
        return
    for entry in fields(node):
        yield from _nodes(getattr(node, entry.name))


def _nodes(value: Node) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif is_dataclass(value) and not isinstance(value, Span | SourceFile):
        yield value


def descendants(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for child in children(node):
        yield from descendants(child)


def name_chain(node: Node, offset: int) -> list[Node]:
    """The nodes from `node` down to the innermost name around an offset; empty without one."""
    if isinstance(node, a.Name) and node.span.start <= offset <= node.span.end and node.text:
        return [node]
    for child in children(node):
        found = name_chain(child, offset)
        if found:
            return [node, *found]
    return []


def declaration_at(unit: Unit, offset: int) -> d.Decl | None:
    """The declaration that starts last before an offset."""
    before = [decl for decl in unit.tree.decls if decl.span.start <= offset]
    return max(before, key=lambda decl: decl.span.start, default=None)


def meaning_at(study: Study, unit: Unit, offset: int) -> Meaning | None:
    """What stands at an offset of a file, None if it is no name or means nothing known."""
    for item in unit.tree.imports:
        if item.span.start <= offset <= item.span.end:
            return _imported(study, unit, item)
    decl = declaration_at(unit, offset)
    chain = name_chain(decl, offset) if decl else []
    if decl is None or not chain:
        return None
    name = chain[-1]
    assert isinstance(name, a.Name)
    above = chain[-2] if len(chain) > 1 else decl
    if isinstance(above, a.QName):
        words = [part.text for part in above.parts[: above.parts.index(name) + 1]]
    else:
        words = [name.text]
        own = _declared_here(unit, decl, above, name)
        if own:
            return own
    return _special(unit, chain, name) or resolve(unit, decl, words, name.span)


def _imported(study: Study, unit: Unit, item: d.Import) -> Meaning | None:
    path = item.path.value
    for other in study.units:
        if other.tree.file.import_path == path:
            return Meaning(other.tree, unit.tree, other, other.tree.package.span, item.path.span)
    return None


def _declared_here(unit: Unit, decl: d.Decl, above: Node, name: a.Name) -> Meaning | None:
    """A name that is being declared means itself."""
    if above is decl or isinstance(above, _LOCAL):
        own = getattr(above, "name", None)
        if own is name:
            return Meaning(above, decl, unit, name.span, name.span)
    if isinstance(above, d.Shards) and above.role is name:
        return Meaning(above, decl, unit, name.span, name.span)
    return None


def _special(unit: Unit, chain: list[Node], name: a.Name) -> Meaning | None:
    """Names that belong to what stands beside them: arguments of a child, settings of an object."""
    outer = chain[-3] if len(chain) > 2 else None
    if isinstance(chain[-2], d.Route) and chain[-2].argument is name:
        found = declared(unit, chain[-2].protocol, name.span)
        return _member(found, name.text, name.span) if found else None
    if isinstance(chain[-2], d.Argument) and isinstance(outer, d.Child):
        found = declared(unit, outer.target, name.span)
        return _member(found, name.text, name.span) if found else None
    if isinstance(chain[-2], a.Setting) and isinstance(outer, a.Io):
        found = declared(unit, outer.kind, name.span)
        return _member(found, name.text, name.span) if found else None
    return None


def resolve(unit: Unit, decl: Node, words: list[str], use: Span) -> Meaning | None:
    """What a dotted name means inside of a declaration of a file."""
    found = _local(unit, decl, words[0], use)
    rest = words[1:]
    if found is None:
        found, rest = _outside(unit, words, use)
    for word in rest:
        found = _member(found, word, use) if found else None
    return found


def declared(unit: Unit, name: a.QName, use: Span) -> Meaning | None:
    """The declaration of a file or of one that it imports with this name."""
    found, rest = _outside(unit, [part.text for part in name.parts], use)
    return found if not rest else None


def _outside(unit: Unit, words: list[str], use: Span) -> tuple[Meaning | None, list[str]]:
    """What the first words mean in a file, and the words behind them."""
    first, rest = words[0], words[1:]
    if first in unit.imports:
        other = unit.imports[first]
        if rest:
            return _global(other, other.names.get(rest[0]), use), rest[1:]
        return Meaning(other.tree, unit.tree, other, other.tree.package.span, use), []
    return _global(unit, unit.names.get(first), use), rest


def _global(unit: Unit, target: d.Decl | None, use: Span) -> Meaning | None:
    if target is None or isinstance(target, d.Scenario):
        return None
    return Meaning(target, unit.tree, unit, target.name.span, use)


def _local(unit: Unit, decl: Node, word: str, use: Span) -> Meaning | None:
    for node in descendants(decl):
        if not isinstance(node, (*_LOCAL, d.Shards)):
            continue
        name = node.role if isinstance(node, d.Shards) else node.name
        if name.text == word:
            return Meaning(node, decl, unit, name.span, use)
    return None


def _member(of: Meaning, word: str, use: Span) -> Meaning | None:
    """What `of.word` means."""
    node = of.node
    if isinstance(node, a.Io | d.Child):
        target = node.kind if isinstance(node, a.Io) else node.target
        kind = declared(of.unit, target, use)
        return _member(kind, word, use) if kind else None
    if isinstance(node, d.Kind):
        for lane in node.lanes:
            for op in lane.operations:
                if word in (op.completion.text, op.name.text):
                    span = op.completion.span if word == op.completion.text else op.name.span
                    return Meaning(op, node, of.unit, span, use)
    if isinstance(node, d.Shards):
        for root in node.roots:
            if root.supervisor.parts[-1].text == word:
                return declared(of.unit, root.supervisor, use)
    if isinstance(node, d.CallItem) and word in _CALL_ENDS:
        return Meaning(node, of.owner, of.unit, of.span, use)
    if isinstance(node, d.Decl):
        return _local(of.unit, node, word, use)
    return None
