# SPDX-License-Identifier: Apache-2.0
"""The canonical layout of a spec: only blanks, line ends and the columns of comments change.

Works on tokens, not on the tree, so whatever the grammar grows is laid out without a change here,
and no comment can get lost. Invariants, held by tests: the tree stays the same, and laying out
twice is laying out once.
"""

from __future__ import annotations

from tina_gen.diagnostics import Diagnostic
from tina_gen.format.items import read_items
from tina_gen.format.layout import lay_out
from tina_gen.source import SourceFile
from tina_gen.syntax.lexer import Lexer
from tina_gen.syntax.parser import parse


def format_file(file: SourceFile) -> str | list[Diagnostic]:
    """The text of a file in canonical layout, or what is wrong with its syntax."""
    diagnostics = parse(file)[1]
    if any(diagnostic.is_error for diagnostic in diagnostics):
        return diagnostics
    return lay_out(read_items(file, Lexer(file).tokens()))


def same_program(before: SourceFile, after: str) -> bool:
    """Whether two texts have the same words with the same documentation: the last look before a
    file is written."""
    words = [
        [(token.text, token.doc) for token in Lexer(file).tokens()]
        for file in (before, SourceFile(before.path, after))
    ]
    return words[0] == words[1]
