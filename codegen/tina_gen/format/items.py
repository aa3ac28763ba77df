# SPDX-License-Identifier: Apache-2.0
"""Tokens and comments of a file as nested items: clauses that end in `;`, and blocks.

Every comment belongs to a token: it stands behind it on its line, or on lines of its own before
it. Blank lines are kept as a flag, so several become one.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.frozen import dataclass
from tina_gen.source import SourceFile
from tina_gen.syntax.tokens import Token, TokenKind


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line of its own; `blank` if an empty line stands before it."""

    text: str
    blank: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A token with the comments `before` it and the one `behind` it on its line (or '')."""

    token: Token
    before: tuple[Comment, ...]
    blank: bool
    behind: str

    @property
    def text(self) -> str:
        """The token as written."""
        return self.token.text

    @property
    def starts_group(self) -> bool:
        """True if an empty line separates it or its comments from what is before."""
        return self.blank or any(comment.blank for comment in self.before)


@dataclass(frozen=True, slots=True)
class Item:
    """A clause (`head` ends in `;`) or a block (`head` ends in `{`, `close` is its `}`). The
    end of the file is an item whose head is the end token."""

    head: tuple[Piece, ...]
    items: tuple[Item, ...] = ()
    close: Piece | None = None

    @property
    def word(self) -> str:
        """The first word, which says what the item is."""
        first, *rest = self.head
        return rest[0].text if first.text == "final" and rest else first.text

    @property
    def broken(self) -> bool:
        """True if a comment stands inside of the head."""
        return any(p.before for p in self.head[1:]) or any(p.behind for p in self.head[:-1])


def read_items(file: SourceFile, tokens: Sequence[Token]) -> list[Item]:
    """All items of a file without syntax errors, the end of the file last."""
    pieces = _pieces(file, tokens)
    items, _ = _items(pieces, 0)
    return items


def _pieces(file: SourceFile, tokens: Sequence[Token]) -> list[Piece]:
    starts = [token.span.start for token in tokens[:-1]] + [len(file.text)]
    ends = [token.span.end for token in tokens[:-1]]
    gaps = [file.text[a:b] for a, b in zip([0, *ends], starts, strict=True)]
    behind = [_behind(gap) for gap in gaps[1:]] + [""]
    pieces = []
    for index, token in enumerate(tokens):
        comments, blank = _before(gaps[index], first=index == 0)
        pieces.append(Piece(token, comments, blank, behind[index]))
    return pieces


def _behind(gap: str) -> str:
    return gap.split("\n", 1)[0].strip()


def _before(gap: str, first: bool) -> tuple[tuple[Comment, ...], bool]:
    """The comments on own lines of a gap, and whether a blank line ends it."""
    lines = [line.strip() for line in gap.split("\n")]
    if not first:
        lines = lines[1:]
    if lines and not lines[-1]:
        lines = lines[:-1]  # the blanks before the token itself
    found: list[Comment] = []
    blank = False
    for line in lines:
        if line:
            found.append(Comment(line, blank))
        blank = not line
    return tuple(found), blank


def _items(pieces: list[Piece], start: int) -> tuple[list[Item], int]:
    """The items up to a `}` or the end, and where that is."""
    items: list[Item] = []
    head: list[Piece] = []
    depth, position = 0, start
    while position < len(pieces):
        piece = pieces[position]
        if not head and piece.text == "}" and piece.token.kind is TokenKind.PUNCTUATION:
            break
        head.append(piece)
        position += 1
        if piece.token.kind is TokenKind.END:
            items.append(Item(tuple(head)))
        elif piece.token.kind is not TokenKind.PUNCTUATION:
            continue
        elif piece.text in "([":
            depth += 1
        elif piece.text in ")]":
            depth -= 1
        elif piece.text == ";" and depth == 0:
            items.append(Item(tuple(head)))
            head = []
        elif piece.text == "{":
            inner, position = _items(pieces, position)
            items.append(Item(tuple(head), tuple(inner), pieces[position]))
            position += 1
            head = []
    return items, position
