# SPDX-License-Identifier: Apache-2.0
"""Random specs from `idl/grammar.ebnf`: every sentence of the grammar may come up.

The grammar file is read as it is, so what the language grows is tested without a change here.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st
from specs import ROOT

_TOKEN = re.compile(r'"[^"]*"|[A-Za-z_]+|[=;|{}\[\]()]')
_DEPTH_MAX = 14
_WORDS = {
    "NAME": ["A", "b", "Some", "x1", "to", "local", "route", "others", "max", "on", "state", "in"],
    "INT": ["0", "1", "0xFF", "1_000"],
    "FLOAT": ["1.5", "2.0e3"],
    "QUANTITY": ["1s", "20ms", "2KiB", "1.5s"],
    "STRING": ['"a"', '"// no comment"', '""', '"\\n;{"'],
}
# Names that stand where a clause may begin.
_FREE = ["A", "b", "x1", "max", "others"]
_VALUES = ("expr", "sum", "unary")
# Declarations with many kinds of items, so that each of these comes up often enough.
_RICH = ("isolate", "isolate", "system", "supervisor")
_OPERATORS = ("+", "-", "*", "/", "%")


@dataclass(frozen=True)
class Node:
    """A part of a rule: `word`, `rule`, `sequence`, `choice`, `option` or `repeat`."""

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    def choice(self) -> Node:
        parts = [self.sequence()]
        while self.tokens[self.place] == "|":
            self.place += 1
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Node("choice", parts=tuple(parts))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.tokens[self.place] not in ("|", ")", "]", "}", ";"):
            parts.append(self.part())
        return Node("sequence", parts=tuple(parts))

    def part(self) -> Node:
        token = self.tokens[self.place]
        self.place += 1
        kind = {"(": "sequence", "[": "option", "{": "repeat"}.get(token)
        if kind is None:
            return Node("word", token[1:-1]) if token[0] == '"' else Node("rule", token)
        inner = self.choice()
        self.place += 1
        return Node(kind, parts=(inner,))


@functools.cache
def rules() -> dict[str, Node]:
    """The rules of the grammar by name."""
    text = (ROOT / "idl" / "grammar.ebnf").read_text(encoding="utf-8")
    reader = _Reader(_TOKEN.findall(re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)))
    found: dict[str, Node] = {}
    while reader.place < len(reader.tokens):
        name = reader.tokens[reader.place]
        reader.place += 2
        found[name] = reader.choice()
        reader.place += 1
    return found


def sentence(random: Random) -> list[str]:
    """The words of one spec, within the limits on nesting and operators."""
    words: list[str] = []
    operators = 0  # in this declaration

    def write(node: Node, depth: int) -> None:
        nonlocal operators
        match node.kind:
            case "word":
                operators += node.text in _OPERATORS
                words.append(node.text)
            case "rule" if node.text == "NAME" and words[-1] in ("{", "}", ";"):
                words.append(random.choice(_FREE))
            case "rule" if node.text in _WORDS:
                words.append(random.choice(_WORDS[node.text]))
            case "rule" if node.text in _VALUES and (depth > _DEPTH_MAX or operators > 40):
                words.append("1")
            case "rule" if node.text == "decl":
                operators = 0
                chosen = random.choice([rules()["decl"], *map(rules().get, _RICH)])
                write(chosen or rules()["decl"], depth + 1)
            case "rule":
                write(rules()[node.text], depth + 1)
            case "choice":
                write(random.choice(node.parts), depth)
            case "option":
                if depth <= _DEPTH_MAX and random.random() < 0.5:
                    write(node.parts[0], depth)
            case "repeat":
                most = 3 if random.random() < 0.8 else 8
                for _ in range(0 if depth > _DEPTH_MAX else random.randint(0, most)):
                    write(node.parts[0], depth)
            case _:
                for part in node.parts:
                    write(part, depth)

    write(rules()["file"], 0)
    words[1] = "1"  # the one edition
    return words


@functools.cache
def quoted() -> list[str]:
    """Every word and mark of the grammar."""
    found: set[str] = set()
    left = list(rules().values())
    while left:
        node = left.pop()
        left += node.parts
        found |= {node.text} if node.kind == "word" else set()
    return sorted(found)


def mutated(words: list[str], random: Random) -> list[str]:
    """A sentence with one to three words left out, put in, exchanged or swapped."""
    words = list(words)
    for _ in range(random.randint(1, 3)):
        place, other = (random.randrange(2, len(words)) for _ in range(2))
        new = random.choice([random.choice(words), random.choice(quoted())])
        match random.randrange(4):
            case 0 if len(words) > 6:
                del words[place]
            case 1:
                words.insert(place, new)
            case 2:
                words[place] = new
            case _:
                words[place], words[other] = words[other], words[place]
    return words


_GAPS = [" ", " ", " ", " ", "  ", "\n", "\n", "\n\n\n", "\t", "\r\n"]
_COMMENTS = [
    " // note\n",
    "\n// own\n",
    "\n/// doc\n",
    " /// doc behind\n",
    "\n\n//\n\n",
    "\n///\n",
]


def scattered(words: list[str], random: Random) -> str:
    """The words with random blanks, line ends and comments between them."""
    pieces = [random.choice(["", *_GAPS, *_COMMENTS])]
    for word in words:
        pieces += [word, random.choice(_GAPS * 3 + _COMMENTS)]
    return "".join(pieces)


# A whole spec is drawn from one number: thousands of small draws are slow and shrink no better.
SPECS = st.integers(0, 2**32).map(Random)
