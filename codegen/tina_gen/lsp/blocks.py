# SPDX-License-Identifier: Apache-2.0
"""Where braces open and close: the extent of a declaration, and what surrounds a place.

Works on tokens, so it needs no intact tree.
"""

from __future__ import annotations

from tina_gen.frozen import dataclass
from tina_gen.source import SourceFile
from tina_gen.syntax.lexer import Lexer
from tina_gen.syntax.tokens import Token, TokenKind

_PREFIXES = ("final",)


@dataclass(frozen=True, slots=True)
class Block:
    """An open block: the tokens of the item that opened it, such as `state Reading`."""

    head: tuple[Token, ...]

    @property
    def word(self) -> str:
        """What kind of item it is: `state`, `isolate`, `shards`."""
        words = [token.text for token in self.head if token.text not in _PREFIXES]
        return words[0] if words else ""

    @property
    def name(self) -> str:
        """The name behind the word, empty without one."""
        words = [token.text for token in self.head if token.text not in _PREFIXES]
        return words[1] if len(words) > 1 else ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The open blocks around a place, outermost first, and the tokens of the item before it."""

    blocks: tuple[Block, ...]
    item: tuple[Token, ...]

    def enclosing(self, word: str) -> Block | None:
        """The innermost block of a kind."""
        return next((block for block in reversed(self.blocks) if block.word == word), None)


@dataclass(frozen=True, slots=True)
class Extent:
    """The characters of a declaration from its name on: `open` is its brace, None if it has no
    block; `end` lies behind the closing brace or semicolon."""

    open: int | None
    end: int


def tokens_of(file: SourceFile) -> list[Token]:
    """All tokens but the last, which is the end."""
    return Lexer(file).tokens()[:-1]


def surroundings(text: str) -> Surroundings:
    """What surrounds the end of a text."""
    blocks: list[Block] = []
    item: list[Token] = []
    for token in tokens_of(SourceFile("", text)):
        mark = token.text if token.kind is TokenKind.PUNCTUATION else ""
        if mark == "{":
            blocks.append(Block(tuple(item)))
            item = []
        elif mark == "}":
            if blocks:
                blocks.pop()
            item = []
        elif mark == ";":
            item = []
        else:
            item.append(token)
    return Surroundings(tuple(blocks), tuple(item))


def extent(tokens: list[Token], start: int) -> Extent:
    """The extent of the item whose name starts at an offset."""
    opened: int | None = None
    depth = 0
    end = start
    for token in tokens:
        if token.span.start < start:
            continue
        end = token.span.end
        if token.kind is not TokenKind.PUNCTUATION:
            continue
        if token.text == "{":
            depth += 1
            if opened is None:
                opened = token.span.start
        elif token.text == "}":
            depth -= 1
            if depth <= 0:
                return Extent(opened, end if depth == 0 else token.span.start)
        elif token.text == ";" and depth == 0:
            return Extent(None, end)
    return Extent(opened, end)


def in_comment_or_string(text: str) -> bool:
    """Whether the end of a text lies in a comment or an open string."""
    line = text[text.rfind("\n") + 1 :]
    inside = False
    position = 0
    while position < len(line):
        if inside and line[position] == "\\":
            position += 1
        elif line[position] == '"':
            inside = not inside
        elif not inside and line.startswith("//", position):
            return True
        position += 1
    return inside
