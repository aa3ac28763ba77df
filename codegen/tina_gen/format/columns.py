# SPDX-License-Identifier: Apache-2.0
"""Columns: constants and I/O objects that stand together, and comments behind clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tina_gen.format.items import Item
from tina_gen.format.line import LIMIT, Line
from tina_gen.format.spacing import spelled

_COMMENT_COLUMN = 42
_GAP, _WIDE_GAP = 2, 3  # before the comment of a line that fits its column, and of a longer one

# Items of one group are aligned with each other.
_GROUPS = {"const": "constant", "config": "constant", "io": "io"}


def paddings(
    items: Sequence[Item],
    lines: Sequence[str | None],
    widened: Callable[[int, Mapping[int, int]], str | None],
) -> dict[int, dict[int, int]]:
    """Item -> token -> blanks to add before it. `lines` are the items on one line without
    columns, None for one that needs several; `widened` is one with columns. A group that would
    not fit with columns has none."""
    found: dict[int, dict[int, int]] = {}
    for group in _groups(items, lines):
        pads = {index: dict[int, int]() for index in group}
        for column in _columns(items, group):
            width = max(ends for ends, _ in column.values())
            for index, (ends, token) in column.items():
                pads[index][token] = width - ends
        if all(widened(index, pads[index]) is not None for index in group):
            found |= pads
    return found


def _groups(items: Sequence[Item], lines: Sequence[str | None]) -> Iterator[list[int]]:
    """Runs of one kind of item without an empty line between them."""
    run: list[int] = []
    kind = ""
    for index, item in enumerate(items):
        declares = len(item.head) > 3 and item.head[2].text == ":"
        own = _GROUPS.get(item.word, "") if declares else ""
        if run and (own != kind or item.head[0].starts_group):
            yield run
            run = []
        kind = own
        if own and lines[index] is not None:
            run.append(index)
    if run:
        yield run


def _columns(items: Sequence[Item], group: Sequence[int]) -> Iterator[dict[int, tuple[int, int]]]:
    """For each column: item -> (width of the cell before it, token that starts it)."""
    heads = {index: [piece.text for piece in items[index].head] for index in group}
    yield {index: (len(head[0]), 1) for index, head in heads.items()}
    yield {index: (len(head[1]), 2) for index, head in heads.items()}
    equals = {index: head.index("=") for index, head in heads.items() if "=" in head}
    if equals:
        types = {i: [piece.token for piece in items[i].head[:place]] for i, place in equals.items()}
        yield {
            i: (len(spelled(types[i])) - len(spelled(types[i][:3])), p) for i, p in equals.items()
        }


def aligned_comments(lines: Sequence[Line]) -> Iterator[str]:
    """The final text of each line, empty ones included."""
    for index, line in enumerate(lines):
        if line.blank:
            yield ""
        if not line.code:
            yield " " * line.indent + line.comment
        elif not line.comment:
            yield line.code
        else:
            yield line.code.ljust(_column(lines, index)) + line.comment


def _column(lines: Sequence[Line], index: int) -> int:
    line = lines[index]
    if len(line.code) + _GAP > _COMMENT_COLUMN:
        return _shared(lines, index)
    latest = max(LIMIT - len(line.comment), len(line.code) + _GAP)
    return min(_COMMENT_COLUMN, latest)


def _shared(lines: Sequence[Line], index: int) -> int:
    """The column of neighbouring long lines with comments, if all of them fit with it."""

    def is_long(line: Line) -> bool:
        return bool(line.code and line.comment) and len(line.code) + _GAP > _COMMENT_COLUMN

    first = last = index
    while first > 0 and not lines[first].blank and is_long(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and not lines[last + 1].blank and is_long(lines[last + 1]):
        last += 1
    run = lines[first : last + 1]
    column = max(len(line.code) for line in run) + _WIDE_GAP
    fits = all(column + len(line.comment) <= LIMIT for line in run)
    return column if fits else len(lines[index].code) + _WIDE_GAP
