# SPDX-License-Identifier: Apache-2.0
"""No input makes any command of the generator end in a traceback: whatever the file holds, every
command prints something sensible and exits with 0, 1 or 2. All of them run inside this process, as
`tina-gen` would; a command that has no row here fails a test."""

from __future__ import annotations

import contextlib
import io
import shutil
import string
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from grammar import SPECS as SENTENCES
from grammar import mutated, scattered, sentence
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specs import ROOT

from tina_gen.cli import COMMANDS, main

RELAXED = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
# Each command with what it may be asked; `SPEC` is the input, `OUT` a new folder, `OWN` a header
# with the same bytes as the input.
ASKED: dict[str, list[list[str]]] = {
    "check": [["SPEC"], ["--format", "json", "SPEC"], ["--format", "sarif", "SPEC", "SPEC"]],
    "generate": [
        ["SPEC", "--output", "OUT"],
        ["SPEC", "--output", "OUT", "--depfile", "OUT/d", "--stamp", "OUT/s", "-I", "OUT"],
    ],
    "stub": [
        ["SPEC"],
        ["SPEC", "--output", "OUT"],
        ["SPEC", "--into", "OWN"],
        ["SPEC", "--isolate", "A"],
    ],
    "fmt": [["--check", "SPEC"], ["--diff", "SPEC"], ["SPEC"]],
    "budget": [
        ["SPEC"],
        ["SPEC", "--format", "json"],
        ["--object", "SPEC"],
        ["SPEC", "--lock", "OUT/lock"],
    ],
    "graph": [
        ["SPEC"],
        ["--format", "dot", "SPEC"],
        *(["--what", what, "SPEC"] for what in ("machines", "supervision", "topology")),
    ],
    "model": [["SPEC"], ["--diff", "SPEC", "SPEC"], ["--diff", "JSON", "SPEC"]],
    "explain": [["TEXT"]],
}
# A conversation, not a question: `test_lsp.py` holds it, `test_fuzz.py` what answers in it.
CONVERSATIONS = {"lsp"}

WHOLE = sorted(
    path
    for pattern in ("examples/**/*.tina", "tests/codegen/golden/*/*.tina", "tests/**/*.tina")
    for path in ROOT.glob(pattern)
)
BYTES = [path.read_bytes() for path in dict.fromkeys(WHOLE)]
HUGE = ["9" * 4000, "0x" + "f" * 3000, "1e400", "-" + "9" * 30, "9" * 25 + "h", "1.5KiB", "0"]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A real spec that is cut off, or has pieces cut out, doubled, moved or made huge."""
    data = draw(st.sampled_from(BYTES))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 80)))
        piece = data[start:end]
        match draw(st.sampled_from(["cut", "out", "double", "move", "huge", "bytes", "nest"])):
            case "cut":
                data = data[:start]
            case "out":
                data = data[:start] + data[end:]
            case "double":
                data = data[:end] + piece + data[end:]
            case "move":
                place = draw(st.integers(0, len(data)))
                data = data[:place] + piece + data[place:]
            case "huge":
                number = draw(st.sampled_from(HUGE)).encode()
                digits = [i for i, byte in enumerate(data) if chr(byte).isdigit()]
                if digits:
                    place = draw(st.sampled_from(digits))
                    data = data[:place] + number + data[place + 1 :]
            case "bytes":
                data = data[:start] + draw(st.binary(max_size=20)) + data[end:]
            case _:
                opening = draw(st.sampled_from([b"{", b"(", b"[", b"-", b"<", b"state S {"]))
                data = data[:start] + opening * draw(st.integers(1, 300)) + data[start:]
    return data


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """A sentence of the grammar, whole or with changes; almost none of them makes sense."""
    random: Random = draw(SENTENCES)
    words = sentence(random)
    if draw(st.booleans()):
        words = mutated(words, random)
    return scattered(words, random).encode()


INPUTS = st.one_of(
    broken(), written(), st.binary(max_size=300), st.text(max_size=200).map(str.encode)
)
TEXTS = st.text(string.printable, max_size=12)


def ask(command: str, arguments: list[str]) -> None:
    """Runs one command as the console would, whose encoding is the poorest there is."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            status = main([command, *arguments])
        except SystemExit as end:  # argparse, about the arguments
            status = int(end.code or 0)
    assert status in (0, 1, 2)


def places(folder: Path, data: bytes) -> dict[str, str]:
    """Writes an input: what stands for `SPEC`, `OUT`, `OWN` and `JSON`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("spec.tina", "own.h", "a.model.json"):
        (folder / name).write_bytes(data)
    return {
        "SPEC": str(folder / "spec.tina"),
        "OWN": str(folder / "own.h"),
        "JSON": str(folder / "a.model.json"),
        "OUT": str(folder / "out"),
    }


def filled(arguments: list[str], words: dict[str, str]) -> Iterator[str]:
    for argument in arguments:
        head, _, tail = argument.partition("/")
        yield "/".join([words.get(head, head), *([tail] if tail else [])])


def test_every_command_is_asked() -> None:
    assert set(COMMANDS) == set(ASKED) | CONVERSATIONS


@pytest.mark.parametrize("command", sorted(ASKED))
def test_no_input_ends_in_a_traceback(
    command: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp(command) / "input"

    @RELAXED
    @given(INPUTS, TEXTS)
    def whatever(data: bytes, text: str) -> None:
        words = {**places(folder, data), "TEXT": text}
        for arguments in ASKED[command]:
            ask(command, list(filled(arguments, words)))

    whatever()


@pytest.mark.parametrize("command", sorted(ASKED))
@pytest.mark.parametrize("path", [ROOT, ROOT / "nowhere.tina", Path("/dev/null")])
def test_no_kind_of_file_ends_in_a_traceback(command: str, path: Path, tmp_path: Path) -> None:
    words = dict.fromkeys(("SPEC", "OWN", "JSON"), str(path)) | {"OUT": str(tmp_path / "out")}
    for arguments in ASKED[command]:
        ask(command, list(filled(arguments, words | {"TEXT": "E0001"})))


@pytest.mark.parametrize("command", ["generate", "stub"])
def test_a_place_that_cannot_be_written_ends_in_no_traceback(command: str, tmp_path: Path) -> None:
    for out in ("/proc/nowhere", str(ROOT / "README.md"), str(tmp_path / ("x" * 300))):
        words = {"SPEC": str(ROOT / "examples" / "tcp_echo" / "echo.tina"), "OUT": out}
        for arguments in ASKED[command]:
            if "OUT" in arguments:
                ask(command, list(filled(arguments, words)))
