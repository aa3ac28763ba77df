# SPDX-License-Identifier: Apache-2.0
"""The protocol: requests of an editor become questions to a `Session`, answers become messages.

The only file that imports pygls, besides `convert.py`. A mistake of the server is one line in the
editor's log and an empty answer, never a traceback and never the end.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from tina_gen import __version__
from tina_gen.load import Reader
from tina_gen.lsp import convert
from tina_gen.lsp.session import Session
from tina_gen.lsp.text import UNITS, Lines, Position

QUIET_S = 0.15  # a text is studied when nothing has been typed for so long
TRIGGERS = [".", ":", "<", ">", "|", "="]

Answer = TypeVar("Answer")
_Placed = types.DefinitionParams | types.HoverParams | types.CompletionParams


class _OneLine(logging.Formatter):
    """Log records without tracebacks: pygls logs them for messages that it cannot read."""

    def format(self, record: logging.LogRecord) -> str:
        reason = record.exc_info[1] if record.exc_info else None
        words = f"{record.getMessage()}: {reason}" if reason else record.getMessage()
        return "tina-gen lsp: " + words.partition("\n")[0]


def _silence() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logger = logging.getLogger("pygls")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.ERROR)


class Server:
    """One editor's session over one stream."""

    def __init__(self, read: Reader, library: str, roots: Sequence[str]) -> None:
        """Imports are searched beside each document, then in `roots`."""
        self.session = Session(read, library, roots)
        self.pygls = LanguageServer("tina-gen", __version__)
        self._waiting: asyncio.TimerHandle | None = None
        self._register()

    # ------------------------------------------------------------ the stream

    def serve(self) -> None:
        """Serves standard input and output until the editor ends the session."""
        _silence()
        # Streams of its own: pygls closes them, and what is printed elsewhere must not get between.
        with os.fdopen(os.dup(0), "rb") as source, os.fdopen(os.dup(1), "wb") as target:
            os.dup2(2, 1)
            self.pygls.start_io(source, target)

    def _register(self) -> None:
        features: list[tuple[str, Any, Callable[[Any], Any]]] = [
            (types.INITIALIZE, None, self._initialize),
            (types.TEXT_DOCUMENT_DID_OPEN, None, self._did_open),
            (types.TEXT_DOCUMENT_DID_CHANGE, None, self._did_change),
            (types.TEXT_DOCUMENT_DID_SAVE, None, self._did_save),
            (types.TEXT_DOCUMENT_DID_CLOSE, None, self._did_close),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, None, self._did_change_files),
            (types.TEXT_DOCUMENT_DEFINITION, None, self._definition),
            (types.TEXT_DOCUMENT_HOVER, None, self._hover),
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, None, self._symbols),
            (
                types.TEXT_DOCUMENT_COMPLETION,
                types.CompletionOptions(trigger_characters=TRIGGERS),
                self._completion,
            ),
            (
                types.TEXT_DOCUMENT_CODE_ACTION,
                types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
                self._actions,
            ),
        ]
        for name, options, function in features:
            self.pygls.feature(name, options)(self._guarded(name, function))

    def _guarded(self, name: str, function: Callable[[Any], Answer]) -> Callable[[Any], Any]:
        @functools.wraps(function)
        def guarded(params: Any) -> Answer | None:
            try:
                return function(params)
            except Exception as error:  # a mistake of ours must not end the session
                self._log(f"{name}: {type(error).__name__}: {error}")
                return None

        return guarded

    def _log(self, words: str) -> None:
        params = types.LogMessageParams(types.MessageType.Error, words.partition("\n")[0])
        self.pygls.window_log_message(params)

    # ------------------------------------------------------------ texts

    def _initialize(self, params: types.InitializeParams) -> None:
        options = params.initialization_options
        given = options.get("importPath", []) if isinstance(options, dict) else []
        roots = given if isinstance(given, list) else []
        self.session.roots += tuple(root for root in roots if isinstance(root, str))

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._take(params.text_document.uri)
        self._publish()

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._take(params.text_document.uri)
        if self._waiting:
            self._waiting.cancel()
        publish = self._guarded("diagnostics", lambda _: self._publish())
        self._waiting = asyncio.get_running_loop().call_later(QUIET_S, publish, None)

    def _did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        self._publish()

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self.session.close(params.text_document.uri)
        self._publish()

    def _did_change_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            self.session.changed_on_disk(change.uri)
        self._publish()

    def _take(self, uri: str) -> None:
        document = self.pygls.workspace.get_text_document(uri)
        self.session.set_text(uri, document.source, document.version)

    def _publish(self) -> None:
        converter = self._converter()
        for uri, found in self.session.refresh().items():
            self.pygls.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    uri=uri,
                    diagnostics=[converter.diagnostic(diagnostic) for diagnostic in found],
                    version=self.session.version(uri),
                )
            )

    # ------------------------------------------------------------ questions

    def _encoding(self) -> str:
        agreed = self.pygls.workspace.position_encoding  # a word or an enum of words
        name = str(getattr(agreed, "value", agreed))
        return name if name in UNITS else "utf-16"

    def _converter(self) -> convert.Converter:
        return convert.Converter(self._encoding(), self.session.uris())

    def _lines(self, uri: str) -> Lines | None:
        text = self.session.text(uri)
        return Lines(text, self._encoding()) if text is not None else None

    def _offset(self, params: _Placed) -> int | None:
        lines = self._lines(params.text_document.uri)
        place = Position(params.position.line, params.position.character)
        return lines.offset(place) if lines else None

    def _definition(self, params: types.DefinitionParams) -> types.Location | None:
        offset = self._offset(params)
        if offset is None:
            return None
        found = self.session.definition(params.text_document.uri, offset)
        return types.Location(found[0], self._converter().span(found[1])) if found else None

    def _hover(self, params: types.HoverParams) -> types.Hover | None:
        offset = self._offset(params)
        found = self.session.hover(params.text_document.uri, offset) if offset is not None else None
        if found is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, found[0])
        return types.Hover(content, self._converter().span(found[1]))

    def _completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        offset = self._offset(params)
        if offset is None:
            return []
        return [
            convert.proposal(found)
            for found in self.session.completion(params.text_document.uri, offset)
        ]

    def _symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        uri = params.text_document.uri
        lines = self._lines(uri)
        if lines is None:
            return []
        return [self._converter().symbol(entry, lines) for entry in self.session.outline(uri)]

    def _actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        lines = self._lines(uri)
        if lines is None:
            return []
        start, end = (
            lines.offset(Position(place.line, place.character))
            for place in (params.range.start, params.range.end)
        )
        found = self.session.repairs(uri, start, end)
        return [
            self._converter().action(uri, lines, diagnostic, repair, len(found) == 1)
            for diagnostic, repair in found
        ]
