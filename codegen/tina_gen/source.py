# SPDX-License-Identifier: Apache-2.0
"""Source files and spans: where every piece of a spec was written.

A span is a half-open range of character offsets in one file. Lines and columns are 1-based and
count Unicode characters; they are computed on demand, so a span costs three words.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field

from tina_gen.frozen import dataclass


def _line_starts(text: str) -> tuple[int, ...]:
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return tuple(starts)


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """One decoded spec. `path` is what diagnostics print; `import_path` is what others import
    (`"tina/net.tina"`), or the path itself for a file named on the command line.

    Two files are equal only if they are the same object.
    """

    path: str
    text: str = field(repr=False)
    import_path: str = ""
    standard: bool = False
    _starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", _line_starts(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based (line, column) of a character offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a 1-based line, without its line end."""
        start = self._starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")

    @property
    def line_count(self) -> int:
        """The number of lines; a final line end opens one more (empty) line."""
        return len(self._starts)


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` to `end` (exclusive) of one file."""

    file: SourceFile
    start: int
    end: int

    @property
    def line(self) -> int:
        """The 1-based line of the first character."""
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        """The 1-based column of the first character."""
        return self.file.position(self.start)[1]

    @property
    def place(self) -> str:
        """`path:line`, as notes print it."""
        return f"{self.file.path}:{self.line}"

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.file.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The range from the start of this span to the end of another one in the same file."""
        return Span(self.file, self.start, max(self.end, other.end))
