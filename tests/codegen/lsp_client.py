# SPDX-License-Identifier: Apache-2.0
"""A small client of the language server: a process, its two pipes, and the messages on them."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from specs import ROOT

LIMIT_S = 10


class Client:
    """Drives `tina-gen lsp` as an editor does. Use as a context; it shuts the server down."""

    def __init__(self, folder: Path, encodings: tuple[str, ...] = (), **options: Any) -> None:
        """Starts a server in `folder` and initializes it; `options` are initializationOptions."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "codegen")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tina_gen", "lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
        )
        self.number = 0
        self.received: queue.Queue[dict[str, Any]] = queue.Queue()
        self.published: dict[str, list[dict[str, Any]]] = {}
        self.versions: dict[str, int | None] = {}  # of what was published last
        self.newest: dict[str, int] = {}
        self.log: list[str] = []
        threading.Thread(target=self._receive, daemon=True).start()
        general = {"positionEncodings": list(encodings)} if encodings else {}
        self.capabilities = self.ask(
            "initialize",
            processId=None,
            rootUri=None,
            capabilities={"general": general},
            initializationOptions=options,
        )["capabilities"]
        self.tell("initialized")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.ask("shutdown")
            self.tell("exit")
        status, errors = self.end()
        assert status == 0 and errors == ""
        assert not self.log, self.log

    def end(self) -> tuple[int, str]:
        """Waits for the end of the process: its status and what it wrote to stderr."""
        assert self.process.stderr is not None
        self.process.wait(timeout=LIMIT_S)
        return self.process.returncode, self.process.stderr.read().decode()

    # ------------------------------------------------------------ messages

    def _receive(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
                while stream.readline().strip():
                    pass
                self.received.put(json.loads(stream.read(length)))

    def write(self, data: bytes) -> None:
        """Sends bytes as one message, whatever is in them."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def _send(self, **message: Any) -> None:
        self.write(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def tell(self, method: str, **params: Any) -> None:
        """Sends a notification."""
        self._send(method=method, params=params)

    def ask(self, method: str, **params: Any) -> Any:
        """Sends a request and returns its result; an error of the protocol fails the test."""
        self.number += 1
        number = self.number
        self._send(id=number, method=method, params=params)
        while True:
            message = self._take()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _take(self) -> dict[str, Any]:
        message = self.received.get(timeout=LIMIT_S)
        params = message.get("params", {})
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[params["uri"]] = params["diagnostics"]
            self.versions[params["uri"]] = params.get("version")
        elif message.get("method") == "window/logMessage":
            self.log.append(params["message"])
        return message

    # ------------------------------------------------------------ documents

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """Opens a document and returns its diagnostics."""
        self.newest[uri] = self.newest.get(uri, 0) + 1
        document = {"uri": uri, "languageId": "tina", "version": self.newest[uri], "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return self.diagnostics(uri, self.newest[uri])

    def edit(self, uri: str, *changes: dict[str, Any]) -> int:
        """Changes a document and returns its new version."""
        self.newest[uri] += 1
        document = {"uri": uri, "version": self.newest[uri]}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=list(changes))
        return self.newest[uri]

    def change(self, uri: str, *changes: dict[str, Any]) -> list[dict[str, Any]]:
        """Changes a document and returns its diagnostics then."""
        return self.diagnostics(uri, self.edit(uri, *changes))

    def diagnostics(self, uri: str, version: int) -> list[dict[str, Any]]:
        """The diagnostics of a version of a document, waiting for them if need be."""
        while self.versions.get(uri) != version:
            self._take()
        return self.published[uri]

    def at(self, method: str, uri: str, line: int, character: int) -> Any:
        """Asks about a place of a document."""
        return self.ask(
            f"textDocument/{method}",
            textDocument={"uri": uri},
            position={"line": line, "character": character},
        )

    def on(self, method: str, uri: str, text: str, words: str, after: int = 0) -> Any:
        """Asks about the place where `words` stand in a text, `after` characters further."""
        offset = text.index(words) + after
        line = text.count("\n", 0, offset)
        return self.at(method, uri, line, offset - text.rfind("\n", 0, offset) - 1)


def codes(diagnostics: list[dict[str, Any]]) -> list[str]:
    """The codes of diagnostics, in order."""
    return [diagnostic["code"] for diagnostic in diagnostics]
