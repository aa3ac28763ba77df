# SPDX-License-Identifier: Apache-2.0
"""Says whether tokens are a sentence of `idl/grammar.ebnf`, without the parser: its judge.

Every way to read the tokens is followed at once. Where a word of the grammar can begin an
alternative, it decides: that is how words are reserved only where a clause may begin.
"""

from __future__ import annotations

import functools

from grammar import Node, rules

from tina_gen.syntax.tokens import Token, TokenKind

_KINDS = {
    "NAME": TokenKind.NAME,
    "INT": TokenKind.INT,
    "FLOAT": TokenKind.FLOAT,
    "QUANTITY": TokenKind.QUANTITY,
    "STRING": TokenKind.STRING,
}
# What follows tells here whether the word is meant or a thing with its name.
_UNDECIDED = frozenset({"target", "clause"})


@functools.cache
def _nullable(node: Node) -> bool:
    match node.kind:
        case "option" | "repeat":
            return True
        case "word":
            return False
        case "rule":
            return node.text not in _KINDS and _nullable(rules()[node.text])
        case "choice":
            return any(map(_nullable, node.parts))
        case _:
            return all(map(_nullable, node.parts))


@functools.cache
def _first(node: Node) -> frozenset[str]:
    """The words with which a part can begin."""
    match node.kind:
        case "word":
            return frozenset({node.text})
        case "rule":
            return frozenset() if node.text in _KINDS else _first(rules()[node.text])
        case "sequence":
            found: frozenset[str] = frozenset()
            for part in node.parts:
                found |= _first(part)
                if not _nullable(part):
                    break
            return found
        case _:
            return frozenset().union(*map(_first, node.parts))


def accepts(tokens: list[Token]) -> bool:
    """Whether the tokens, the last of which is END, are a whole file."""
    memory: dict[tuple[int, int], frozenset[int]] = {}

    def ends(node: Node, at: int, rule: str) -> frozenset[int]:
        key = (id(node), at)
        if key not in memory:
            memory[key] = frozenset()
            memory[key] = frozenset(read(node, at, rule))
        return memory[key]

    def one(node: Node, at: int) -> set[int]:
        token = tokens[at]
        if node.kind == "rule":
            return {at + 1} if token.kind is _KINDS[node.text] else set()
        plain = token.kind in (TokenKind.NAME, TokenKind.PUNCTUATION)
        return {at + 1} if plain and token.text == node.text else set()

    def read(node: Node, at: int, rule: str) -> set[int]:
        match node.kind:
            case "word":
                return one(node, at)
            case "rule" if node.text in _KINDS:
                return one(node, at)
            case "rule":
                return set(ends(rules()[node.text], at, node.text))
            case "choice":
                parts = [part for part in node.parts if tokens[at].text in _first(part)]
                decided = parts and rule not in _UNDECIDED and tokens[at].kind is TokenKind.NAME
                return set().union(
                    *(ends(part, at, rule) for part in (parts if decided else node.parts))
                )
            case "option":
                return {at} | ends(node.parts[0], at, rule)
            case "repeat":
                found, new = {at}, {at}
                while new:
                    new = set().union(*(ends(node.parts[0], place, rule) for place in new)) - found
                    found |= new
                return found
            case _:
                places = {at}
                for part in node.parts:
                    places = set().union(*(ends(part, place, rule) for place in places))
                return places

    return len(tokens) - 1 in ends(rules()["file"], 0, "file")
