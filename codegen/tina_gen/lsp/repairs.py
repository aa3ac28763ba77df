# SPDX-License-Identifier: Apache-2.0
"""Repairs that a diagnostic's help offers, as edits: clauses, misspelt names, semicolons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.frozen import dataclass
from tina_gen.lsp.blocks import extent, tokens_of
from tina_gen.source import SourceFile

_QUOTED = re.compile(r"`([^`]+)`")
_CLAUSE = re.compile(r"(on|ignore|defer|reject)\b.*;\Z")
_MEANT = re.compile(r"did you mean `([^`]+)`\?")
_ADDS = frozenset(["E0301", "E0335"])  # their help adds to the block whose name they mark
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Repair:
    """One edit: the characters `start` to `end` become `text`."""

    title: str
    start: int
    end: int
    text: str


def repairs(diagnostic: Diagnostic) -> Iterator[Repair]:
    """What can be done about a diagnostic, the best first; nothing if it says no simple edit."""
    span, help = diagnostic.span, diagnostic.help
    if span is None or span.file.standard:
        return
    if meant := _MEANT.fullmatch(help):
        if not any(character in span.text for character in ";{}"):
            yield Repair(f"write `{meant[1]}`", span.start, span.end, meant[1])
    elif help == "end it with `;`":
        yield Repair("add `;`", span.end, span.end, ";")
    elif help.startswith("add ") and diagnostic.code in _ADDS:
        for clause in _QUOTED.findall(help):
            if _CLAUSE.match(clause):
                yield _add_clause(span.file, span.start, clause)


def _add_clause(file: SourceFile, name: int, clause: str) -> Repair:
    """A clause as the last one of the block that belongs to the name at an offset."""
    place = extent(tokens_of(file), name)
    title = f"add `{clause}`"
    indent = _indent_of(file.text, name)
    if place.open is None:  # `state X;`
        inner = f"\n{indent}{_INDENT}{clause}\n{indent}}}"
        return Repair(title, place.end - 1, place.end, " {" + inner)
    closing = place.end - 1
    before = file.text[place.open + 1 : closing]
    if "\n" not in before:
        gap = "" if before.endswith(" ") else " "
        return Repair(title, closing, closing, f"{gap}{clause} ")
    line = file.text.rfind("\n", 0, closing) + 1
    if file.text[line:closing].strip():  # the brace stands behind the last clause
        return Repair(title, closing, closing, f"\n{indent}{_INDENT}{clause}\n{indent}")
    return Repair(title, line, line, f"{indent}{_INDENT}{clause}\n")


def _indent_of(text: str, offset: int) -> str:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())]
