# SPDX-License-Identifier: Apache-2.0
"""Diagnostics as SARIF 2.1.0: one run, a rule for each code that occurs, a result for each finding.

Code hosts and editors read it. Columns count Unicode characters; paths are relative to the current
directory where they were given so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tina_gen import __version__
from tina_gen.codes import CODES
from tina_gen.diagnostics import Diagnostic
from tina_gen.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics as one SARIF document."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    driver = {
        "name": "tina-gen",
        "version": __version__,
        "rules": [{"id": code, "shortDescription": {"text": CODES[code]}} for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes) for diagnostic in diagnostics],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _result(diagnostic: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    words = [diagnostic.message, *(f"note: {note.line}" for note in diagnostic.notes)]
    if diagnostic.help:
        words.append(f"help: {diagnostic.help}")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join(words)},
    }
    if diagnostic.span:
        result["locations"] = [{"physicalLocation": _physical(diagnostic.span)}]
    elif diagnostic.path:
        result["locations"] = [{"physicalLocation": {"artifactLocation": _uri(diagnostic.path)}}]
    related = [
        {"physicalLocation": _physical(note.span), "message": {"text": note.message}}
        for note in diagnostic.notes
        if note.span
    ]
    if related:
        result["relatedLocations"] = related
    return result


def _uri(path: str) -> dict[str, str]:
    return {"uri": quote(path, errors="replace")}


def _physical(span: Span) -> dict[str, Any]:
    line, column = span.file.position(span.start)
    end_line, end_column = span.file.position(max(span.end, span.start))
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    return {"artifactLocation": _uri(span.file.path), "region": region}
