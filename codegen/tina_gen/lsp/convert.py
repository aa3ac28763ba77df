# SPDX-License-Identifier: Apache-2.0
"""From what the generator says to the words of the protocol."""

from __future__ import annotations

from lsprotocol import types

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.lsp.names import Proposal
from tina_gen.lsp.outline import Entry
from tina_gen.lsp.repairs import Repair
from tina_gen.lsp.text import Lines, Position, Range
from tina_gen.source import Span

SOURCE = "tina"


def position(found: Position) -> types.Position:
    """A place."""
    return types.Position(found.line, found.column)


def range_(found: Range) -> types.Range:
    """Two places."""
    return types.Range(position(found.start), position(found.end))


class Converter:
    """Knows in which units the client counts columns, and where files lie."""

    def __init__(self, encoding: str, uris: dict[str, str]) -> None:
        """`uris` maps the name of a file as spans print it to its URI."""
        self.encoding = encoding
        self.uris = uris

    def span(self, span: Span) -> types.Range:
        """The characters of a span."""
        return range_(Lines(span.file.text, self.encoding).range(span.start, span.end))

    def diagnostic(self, found: Diagnostic) -> types.Diagnostic:
        """A diagnostic with its notes; the help stands at the end of the message."""
        zero = types.Position(0, 0)
        place = self.span(found.span) if found.span else types.Range(zero, zero)
        words = [found.message, *(note.message for note in found.notes if note.span is None)]
        if found.help:
            words.append(f"help: {found.help}")
        return types.Diagnostic(
            range=place,
            message="\n".join(words),
            severity=types.DiagnosticSeverity.Error
            if found.is_error
            else types.DiagnosticSeverity.Warning,
            code=found.code,
            source=SOURCE,
            related_information=[x for note in found.notes if (x := self._related(note))] or None,
        )

    def _related(self, note: Note) -> types.DiagnosticRelatedInformation | None:
        uri = self.uris.get(note.span.file.path) if note.span else None
        if note.span is None or uri is None:
            return None
        location = types.Location(uri, self.span(note.span))
        return types.DiagnosticRelatedInformation(location, note.message)

    def symbol(self, entry: Entry, lines: Lines) -> types.DocumentSymbol:
        """An entry of the outline with all below it."""
        return types.DocumentSymbol(
            name=entry.name,
            detail=entry.detail,
            kind=types.SymbolKind[entry.kind],
            range=range_(lines.range(entry.start, entry.end)),
            selection_range=range_(lines.range(entry.name_start, entry.name_end)),
            children=[self.symbol(child, lines) for child in entry.children],
        )

    def action(
        self, uri: str, lines: Lines, diagnostic: Diagnostic, repair: Repair, preferred: bool
    ) -> types.CodeAction:
        """A repair as an edit of one document."""
        place = range_(lines.range(repair.start, repair.end))
        return types.CodeAction(
            title=repair.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic(diagnostic)],
            is_preferred=preferred,
            edit=types.WorkspaceEdit(changes={uri: [types.TextEdit(place, repair.text)]}),
        )


def proposal(found: Proposal) -> types.CompletionItem:
    """One line of a completion list."""
    doc = types.MarkupContent(types.MarkupKind.Markdown, found.doc) if found.doc else None
    kind = types.CompletionItemKind[found.kind]
    detail = found.detail or None
    return types.CompletionItem(label=found.label, kind=kind, detail=detail, documentation=doc)
