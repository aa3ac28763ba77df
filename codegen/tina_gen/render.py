# SPDX-License-Identifier: Apache-2.0
"""Diagnostics as text: pretty (the default), plain lines, JSON, SARIF and GitHub annotations.

Text from a spec is shown without control characters, so a hostile file cannot steer a terminal,
and long lines are cut around the carets.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence

from tina_gen.diagnostics import Diagnostic, Severity
from tina_gen.sarif import as_sarif
from tina_gen.source import Span

TAB_WIDTH = 4
EXCERPT_WIDTH_MAX = 160
CARETS_MAX = 80

FORMS = ("pretty", "plain", "json", "sarif", "github")
WHOLE_FORMS = ("json", "sarif")  # one document, also when there is nothing to say
MACHINE_FORMS = (*WHOLE_FORMS, "github")  # these go to stdout

_BOLD, _RED, _YELLOW, _BLUE, _RESET = "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[0m"


def printable(text: str) -> str:
    """The text with tabs expanded and control and formatting characters replaced."""
    shown = text.replace("\t", " " * TAB_WIDTH)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(c if unicodedata.category(c)[0] != "C" else "\ufffd" for c in shown)


def _columns(text: str) -> int:
    """How many terminal cells a printable text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _excerpt(span: Span) -> tuple[str, int, int]:
    """The line of a span as shown, and the first cell and number of the carets."""
    line, column = span.file.position(span.start)
    text = span.file.line_text(line)
    start = min(column - 1, len(text))
    end = min(start + max(1, span.end - span.start), max(len(text), start + 1))
    first = 0
    if len(text) > EXCERPT_WIDTH_MAX:
        first = max(0, start - EXCERPT_WIDTH_MAX // 2)
    shown = text[first : first + EXCERPT_WIDTH_MAX]
    before = printable(text[first:start])
    marked = printable(text[start : min(end, first + EXCERPT_WIDTH_MAX)])
    return printable(shown), _columns(before), min(max(1, _columns(marked)), CARETS_MAX)


class _Paint:
    """Colour on, or every style an identity."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self.color else text


def pretty(diagnostic: Diagnostic, color: bool = False) -> str:
    """One diagnostic as `language.md` shows it; a whole file's problem is its first line only."""
    paint = _Paint(color)
    is_error = diagnostic.severity is Severity.ERROR
    tint = _BOLD + (_RED if is_error else _YELLOW)
    head = paint(tint, f"{diagnostic.severity.value}[{diagnostic.code}]")
    message = printable(diagnostic.message)
    lines = [f"{head}: {paint(_BOLD, message)}"]
    if diagnostic.span is None:
        tail = f"; {printable(diagnostic.help)}" if diagnostic.help else ""
        return lines[0] + tail
    line, column = diagnostic.span.file.position(diagnostic.span.start)
    text, indent, carets = _excerpt(diagnostic.span)
    number = str(line)
    gutter = " " * len(number)
    path = printable(diagnostic.span.file.path)
    label = f" {printable(diagnostic.label)}" if diagnostic.label else ""
    lines += [
        f"{gutter}{paint(_BLUE, '-->')} {path}:{line}:{column}",
        f"{gutter} {paint(_BLUE, '|')}",
        f"{paint(_BLUE, number + ' |')} {text}".rstrip(),
        f"{gutter} {paint(_BLUE, '|')} {' ' * indent}{paint(tint, '^' * carets + label)}",
    ]
    lines += [f"{paint(_BOLD, 'note')}: {printable(note.line)}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"{paint(_BOLD, 'help')}: {printable(diagnostic.help)}")
    return "\n".join(lines)


def plain(diagnostic: Diagnostic) -> str:
    """`file:line:col: error: … [E0301]`, with the reason and help indented below."""
    severity, code = diagnostic.severity.value, diagnostic.code
    message = printable(diagnostic.message)
    if diagnostic.span is None:
        tail = f"; {printable(diagnostic.help)}" if diagnostic.help else ""
        where = f"{printable(diagnostic.path)}: " if diagnostic.path else ""
        return f"{where}{severity}: {message}{tail} [{code}]"
    line, column = diagnostic.span.file.position(diagnostic.span.start)
    path = printable(diagnostic.span.file.path)
    lines = [f"{path}:{line}:{column}: {severity}: {message} [{code}]"]
    if diagnostic.label:
        lines.append(f"  {printable(diagnostic.label)}")
    lines += [f"  note: {printable(note.line)}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"  help: {printable(diagnostic.help)}")
    return "\n".join(lines)


def github(diagnostic: Diagnostic) -> str:
    """A GitHub Actions annotation, one line."""

    def escape(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    body = [printable(diagnostic.message)]
    body += [f"note: {printable(note.line)}" for note in diagnostic.notes]
    if diagnostic.help:
        body.append(f"help: {printable(diagnostic.help)}")
    where = f"file={printable(diagnostic.path)}"
    if diagnostic.span:
        line, column = diagnostic.span.file.position(diagnostic.span.start)
        where = f"file={printable(diagnostic.span.file.path)},line={line},col={column}"
    properties = escape(where).replace("::", "%3A%3A")
    text = escape("\n".join(body))
    return f"::{diagnostic.severity.value} {properties},title={diagnostic.code}::{text}"


def _record(diagnostic: Diagnostic) -> dict[str, object]:
    record: dict[str, object] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "file": diagnostic.path,
    }
    if diagnostic.span:
        span = diagnostic.span
        line, column = span.file.position(span.start)
        end_line, end_column = span.file.position(span.end)
        record |= {
            "file": span.file.path,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
        }
    record["label"] = diagnostic.label
    record["notes"] = [note.line for note in diagnostic.notes]
    record["help"] = diagnostic.help
    return record


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics as one JSON document, `{"version": 1, "diagnostics": […]}`."""
    records = [_record(d) for d in diagnostics]
    return json.dumps({"version": 1, "diagnostics": records}, indent=2, ensure_ascii=False)


def _each(one: Callable[[Diagnostic], str], gap: str) -> Callable[[Sequence[Diagnostic]], str]:
    return lambda diagnostics: gap.join(one(d) for d in diagnostics)


def render(diagnostics: Sequence[Diagnostic], form: str, color: bool = False) -> str:
    """All diagnostics in one of the formats of `FORMS`."""
    match form:
        case "plain":
            return _each(plain, "\n")(diagnostics)
        case "github":
            return _each(github, "\n")(diagnostics)
        case "json":
            return as_json(diagnostics)
        case "sarif":
            return as_sarif(diagnostics)
        case _:
            return _each(lambda d: pretty(d, color), "\n\n")(diagnostics)
