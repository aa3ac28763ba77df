# SPDX-License-Identifier: Apache-2.0
"""The lexer: text to tokens, in one pass, never failing.

A broken string has the value "".

Each bad character or literal is reported once and skipped; after `ERRORS_MAX` of them the rest of
the file is not read. Linear in the length of the text.
"""

from __future__ import annotations

import re
from fractions import Fraction

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.source import SourceFile, Span
from tina_gen.syntax.tokens import UNITS, Dimension, Token, TokenKind

ERRORS_MAX = 20
DIGITS_MAX = 40

_NEXT = re.compile(
    r"[ \t\r\n]*(?:"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<comment>//)"
    r"|(?P<punctuation>->|=>|<=|\.\.|[{}()\[\]<>;:,.=|*/+%-])"
    r")?"
)
_NUMBER = re.compile(
    r"(?P<hex>0[xX][0-9A-Za-z_]*)"
    r"|(?P<digits>[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?)(?P<unit>[A-Za-z_][A-Za-z0-9_]*)?"
)
_HEX = re.compile(r"0[xX][0-9A-Fa-f]+(_[0-9A-Fa-f]+)*\Z")
_DIGITS = re.compile(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?\Z")
_MALFORMED = ("digits only, with `_` between them", "write it like `1_000`, `0xFF` or `1.5`")
_KINDS = {"name": TokenKind.NAME, "punctuation": TokenKind.PUNCTUATION}
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_JUNK = re.compile(r"[^\x00-\x7f]+|[\x00-\x08\x0b-\x1f\x7f]+|.", re.DOTALL)


class Lexer:
    """Turns one file into tokens; `diagnostics` holds what was wrong with it."""

    def __init__(self, file: SourceFile) -> None:
        """Prepares to read a file; nothing happens before `tokens`."""
        self.file = file
        self.diagnostics: list[Diagnostic] = []
        self._docs: list[str] = []

    def tokens(self) -> list[Token]:
        """All tokens, ending with exactly one of kind END."""
        text, position, result = self.file.text, 0, list[Token]()
        while position < len(text) and len(self.diagnostics) < ERRORS_MAX:
            found = _NEXT.match(text, position)
            assert found is not None, "nothing at all is a match"
            kind = found.lastgroup
            if kind is None:
                position = self._other(found.end(), result)
            elif kind == "comment":
                position = self._comment(found.start(kind))
            else:
                position = found.end()
                result.append(self._token(_KINDS[kind], found.start(kind), position))
        if len(self.diagnostics) >= ERRORS_MAX:
            self._error("E0013", position, position, "too many errors; the rest is not read")
        end = len(text.rstrip())
        result.append(self._token(TokenKind.END, end, end))
        return result

    def _other(self, position: int, result: list[Token]) -> int:
        """Reads what begins neither a name nor punctuation; the position behind it."""
        character = self.file.text[position : position + 1]
        if not character:
            return position
        if character.isascii() and character.isdigit():
            return self._number(position, result)
        return self._string(position, result) if character == '"' else self._junk(position)

    def _token(
        self,
        kind: TokenKind,
        start: int,
        end: int,
        value: int | float | str | None = None,
        dimension: Dimension = Dimension.NUMBER,
    ) -> Token:
        doc = ""
        if self._docs:
            doc = "\n".join(self._docs)
            self._docs.clear()
        text = self.file.text[start:end]
        return Token(kind, text, Span(self.file, start, end), value, dimension, doc)

    def _error(
        self, code: str, start: int, end: int, message: str, label: str = "", help: str = ""
    ) -> None:
        span = Span(self.file, start, end)
        self.diagnostics.append(Diagnostic(code, span, message, label=label, help=help))

    def _comment(self, start: int) -> int:
        end = self.file.text.find("\n", start)
        end = end if end >= 0 else len(self.file.text)
        line = self.file.text[start:end].rstrip()
        if line.startswith("///") and not line.startswith("////"):
            self._docs.append(line[3:].removeprefix(" "))
        return end

    def _junk(self, start: int) -> int:
        found = _JUNK.match(self.file.text, start)
        end = found.end() if found else start + 1
        piece = self.file.text[start:end]
        shown = f"`{piece[:20]}`" if piece.isprintable() else f"U+{ord(piece[0]):04X}"
        self._error(
            "E0005",
            start,
            end,
            f"unexpected character {shown}",
            label="not part of the language",
            help="remove it; names are ASCII, other text belongs in strings and comments",
        )
        return end

    def _number(self, start: int, result: list[Token]) -> int:
        found = _NUMBER.match(self.file.text, start)
        assert found is not None, "a digit always starts a number"
        end, text = found.end(), found.group()
        if found["hex"] is not None:
            self._integer(start, end, text, _HEX, 16, result)
            return end
        digits, unit = found["digits"], found["unit"]
        if unit is not None and unit not in UNITS:
            self._error(
                "E0007",
                start + len(digits),
                end,
                f"unknown unit `{unit}`",
                label="not a unit",
                help=f"the units are {', '.join(f'`{u}`' for u in UNITS)}",
            )
            result.append(self._token(TokenKind.INT, start, end, 0))
        elif unit is not None:
            self._quantity(start, end, digits, unit, result)
        elif digits.replace("_", "").isdigit():
            self._integer(start, end, text, _DIGITS, 10, result)
        else:
            self._float(start, end, digits, result)
        return end

    def _integer(
        self, start: int, end: int, text: str, shape: re.Pattern[str], base: int, out: list[Token]
    ) -> None:
        value = 0
        if not shape.match(text):
            self._error("E0007", start, end, "malformed number", *_MALFORMED)
        elif len(text) > DIGITS_MAX:
            self._error(
                "E0007", start, end, "number is too long", f"over {DIGITS_MAX} digits", "round it"
            )
        else:
            value = int(text.replace("_", ""), base)
        out.append(self._token(TokenKind.INT, start, end, value))

    def _float(self, start: int, end: int, digits: str, out: list[Token]) -> None:
        value = self._exact(start, end, digits)
        out.append(self._token(TokenKind.FLOAT, start, end, float(value)))

    def _exact(self, start: int, end: int, digits: str) -> Fraction:
        exponent = re.search(r"[eE][+-]?([0-9]+)", digits)
        if not _DIGITS.match(digits):
            self._error("E0007", start, end, "malformed number", *_MALFORMED)
        elif len(digits) > DIGITS_MAX or (exponent and int(exponent[1]) > 300):
            self._error("E0007", start, end, "number is out of range", "too long", "round it")
        else:
            return Fraction(digits.replace("_", ""))
        return Fraction(0)

    def _quantity(self, start: int, end: int, digits: str, unit: str, out: list[Token]) -> None:
        dimension, factor = UNITS[unit]
        exact = self._exact(start, end, digits) * factor
        if exact.denominator != 1:
            smallest = "nanosecond" if dimension is Dimension.DURATION else "byte"
            text = f"`{digits}{unit}` is not a whole number of {smallest}s"
            self._error("E0007", start, end, text, "too fine", "round it, or use a smaller unit")
        out.append(self._token(TokenKind.QUANTITY, start, end, int(exact), dimension))

    def _string(self, start: int, out: list[Token]) -> int:
        text, position, pieces = self.file.text, start + 1, list[str]()
        before = len(self.diagnostics)
        while position < len(text) and text[position] not in '"\n':
            if text[position] != "\\":
                pieces.append(text[position])
                position += 1
                continue
            escape = text[position + 1 : position + 2]
            if escape not in _ESCAPES:
                known = 'the escapes are `\\n`, `\\t`, `\\"` and `\\\\`'
                stop = min(position + 2, len(text))
                self._error("E0008", position, stop, "unknown escape in a string", "unknown", known)
            pieces.append(_ESCAPES.get(escape, ""))
            position += 1 if escape in ("", "\n") else 2
        end = position + 1
        if position >= len(text) or text[position] == "\n":
            end = position
            self.diagnostics.append(
                Diagnostic(
                    "E0006",
                    Span(self.file, start, position),
                    "string is not closed",
                    label='no `"` before the end of the line',
                    notes=(Note("a string is written on one line"),),
                    help='close it with `"`',
                )
            )
        value = "".join(pieces) if len(self.diagnostics) == before else ""
        out.append(self._token(TokenKind.STRING, start, end, value))
        return end
