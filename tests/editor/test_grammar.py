# SPDX-License-Identifier: Apache-2.0
"""The TextMate grammar colours what the lexer and the parser read, and the extension is whole."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from textmate import Grammar

from tina_gen import __version__
from tina_gen.lsp.words import TYPES
from tina_gen.source import SourceFile
from tina_gen.syntax.lexer import Lexer
from tina_gen.syntax.tokens import UNITS, Token, TokenKind

ROOT = Path(__file__).parents[2]
EDITOR = ROOT / "idl" / "editor"
SOURCE = json.loads((EDITOR / "tina.tmLanguage.json").read_text(encoding="utf-8"))
GRAMMAR = Grammar(SOURCE)
QUOTED = set(
    re.findall(r'"([a-z][a-z_0-9]*)"', (ROOT / "idl" / "grammar.ebnf").read_text(encoding="utf-8"))
)
SPECS = [
    ROOT / "examples" / "tcp_echo" / "echo.tina",
    *sorted((ROOT / "idl" / "tina").glob("*.tina")),
    *sorted((ROOT / "tests" / "codegen" / "golden").glob("*/pass.tina")),
]

SCOPES = {
    TokenKind.NAME: (
        *("keyword.", "storage.", "support.type.", "entity.name.", "variable."),
        "constant.language.",
    ),
    TokenKind.INT: ("constant.numeric.",),
    TokenKind.FLOAT: ("constant.numeric.",),
    TokenKind.QUANTITY: ("constant.numeric.", "keyword.other.unit."),
    TokenKind.STRING: ("string.", "constant.character."),
    TokenKind.PUNCTUATION: ("keyword.operator.", "punctuation.", "entity.name.namespace."),
}


def words(*places: str) -> set[str]:
    """All words that stand as alternatives in the rules of these parts of the grammar."""
    found: set[str] = set()
    for place in places:
        for rule in SOURCE["repository"][place]["patterns"]:
            for group in re.findall(r"\((?:\?:)?([a-z_0-9|]+)\)", rule["match"]):
                found |= set(group.split("|"))
    return found


def scopes_of(text: str, token: Token) -> set[str]:
    """The scopes of the characters of a token."""
    start = token.span.column - 1
    return set(GRAMMAR.scopes(text)[start : start + len(token.text)])


def test_the_words_are_those_of_the_parser() -> None:
    ours = words("words", "declarations")
    assert QUOTED - ours <= {"true", "false", "x"}
    assert ours - QUOTED <= {"stay"}


def test_the_types_and_units_are_those_of_the_generator() -> None:
    assert words("types") == set(TYPES)
    units = next(
        rule["match"]
        for rule in SOURCE["repository"]["numbers"]["patterns"]
        if "KiB" in rule["match"]
    )
    group = re.findall(r"\(([A-Za-z|]+)\)", units)[0]
    assert set(group.split("|")) == set(UNITS)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_token_has_a_scope_of_its_class(path: Path) -> None:
    file = SourceFile(path.name, path.read_text(encoding="utf-8"))
    for token in Lexer(file).tokens()[:-1]:
        line = file.line_text(token.span.line)
        for scope in scopes_of(line, token):
            assert scope.startswith(SCOPES[token.kind]), (
                f"{token.span.place}: {token.text}: {scope}"
            )


@pytest.mark.parametrize(
    ("line", "word", "scope"),
    [
        ("isolate Listener {", "isolate", "storage.type.tina"),
        ("isolate Listener {", "Listener", "entity.name.type.tina"),
        ("  final state Gone;", "Gone", "entity.name.type.state.tina"),
        ("  on peer.Sent -> Reading;", "on", "keyword.control.tina"),
        ("  on peer.Sent -> Reading;", "->", "keyword.operator.transition.tina"),
        ("const  BUF : size = 2KiB;", "BUF", "variable.other.constant.tina"),
        ("const  BUF : size = 2KiB;", "size", "support.type.tina"),
        ("const  BUF : size = 2KiB;", "KiB", "keyword.other.unit.tina"),
        ("  state: u32;", "state", "variable.other.tina"),
        ("  on tick.timeout;", "timeout", "variable.other.tina"),
        ('import "a\\n//b" as x; // c', "\\n", "constant.character.escape.tina"),
        ('import "a\\n//b" as x; // c', "b", "string.quoted.double.tina"),
        ('import "a\\n//b" as x; // c', "// c", "comment.line.double-slash.tina"),
        ("/// says", "says", "comment.line.documentation.tina"),
        ("const A : bool = true;", "true", "constant.language.boolean.tina"),
        ("tick 0xFF;", "0xFF", "constant.numeric.hex.tina"),
    ],
)
def test_a_word_has_its_scope(line: str, word: str, scope: str) -> None:
    start = line.index(word)
    assert set(GRAMMAR.scopes(line)[start : start + len(word)]) == {scope}


def test_every_rule_is_included_and_every_scope_is_ours() -> None:
    included = {rule["include"] for rule in SOURCE["patterns"]}
    assert included == {f"#{name}" for name in SOURCE["repository"]}
    for rule in GRAMMAR.every_rule():
        captured = [c["name"] for c in rule.get("captures", {}).values()]
        for scope in [*captured, *([rule["name"]] if "name" in rule else [])]:
            assert scope.endswith(".tina")


def test_the_extension_is_whole() -> None:
    package = json.loads((EDITOR / "package.json").read_text(encoding="utf-8"))
    (language,) = package["contributes"]["languages"]
    (grammar,) = package["contributes"]["grammars"]
    for name in (package["main"], language["configuration"], grammar["path"]):
        assert (EDITOR / name).is_file()
    assert grammar["scopeName"] == SOURCE["scopeName"] and language["extensions"] == [".tina"]
    assert package["version"] == __version__
    json.loads((EDITOR / "language-configuration.json").read_text(encoding="utf-8"))
    script = (EDITOR / "extension.js").read_text(encoding="utf-8")
    settings = package["contributes"]["configuration"]["properties"]
    assert {f"tina.{name}" for name in re.findall(r'settings\.get\("(\w+)"', script)} == set(
        settings
    )


def test_the_script_of_the_extension_can_be_read() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    done = subprocess.run([node, "--check", EDITOR / "extension.js"], check=False, timeout=60)
    assert done.returncode == 0
