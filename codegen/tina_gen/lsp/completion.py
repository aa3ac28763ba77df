# SPDX-License-Identifier: Apache-2.0
"""What may be written next at a place: words of the grammar, and names that fit there.

The place is judged by the tokens before it, so an unfinished item is no obstacle; names come from
the trees. An editor narrows the list by what has been typed, so nothing is narrowed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tina_gen.frozen import dataclass
from tina_gen.lsp import names
from tina_gen.lsp.blocks import Surroundings, in_comment_or_string, surroundings
from tina_gen.lsp.names import Proposal
from tina_gen.lsp.study import Unit
from tina_gen.lsp.words import (
    BOUNDS,
    EXPECTED,
    FOLLOWING,
    ITEMS,
    LIMITS,
    SETTINGS,
    SHARD_VALUES,
    STRATEGIES,
)
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

_WORD_BEFORE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CLAUSES = ("on", "ignore", "defer", "reject")
_ARROWS = ("->", "=>", "|")
# Behind these a name or value must follow, never one of the words that join parts of an item.
_OPENING = frozenset(
    (
        *(*_ARROWS, "on", "dynamic", "child", "(", ",", "=", ":", "else", "to", "under", "spawns"),
        *("sends", "calls", "implements", "subscribes", "over", "route", "root"),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to be written: what surrounds it, the last token before it, the file, and
    the isolate or other declaration around it if its tree is known."""

    around: Surroundings
    last: str
    unit: Unit
    decl: d.Decl | None

    @property
    def first(self) -> str:
        """The first word of the item, without `final`."""
        words = [token.text for token in self.around.item]
        return words[0] if words else ""

    @property
    def block(self) -> str:
        """The kind of the innermost block, empty at the top of a file."""
        return self.around.blocks[-1].word if self.around.blocks else ""

    def has(self, word: str) -> bool:
        """Whether a word or mark stands before in the same item."""
        return any(token.text == word for token in self.around.item)


def completion(unit: Unit, text: str, offset: int) -> list[Proposal]:
    """All that may stand at an offset of `text`, each label once. `unit` may be a little older."""
    before = text[:offset]
    if in_comment_or_string(before):
        return []
    word = _WORD_BEFORE.search(before)
    before = before[: word.start()] if word else before
    around = surroundings(before)
    outer = around.blocks[0] if around.blocks else None
    decl = unit.names.get(outer.name) if outer else None
    last = around.item[-1].text if around.item else ""
    place = Place(around, last, unit, decl)
    words = _prefix([token.text for token in around.item])
    proposals = names.members(unit, decl, words) if words else _at(place)
    return list({proposal.label: proposal for proposal in proposals}.values())


def _prefix(item: list[str]) -> list[str]:
    """The words of a dotted name that ends an item with a dot: `a.b.` gives a, b."""
    words: list[str] = []
    while len(item) > 1 and item[-1] == ".":
        words.insert(0, item[-2])
        item = item[:-2]
    return words


def _at(p: Place) -> Iterator[Proposal]:
    if not p.around.item:
        yield from _words(ITEMS.get(p.block, ()))
        yield from _settings(p)
        if p.unit.tree.package.text == "" and not p.block:
            yield from _words(("tina", "package"))
        return
    if p.last == ":" and p.first not in ("io", "child", "node", "property"):
        yield from names.types(p.unit)
        return
    if p.last == "<":
        before = p.around.item[-2].text if len(p.around.item) > 1 else ""
        yield from names.of(p.unit, *([] if before == "subscriber" else [d.Isolate]), d.Protocol)
        return
    if p.block in ("isolate", "machine", "state"):
        yield from _in_isolate(p)
    elif p.block == "supervisor":
        yield from _in_supervisor(p)
    else:
        yield from _elsewhere(p)
    if p.last not in _OPENING:
        yield from _words(FOLLOWING.get(p.first, ()))


