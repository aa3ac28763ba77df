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


class _Reading:
    """All ways to read some tokens, the last of which is END."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.memory: dict[tuple[int, int], frozenset[int]] = {}

    def ends(self, node: Node, at: int, rule: str) -> frozenset[int]:
        """The places behind a part of `rule` that begins at a token."""
        key = (id(node), at)
        if key not in self.memory:
            self.memory[key] = frozenset()
            self.memory[key] = frozenset(self._read(node, at, rule))
        return self.memory[key]

    def _one(self, node: Node, at: int) -> set[int]:
        token = self.tokens[at]
        if node.kind == "rule":
            return {at + 1} if token.kind is _KINDS[node.text] else set()
        plain = token.kind in (TokenKind.NAME, TokenKind.PUNCTUATION)
        return {at + 1} if plain and token.text == node.text else set()

    def _alternatives(self, node: Node, at: int, rule: str) -> tuple[Node, ...]:
        token = self.tokens[at]
        parts = tuple(part for part in node.parts if token.text in _first(part))
        decided = parts and rule not in _UNDECIDED and token.kind is TokenKind.NAME
        return parts if decided else node.parts

    def _read(self, node: Node, at: int, rule: str) -> set[int]:
        match node.kind:
            case "word":
                return self._one(node, at)
            case "rule" if node.text in _KINDS:
                return self._one(node, at)
            case "rule":
                return set(self.ends(rules()[node.text], at, node.text))
            case "choice":
                parts = self._alternatives(node, at, rule)
                return set().union(*(self.ends(part, at, rule) for part in parts))
            case "option":
                return {at} | self.ends(node.parts[0], at, rule)
            case "repeat":
                found, new = {at}, {at}
                while new:
                    new = (
                        set().union(*(self.ends(node.parts[0], place, rule) for place in new))
                        - found
                    )
                    found |= new
                return found
            case _:
                places = {at}
                for part in node.parts:
                    places = set().union(*(self.ends(part, place, rule) for place in places))
                return places

    # ---- one of the ways ----

    def used(self, node: Node, at: int, end: int, rule: str, found: set[str]) -> None:
        """Adds what reads the tokens from `at` to `end`: alternatives, options and repeats."""
        match node.kind:
            case "rule" if node.text not in _KINDS:
                self.used(rules()[node.text], at, end, node.text, found)
            case "choice":
                parts = self._alternatives(node, at, rule)
                fits = [part for part in parts if end in self.ends(part, at, rule)]
                # A word that means itself is read as itself, also where a name could stand.
                part = max(fits, key=lambda part: self.tokens[at].text in _first(part))
                found.add(f"{rule}: {shown(part)}")
                self.used(part, at, end, rule, found)
            case "option" if at != end:
                found.add(f"{rule}: {shown(node)}")
                self.used(node.parts[0], at, end, rule, found)
            case "repeat" if at != end:
                found.add(f"{rule}: {shown(node)}")
                self._rounds(node, at, end, rule, found)
            case "sequence":
                self._steps(node.parts, at, end, rule, found)

    def _rounds(self, node: Node, at: int, end: int, rule: str, found: set[str]) -> None:
        """The rounds of a repeat; each is as long as it can be."""
        while at != end:
            places = self.ends(node.parts[0], at, rule)
            after = max(p for p in places if p <= end and end in self.ends(node, p, rule) | {p})
            self.used(node.parts[0], at, after, rule, found)
            at = after

    def _steps(
        self, parts: tuple[Node, ...], at: int, end: int, rule: str, found: set[str]
    ) -> None:
        """The parts of a sequence: the places between them are found from behind."""
        reached = [{at}]
        for part in parts:
            reached.append(set().union(*(self.ends(part, p, rule) for p in reached[-1])))
        for number in range(len(parts) - 1, -1, -1):
            part = parts[number]
            start = max(p for p in reached[number] if end in self.ends(part, p, rule))
            self.used(part, start, end, rule, found)
            end = start


def shown(node: Node) -> str:
    """A part of a rule in the words of the grammar."""
    inner = " | " if node.kind == "choice" else " "
    text = inner.join(map(shown, node.parts))
    match node.kind:
        case "word":
            return f'"{node.text}"'
        case "rule":
            return node.text
        case "option":
            return f"[ {text} ]"
        case "repeat":
            return f"{{ {text} }}"
        case "choice":
            return f"( {text} )"
        case _:
            return text


def productions() -> set[str]:
    """Whatever a sentence can do in different ways: the alternatives, options and repeats of all
    rules."""
    found: set[str] = set()
    for rule, whole in rules().items():
        left = [whole]
        while left:
            node = left.pop()
            left += node.parts
            if node.kind == "choice":
                found |= {f"{rule}: {shown(part)}" for part in node.parts}
            elif node.kind in ("option", "repeat"):
                found.add(f"{rule}: {shown(node)}")
    return found


def accepts(tokens: list[Token]) -> bool:
    """Whether the tokens, the last of which is END, are a whole file."""
    return len(tokens) - 1 in _Reading(tokens).ends(rules()["file"], 0, "file")


def used(tokens: list[Token]) -> set[str]:
    """Those of `productions` by which the tokens, which are a whole file, can be read."""
    found: set[str] = set()
    _Reading(tokens).used(rules()["file"], 0, len(tokens) - 1, "file", found)
    return found
