# SPDX-License-Identifier: Apache-2.0
"""A handler that is missing, misspelt or wrongly typed is an error at its clause, and nothing else
is: all of them in one compile, each with the signature to add."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from emitted import COMPILERS, ROOT, compiled, files, write

SPEC = "examples/tcp_echo/echo.tina"
each_compiler = pytest.mark.parametrize("compiler", COMPILERS)


def errors(compiler: str, folder: Path, edits: dict[str, str]) -> list[tuple[str, str]]:
    """Compiles the echo contract against edited handlers: (place, message) of each error."""
    write(folder, files(SPEC))
    for name in ("connection.h", "listener.h"):
        shutil.copy(ROOT / "examples" / "tcp_echo" / name, folder / name)
    connection = folder / "connection.h"
    text = connection.read_text(encoding="utf-8")
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    connection.write_text(text, encoding="utf-8")
    done = compiled(compiler, folder / "echo.tina.cc", [folder])
    found = re.findall(r"^([^ \n]+?):(?:\d+:)? (?:fatal )?error: (.*)$", done.stderr, re.MULTILINE)
    assert bool(found) == (done.returncode != 0), done.stderr
    return found


def line_of(words: str) -> str:
    """`path:line` of the first line of the spec that holds these words."""
    lines = (ROOT / SPEC).read_text(encoding="utf-8").split("\n")
    return f"{SPEC}:{next(n for n, line in enumerate(lines, 1) if words in line)}"


RECEIVED = (
    "Then<Echoing, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&&, Context&);"
)
SENT = "Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent&, Context&);"


@each_compiler
def test_right_handlers_give_no_error(compiler: str, tmp_path: Path) -> None:
    assert errors(compiler, tmp_path, {}) == []


@each_compiler
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RECEIVED, ""),
        ("on_peer_received(", "on_peer_recieved("),
        ("Then<Echoing, Gone> on_peer_received", "Then<Echoing> on_peer_received"),
        ("Then<Echoing, Gone> on_peer_received", "Then<Gone, Echoing> on_peer_received"),
        ("on_peer_received(in<Reading>", "on_peer_received(in<Echoing>"),
        ("net::tcp_stream::Received&&", "const net::tcp_stream::Received&"),
        ("net::tcp_stream::Received&&, Context&)", "net::tcp_stream::Received&&, Context&) const"),
    ],
    ids=["missing", "misspelt", "result", "order", "state", "message", "const"],
)
def test_a_wrong_handler_is_the_one_error_at_its_clause(
    compiler: str, tmp_path: Path, old: str, new: str
) -> None:
    ((place, message),) = errors(compiler, tmp_path, {old: new})
    assert place == line_of("on peer.Received")
    assert f"add to Connection: {RECEIVED}" in message


@each_compiler
def test_all_wrong_handlers_appear_in_one_compile(compiler: str, tmp_path: Path) -> None:
    edits = {RECEIVED: "", SENT: "", "on_init(": "on_int(", "on_enter(": "on_entre("}
    found = errors(compiler, tmp_path, edits)
    assert sorted(place for place, _ in found) == sorted(
        line_of(words) for words in ("init (conn", "enter;", "on peer.Received", "on peer.Sent")
    )
    assert all("add to Connection: " in message for _, message in found)


@each_compiler
def test_state_that_is_too_large_names_its_budget(compiler: str, tmp_path: Path) -> None:
    edits = {"bytes_echoed = 0;": "bytes_echoed = 0; char more[100] = {};"}
    ((place, message),) = errors(compiler, tmp_path, edits)
    assert place == line_of("state <= 64B")
    assert "Connection is larger than its budget `state <= 64B`" in message


@each_compiler
def test_state_with_a_destructor_is_refused(compiler: str, tmp_path: Path) -> None:
    edits = {"bytes_echoed = 0;": "bytes_echoed = 0; ~Connection() { bytes_echoed = 0; }"}
    ((place, message),) = errors(compiler, tmp_path, edits)
    assert place == line_of("isolate Connection")
    assert "trivially destructible" in message