def _in_isolate(p: Place) -> Iterator[Proposal]:
    first, last = p.first, p.last
    if last in _ARROWS or first == "initial":
        yield from names.states(p.decl)
        if last != "=>" and first != "initial":
            yield Proposal("stay", "Keyword", "leave nothing: the state goes on")
    elif first in _CLAUSES and (last in _CLAUSES or last == ","):
        if first in ("on", "ignore"):
            yield from names.results(p.unit, p.decl)
        yield from names.events(p.unit, p.decl, calls_only=first == "reject")
        if last == "defer":
            yield Proposal("others", "Keyword", "every message that the state does not mention")
    elif first in ("sends", "calls"):
        yield from _sends(p)
    elif first == "spawns":
        yield from names.of(p.unit, d.Supervisor if last == "under" else d.Isolate)
    elif first == "monitors":
        yield from names.of(p.unit, d.Isolate)
    elif first == "allow" and last == "allow":
        yield from names.codes()
    elif first == "io":
        if last == ":":
            yield from names.of(p.unit, d.Kind)
        elif last == "=":
            yield from names.arguments(p.decl)
    elif last in ("after", "every", "="):
        yield from names.of(p.unit, d.Const)


def _sends(p: Place) -> Iterator[Proposal]:
    if not p.has("to"):
        yield from names.messages(p.unit) if p.first == "sends" else names.calls(p.unit)
        return
    if p.last != "route":
        yield from names.of(p.unit, d.Isolate, d.Protocol)
        yield from names.children(p.unit)
    if p.last == "to":
        yield from _words(("local", "route"))
    if p.last == "route":
        yield from names.of(p.unit, d.Protocol)


def _in_supervisor(p: Place) -> Iterator[Proposal]:
    first, last = p.first, p.last
    if first == "strategy":
        yield from _words(STRATEGIES, "EnumMember")
    elif first == "auto_shutdown":
        yield from _words(BOUNDS, "EnumMember")
    elif last == "else":
        yield from _words(LIMITS, "EnumMember")
    elif first == "child" and last == ":":
        yield from names.of(p.unit, d.Isolate, d.Supervisor)
    elif first == "child" and last in ("(", ","):
        words = [token.text for token in p.around.item[3:] if token.text != "."]
        target = words[: words.index("(")] if "(" in words else []
        if target:
            yield from names.members(p.unit, None, target, arguments=True)
    elif last == "dynamic":
        yield from names.of(p.unit, d.Isolate)
    elif last in ("=", "*", "max", "in", "shutdown", "restarts"):
        yield from names.of(p.unit, d.Const)
        if last == "=":
            yield from _words(SHARD_VALUES, "Variable")


def _elsewhere(p: Place) -> Iterator[Proposal]:
    first, last = p.first, p.last
    if first == "root":
        yield from names.of(p.unit, d.Supervisor)
    elif first == "channel" and isinstance(p.decl, d.System):
        roles = [item.role.text for item in p.decl.items if isinstance(item, d.Shards)]
        yield from _words(roles, "Variable")
    elif last == "over" and isinstance(p.decl, d.System):
        for item in p.decl.items:
            if isinstance(item, d.Shards):
                yield Proposal(item.role.text, "Object", "role")
    elif last in ("route", "implements", "subscribes"):
        yield from names.of(p.unit, d.Protocol)
    elif first == "node":
        yield from names.of(p.unit, d.System)
    elif first == "with":
        yield from names.of(p.unit, d.Faults)
    elif first == "expect":
        yield from _words(EXPECTED, "EnumMember")
    elif last == "=" or p.block not in ("", "scenario", "protocol", "kind", "lane"):
        yield from names.of(p.unit, d.Const)
        if last == "=":
            yield from names.enumerators(p.unit)
            yield from _words(("true", "false"))


def _settings(p: Place) -> Iterator[Proposal]:
    yield from (Proposal(word, "Property", "a setting") for word in SETTINGS.get(p.block, ()))
    if p.block == "io" and isinstance(p.decl, d.Isolate):
        for item in p.decl.items:
            if isinstance(item, a.Io) and item.name.text == p.around.blocks[-1].name:
                yield from names.settings(p.unit, item)


def _words(words: Iterable[str], kind: str = "Keyword") -> Iterator[Proposal]:
    return (Proposal(word, kind) for word in words)
