# SPDX-License-Identifier: Apache-2.0
"""Places in a text as the protocol counts them: lines from 0, columns in code units of an encoding.

The generator counts characters from the start of a file. A place beyond a line or the text is taken
as its end, so no request of a client can be out of range.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from tina_gen.frozen import dataclass

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` to `end`, which is not part of it."""

    start: Position
    end: Position


def _utf8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


UNITS: dict[str, Callable[[str], int]] = {"utf-8": _utf8, "utf-16": _utf16, "utf-32": len}


class Lines:
    """One text, ready to convert places; linear to make, then cheap."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        """Columns are counted in units of `encoding`, a key of `UNITS`."""
        self.text = text
        self._units = UNITS[encoding]
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
        self._ends = [*(found.start() for found in _LINE_END.finditer(text)), len(text)]

    def position(self, offset: int) -> Position:
        """The place of a character offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        end = min(offset, self._ends[line])
        return Position(line, self._units(self.text[self._starts[line] : end]))

    def range(self, start: int, end: int) -> Range:
        """The places of two character offsets."""
        return Range(self.position(start), self.position(max(start, end)))

    def offset(self, position: Position) -> int:
        """The character offset of a place."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        line = self.text[start:end]
        if position.column >= self._units(line):
            return end
        low, high = 0, len(line)
        while low < high:
            middle = (low + high) // 2
            if self._units(line[:middle]) < position.column:
                low = middle + 1
            else:
                high = middle
        return start + low
