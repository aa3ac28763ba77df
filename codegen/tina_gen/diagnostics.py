# SPDX-License-Identifier: Apache-2.0
"""Diagnostics: errors as values, with a stable code, a span, a reason and a repair.

A diagnostic about a whole file (missing, not UTF-8) has no span but a `path`, and is one line in
every format. Messages are lower-case and have no final period.
"""

from __future__ import annotations

from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.source import Span


class Severity(Enum):
    """Errors make the run fail; warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """A reason, with the place it comes from when that is not the diagnostic's own."""

    message: str
    span: Span | None = None

    @property
    def line(self) -> str:
        """The text with `(path:line)` behind it."""
        return f"{self.message} ({self.span.place})" if self.span else self.message


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` starts with E (error) or W (warning) and is listed in `codes.py`;
    `label` stands behind the carets; `help` says what to write instead."""

    code: str
    span: Span | None
    message: str
    label: str = ""
    notes: tuple[Note, ...] = ()
    help: str = ""
    path: str = ""

    @property
    def severity(self) -> Severity:
        """The severity that the code's first letter says."""
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR

    @property
    def is_error(self) -> bool:
        """True if this makes the run fail."""
        return self.severity is Severity.ERROR


def ordered(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file (in order of first mention), then by place; exact repetitions dropped.

    Problems of whole files come first.
    """
    files: dict[str, int] = {}
    for diagnostic in diagnostics:
        if diagnostic.span:
            files.setdefault(diagnostic.span.file.path, len(files))

    def key(diagnostic: Diagnostic) -> tuple[int, int, int, str]:
        span = diagnostic.span
        if span is None:
            return (-1, 0, 0, diagnostic.code)
        return (files[span.file.path], span.start, span.end, diagnostic.code)

    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=key)
