# SPDX-License-Identifier: Apache-2.0
"""The open documents of an editor and what is known about them.

An open document's text counts instead of the file's, also where another spec imports it. A spec
is studied again when its text or that of a file it read has changed, and only when somebody asks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from tina_gen.diagnostics import Diagnostic
from tina_gen.load import Places, Reader
from tina_gen.lsp.completion import completion
from tina_gen.lsp.hover import hover
from tina_gen.lsp.lookup import Meaning, meaning_at
from tina_gen.lsp.names import Proposal
from tina_gen.lsp.outline import Entry, outline
from tina_gen.lsp.repairs import Repair, repairs
from tina_gen.lsp.study import Study, Unit, disk_path, study
from tina_gen.source import Span

_WINDOWS = re.compile(r"/[A-Za-z]:")


def path_of(uri: str) -> str:
    """The path of a `file:` URI; any other URI is its own path, which no disk has."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = unquote(parts.path, errors="surrogateescape")
    return path[1:] if _WINDOWS.match(path) else path


def uri_of(path: str) -> str:
    """The URI of an absolute path; what `path_of` left alone comes back as it was."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", path):
        return path
    return "file://" + quote(path if path.startswith("/") else "/" + path, errors="surrogateescape")


@dataclass(slots=True)
class _Document:
    uri: str
    path: str
    text: str
    version: int | None = None
    stale: bool = True
    study: Study | None = None
    good: Study | None = None  # the last one in which everything could be parsed


class Session:
    """All open documents. Paths are absolute; offsets count characters of the document's text."""

    def __init__(self, read: Reader, library: str, roots: Sequence[str] = ()) -> None:
        """Reads what is not open with `read`; imports are searched as `tina-gen check` does."""
        self._read_disk = read
        self._library = library
        self.roots = tuple(roots)
        self._documents: dict[str, _Document] = {}
        self._shown: dict[str, set[str]] = {}  # document -> paths with diagnostics of its study
        self._uris: dict[str, str] = {}  # path -> how the editor writes it

    # ------------------------------------------------------------ texts

    def set_text(self, uri: str, text: str, version: int | None = None) -> None:
        """A document was opened or has changed; `version` is the editor's own count."""
        path = path_of(uri)
        document = self._documents.setdefault(path, _Document(uri, path, text))
        document.text, document.version = text, version
        self._uris[path] = uri
        self._changed(path)

    def close(self, uri: str) -> None:
        """A document was closed: from now on its file counts."""
        self._documents.pop(path_of(uri), None)
        self._changed(path_of(uri))

    def changed_on_disk(self, uri: str) -> None:
        """A file that is not open has changed."""
        self._changed(path_of(uri))

    def text(self, uri: str) -> str | None:
        """The text of an open document."""
        document = self._documents.get(path_of(uri))
        return document.text if document else None

    def version(self, uri: str) -> int | None:
        """The editor's count of an open document."""
        document = self._documents.get(path_of(uri))
        return document.version if document else None

    def _changed(self, path: str) -> None:
        for document in self._documents.values():
            known = document.study
            # A file that was missing may be the one that an import has looked for.
            incomplete = known is not None and any(x.code == "E0106" for x in known.diagnostics)
            if known is None or path == document.path or path in known.inputs or incomplete:
                document.stale = True

    def _read(self, path: str, limit: int) -> bytes:
        document = self._documents.get(path)
        if document is None:
            if urlsplit(path).scheme not in ("", "file"):
                raise FileNotFoundError(2, "No such file or directory", path)
            return self._read_disk(path, limit)
        return document.text.encode("utf-8", "replace")[:limit]

    def _places(self, path: str) -> Places:
        beside = [os.path.dirname(path)] if os.path.isabs(path) else []
        return Places(self._library, (*beside, *self.roots))

    def _document(self, uri: str) -> _Document | None:
        document = self._documents.get(path_of(uri))
        if document and document.stale:
            document.study = study(document.path, self._read, self._places(document.path))
            document.stale = False
            if document.study.intact:
                document.good = document.study
        return document

    # ------------------------------------------------------------ diagnostics

    def stale(self) -> list[str]:
        """The URIs of the documents whose diagnostics may have changed."""
        return [document.uri for document in self._documents.values() if document.stale]

    def refresh(self) -> dict[str, list[Diagnostic]]:
        """Studies what has changed: URI -> all diagnostics of a file whose list may be new."""
        touched: set[str] = set()
        for path in [path for path in self._shown if path not in self._documents]:
            touched |= self._shown.pop(path)
        for document in [x for x in self._documents.values() if x.stale]:
            self._document(document.uri)
            shown = {self._place_of(document, x) for x in self._found(document)}
            touched |= shown | self._shown.get(document.path, set()) | {document.path}
            self._shown[document.path] = shown
        return {self._uri(path): self._diagnostics(path) for path in sorted(touched)}

    def _uri(self, path: str) -> str:
        return self._uris.get(path) or uri_of(path)

    def _found(self, document: _Document) -> Sequence[Diagnostic]:
        return document.study.diagnostics if document.study else ()

    def _place_of(self, document: _Document, diagnostic: Diagnostic) -> str:
        if diagnostic.span is None:
            return diagnostic.path or document.path
        return disk_path(diagnostic.span.file, self._places(document.path))

    def _diagnostics(self, path: str) -> list[Diagnostic]:
        """What all studies say about one file. One that is open speaks for itself alone."""
        own = self._documents.get(path)
        speaking = [own] if own else list(self._documents.values())
        found: dict[tuple[str, int, int, str], Diagnostic] = {}
        for document in speaking:
            for diagnostic in self._found(document):
                if self._place_of(document, diagnostic) == path:
                    span = diagnostic.span
                    place = (span.start, span.end) if span else (0, 0)
                    found.setdefault((diagnostic.code, *place, diagnostic.message), diagnostic)
        return list(found.values())

    def uris(self) -> dict[str, str]:
        """The URI of every file that any study has read, by the name that its spans print."""
        found: dict[str, str] = {}
        for document in self._documents.values():
            for unit in document.study.units if document.study else ():
                found[unit.tree.file.path] = self._uri(unit.path)
        return found

    # ------------------------------------------------------------ questions

    def _ask(self, uri: str) -> tuple[Study, Unit] | None:
        document = self._document(uri)
        if document is None or document.study is None or document.study.root is None:
            return None
        return document.study, document.study.root

    def definition(self, uri: str, offset: int) -> tuple[str, Span, Meaning] | None:
        """Where what stands at an offset is declared: the URI and the place of its name."""
        known = self._ask(uri)
        found = meaning_at(*known, offset) if known else None
        return (self._uri(found.unit.path), found.span, found) if found else None

    def hover(self, uri: str, offset: int) -> tuple[str, Span] | None:
        """Markdown about what stands at an offset."""
        known = self._ask(uri)
        return hover(*known, offset) if known else None

    def completion(self, uri: str, offset: int) -> list[Proposal]:
        """What may be written at an offset. In a text that cannot be parsed, the names are those of
        the last one that could, with what is new."""
        document = self._document(uri)
        if document is None or document.study is None:
            return []
        studies = [document.study, *([document.good] if document.good else [])]
        found: dict[str, Proposal] = {}
        for known in studies:
            unit = known.root
            for proposal in completion(unit, document.text, offset) if unit else ():
                found.setdefault(proposal.label, proposal)
        return list(found.values())

    def outline(self, uri: str) -> list[Entry]:
        """The declarations of a document."""
        known = self._ask(uri)
        return outline(known[1]) if known else []

    def repairs(self, uri: str, start: int, end: int) -> list[tuple[Diagnostic, Repair]]:
        """The repairs of the diagnostics that touch a range of a document."""
        document = self._document(uri)
        if document is None:
            return []
        found = []
        for diagnostic in self._diagnostics(document.path):
            span = diagnostic.span
            if span is not None and span.start <= end and start <= span.end:
                found += [(diagnostic, repair) for repair in repairs(diagnostic)]
        return found
