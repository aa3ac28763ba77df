# SPDX-License-Identifier: Apache-2.0
"""Tokens, and the units that a quantity may carry."""

from __future__ import annotations

from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.source import Span


class TokenKind(Enum):
    """What a token is; the value is how diagnostics speak of it."""

    NAME = "a name"
    INT = "a number"
    FLOAT = "a number with a fraction"
    QUANTITY = "a quantity"
    STRING = "a string"
    PUNCTUATION = "punctuation"
    END = "the end of the file"


class Dimension(Enum):
    """What a number measures; the value is how diagnostics speak of it."""

    NUMBER = "a plain number"
    DURATION = "a duration"
    SIZE = "a size"


# unit -> (dimension, how many nanoseconds or bytes)
UNITS: dict[str, tuple[Dimension, int]] = {
    "ns": (Dimension.DURATION, 1),
    "us": (Dimension.DURATION, 1_000),
    "ms": (Dimension.DURATION, 1_000_000),
    "s": (Dimension.DURATION, 1_000_000_000),
    "min": (Dimension.DURATION, 60_000_000_000),
    "h": (Dimension.DURATION, 3_600_000_000_000),
    "B": (Dimension.SIZE, 1),
    "KiB": (Dimension.SIZE, 1 << 10),
    "MiB": (Dimension.SIZE, 1 << 20),
    "GiB": (Dimension.SIZE, 1 << 30),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `value` is the number (in ns or bytes for a quantity) or the decoded string;
    `doc` is the documentation (`///`) directly before it."""

    kind: TokenKind
    text: str
    span: Span
    value: int | float | str | None = None
    dimension: Dimension = Dimension.NUMBER
    doc: str = ""

    @property
    def shown(self) -> str:
        """The token as a diagnostic quotes it."""
        if self.kind is TokenKind.END:
            return "the end of the file"
        text = self.text if len(self.text) <= 40 else self.text[:37] + "..."
        return f"`{text}`"
