# SPDX-License-Identifier: Apache-2.0
"""Items to lines: indentation, one clause a line, short blocks on one line, aligned columns.

A block of settings or fields stays on one line if it was written so and fits; every other block is
opened. Comments behind clauses start in one column through the whole file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tina_gen.format.columns import aligned_comments, paddings
from tina_gen.format.items import Comment, Item, Piece
from tina_gen.format.line import LIMIT, Line
from tina_gen.format.spacing import blanks, spelled
from tina_gen.syntax.tokens import TokenKind

_INDENT, _CONTINUATION = 2, 4
# Blocks that may stand on one line, and those that may if they hold one clause.
_SHORT = frozenset("budget io shards shard struct union message enum flags lane faults".split())
_SHORT_ONE = frozenset(["state", "protocol"])


def lay_out(items: Sequence[Item]) -> str:
    """The text of a whole file, with one final line end."""
    writer = _Writer()
    writer.items(items, 0, "")
    return "".join(f"{line}\n" for line in aligned_comments(writer.lines))


@dataclass(slots=True)
class _Writer:
    lines: list[Line] = field(default_factory=list)
    opened: bool = True  # nothing stands before the next line in its block

    def items(self, items: Sequence[Item], indent: int, within: str) -> None:
        """Sibling items; `within` is the word of the block around them."""
        one_line = [_one_line(item, indent, within, {}) for item in items]
        extra = paddings(items, one_line, lambda i, pads: _one_line(items[i], indent, within, pads))
        for index, item in enumerate(items):
            pads = extra.get(index, {})
            line = _one_line(item, indent, within, pads) if pads else one_line[index]
            self._item(item, indent, within, line)

    def _item(self, item: Item, indent: int, within: str, one_line: str | None) -> None:
        first, last = item.head[0], item.close or item.head[-1]
        self._comments(first.before, indent)
        if first.token.kind is TokenKind.END:
            return
        if one_line is not None:
            self._add(Line(one_line, last.behind, first.blank))
            return
        self._head(item.head, indent, within)
        if item.close is None:
            return
        self.opened = True
        self.items(item.items, indent + _INDENT, item.word)
        self._comments(item.close.before, indent + _INDENT)
        self.opened = True  # no blank line before a `}`
        self._add(Line(" " * indent + "}", item.close.behind))

    def _comments(self, comments: Sequence[Comment], indent: int) -> None:
        for comment in comments:
            self._add(Line("", comment.text, comment.blank, indent))

    def _add(self, line: Line) -> None:
        blank = line.blank and not self.opened
        self.lines.append(Line(line.code, line.comment, blank, line.indent))
        self.opened = False

    def _head(self, head: Sequence[Piece], indent: int, within: str) -> None:
        """A clause that does not fit, or with comments inside: several lines."""
        space = blanks([piece.token for piece in head], within)
        blank = head[0].blank
        words: list[str] = []
        column = indent
        for index, piece in enumerate(head):
            if index and piece.before:
                column = self._flush(words, column, indent, "", blank)
                blank = False
                self._comments([Comment(c.text, False) for c in piece.before], column)
            glued = words and (not space[index] or piece.text == "{")
            text = (" " if space[index] else "") + piece.text if glued else piece.text
            words = [*words[:-1], words[-1] + text] if glued else [*words, text]
            if piece.behind or index + 1 == len(head):
                column = self._flush(words, column, indent, piece.behind, blank)
                blank = False

    def _flush(self, words: list[str], column: int, indent: int, comment: str, blank: bool) -> int:
        """Writes the words, broken where they do not fit, and empties the list."""
        rows = list(_wrapped(words, column, indent + _CONTINUATION))
        for number, row in enumerate(rows):
            last = number + 1 == len(rows)
            self._add(Line(row, comment if last else "", blank and number == 0))
        words.clear()
        return indent + _CONTINUATION


def _wrapped(words: Sequence[str], first: int, further: int) -> Iterator[str]:
    row = ""
    for word in words:
        if row and len(row) + 1 + len(word) > LIMIT:
            yield row
            row = " " * further + word
        else:
            row = f"{row} {word}" if row else " " * first + word
    if row:
        yield row


def _one_line(item: Item, indent: int, within: str, pads: Mapping[int, int]) -> str | None:
    """The item on one line with its indentation, None if it needs more. `pads` are the blanks
    that columns add before some tokens."""
    if item.broken or (item.close is not None and not _may_be_short(item)):
        return None
    text = " " * indent + spelled([p.token for p in item.head], within, pads)
    if item.close is not None:
        clauses = [[piece.token for piece in clause.head] for clause in item.items]
        inner = "".join(f" {spelled(tokens, item.word)}" for tokens in clauses)
        text += f"{inner} }}" if inner else "}"
    return text if len(text) <= LIMIT else None


def _may_be_short(item: Item) -> bool:
    """Whether a block may stand on one line: nothing in it, or short, and written so."""
    assert item.close is not None
    opening = item.head[-1]
    if opening.behind or item.close.before:
        return False
    if not item.items:
        return True
    if item.word not in _SHORT and not (item.word in _SHORT_ONE and len(item.items) == 1):
        return False
    pieces = [piece for clause in item.items for piece in clause.head]
    plain = not any(piece.before or piece.behind for piece in pieces)
    leaves = all(clause.close is None for clause in item.items)
    return plain and leaves and opening.token.span.line == item.close.token.span.line
