# SPDX-License-Identifier: Apache-2.0
"""The language server with several files, with texts that are no specs, and without pygls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsp_client import Client, codes
from specs import ROOT

SIZES = "tina 1;\npackage sizes;\nconst N : u32 = 4;\n"
USER = 'tina 1;\npackage user;\nimport "sizes.tina" as sizes;\nconst M : u32 = sizes.N * 2;\n'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("editor")) as started:
        yield started


def test_an_unsaved_edit_of_an_imported_file_counts(client: Client, tmp_path: Path) -> None:
    (tmp_path / "sizes.tina").write_text(SIZES, encoding="utf-8")
    user, sizes = ((tmp_path / name).as_uri() for name in ("user.tina", "sizes.tina"))
    assert client.open(user, USER) == []
    client.versions.pop(user)
    client.open(sizes, SIZES.replace("N", "TOTAL"))
    assert codes(client.diagnostics(user, 1)) == ["E0101"]
    client.versions.pop(user)
    client.tell("textDocument/didClose", textDocument={"uri": sizes})
    assert client.diagnostics(user, 1) == []
    assert client.on("definition", user, USER, "sizes.N", 6)["uri"] == sizes


def test_an_error_in_an_imported_file_is_shown_there(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "sizes.tina"
    path.write_text(SIZES.replace("4", "4s"), encoding="utf-8")
    user = (tmp_path / "user.tina").as_uri()
    client.open(user, USER)
    assert codes(client.published[path.as_uri()]) == ["E0203"]
    path.write_text(SIZES, encoding="utf-8")
    client.versions.pop(user)
    client.tell("workspace/didChangeWatchedFiles", changes=[{"uri": path.as_uri(), "type": 2}])
    assert client.diagnostics(user, 1) == []
    assert client.published[path.as_uri()] == []


def test_a_missing_import_is_found_once_it_is_there(client: Client, tmp_path: Path) -> None:
    user = (tmp_path / "user.tina").as_uri()
    assert "E0106" in codes(client.open(user, USER))
    client.versions.pop(user)
    client.open((tmp_path / "sizes.tina").as_uri(), SIZES)
    assert client.diagnostics(user, 1) == []


def test_an_import_path_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "sizes.tina").write_text(SIZES, encoding="utf-8")
    with Client(tmp_path, importPath=[str(tmp_path / "lib")]) as client:
        assert client.open((tmp_path / "user.tina").as_uri(), USER) == []


def test_a_document_without_a_file_is_served(client: Client) -> None:
    uri = "untitled:Untitled-1"
    text = 'tina 1;\npackage p;\nimport "tina/net.tina" as net;\nconst A : u32 = B;\n'
    assert codes(client.open(uri, text)) == ["E0101"]
    assert "E0106" in codes(client.open("untitled:Untitled-2", USER))
    assert client.on("definition", uri, text, "A :")["uri"] == uri
    assert "net.tcp_stream" not in client.on("hover", uri, text, "A :")["contents"]["value"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "\0",
        "tina 1;",
        "tina 1;\npackage p;\nisolate {{{{",
        "tina 1;\npackage p;\n}}}} isolate A { machine { state",
        'tina 1;\npackage p;\nimport "',
        'tina 1;\npackage p;\nimport "../x.tina";\nimport "x.tina" as x;',
        "tina 1;\npackage p;\nisolate A { io a : a; on a.b.c; state; } supervisor S { child",
        "tina 1;\npackage p;\nconst A : u32 = \U0001f600\ud800;",
        "\ufefftina 1;\r\npackage p;\rconst A : u32 = 1",
        "x" * 1_100_000,
    ],
    ids=range(12),
)
def test_a_text_that_is_no_spec_gets_an_answer(client: Client, text: str, tmp_path: Path) -> None:
    uri = (tmp_path / "x y+ü%.tina").as_uri()
    client.open(uri, text)
    last = text.count("\n")
    for line, character in ((0, 0), (last, 0), (last, 5), (last, 10**6), (10**6, 0)):
        for method in ("hover", "definition", "completion"):
            client.at(method, uri, line, character)
    client.ask("textDocument/documentSymbol", textDocument={"uri": uri})
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 10**6, "character": 0}}
    context = {"diagnostics": client.published[uri]}
    client.ask(
        "textDocument/codeAction", textDocument={"uri": uri}, range=everything, context=context
    )
    assert not client.log


def test_a_file_that_was_never_opened_has_no_answers(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "gone.tina").as_uri()
    assert client.at("hover", uri, 0, 0) is None
    assert client.at("definition", uri, 0, 0) is None
    assert client.at("completion", uri, 0, 0) == []
    assert client.ask("textDocument/documentSymbol", textDocument={"uri": uri}) == []


def test_columns_are_counted_in_the_units_of_the_client(tmp_path: Path) -> None:
    text = 'tina 1;\npackage p;\nscenario "\U0001f600é" { time B; } const A : u32 = B;\n'
    uri = (tmp_path / "p.tina").as_uri()
    line = text.splitlines()[2]
    at = line.index("const")
    # How many units more than characters the smiley and the accent take.
    for encoding, more in (("utf-8", 4), ("utf-16", 1), ("utf-32", 0)):
        encodings = (encoding,) if encoding != "utf-16" else ()  # it is the default
        with Client(tmp_path, encodings) as client:
            client.open(uri, text)
            entries = client.ask("textDocument/documentSymbol", textDocument={"uri": uri})
            found = next(entry for entry in entries if entry["name"] == "A")
            assert found["range"]["start"] == {"line": 2, "character": at + more}, encoding


def test_what_is_no_message_is_one_line_and_not_the_end(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.write(b"{}")
    client.write(b"no json")
    client.write(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 3}')
    uri = (tmp_path / "a.tina").as_uri()
    assert client.open(uri, "tina 1;\npackage a;\n") == []
    client.ask("shutdown")
    client.tell("exit")
    status, errors = client.end()
    assert status == 0 and "Traceback" not in errors
    assert all(line.startswith("tina-gen lsp: ") for line in errors.splitlines()), errors


def test_without_pygls_one_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(name='pygls')", encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "codegen")])
    result = subprocess.run(
        [sys.executable, "-m", "tina_gen", "lsp"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=60,
        check=False,
    )
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and "tina-gen[editor]" in result.stderr


def test_pygls_is_not_imported_by_other_commands() -> None:
    code = "import sys, tina_gen.cli; sys.exit('pygls' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "codegen")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False)
    assert done.returncode == 0
