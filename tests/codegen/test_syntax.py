# SPDX-License-Identifier: Apache-2.0
"""Lexer, parser and grammar: literals, recovery, documentation, and the EBNF."""

from __future__ import annotations

import re

import pytest
from specs import ROOT, analyze_text, good_model

from tina_gen.names import snake
from tina_gen.source import SourceFile
from tina_gen.syntax.declarations import Scenario
from tina_gen.syntax.lexer import Lexer
from tina_gen.syntax.parser import parse

HEAD = "tina 1;\npackage p;\n"


def values(text: str) -> list[object]:
    lexer = Lexer(SourceFile("x.tina", text))
    found: list[object] = [*(token.value for token in lexer.tokens()[:-1])]
    assert lexer.diagnostics == []
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        ("0xFF_FF", 65535),
        ("2KiB", 2048),
        ("1.5s", 1_500_000_000),
        ("3min", 180 * 10**9),
        ("1e3", 1000.0),
        ('"a\\n\\"b"', 'a\n"b'),
    ],
)
def test_literals_have_their_value(text: str, value: object) -> None:
    assert values(text) == [value]


def test_range_of_quantities_is_three_tokens() -> None:
    assert values("0ms..20ms") == [0, None, 20_000_000]


def test_snake_conversion_is_the_one_of_the_reference() -> None:
    assert [snake(x) for x in ("HTTPConn", "EchoServer", "MAX_CONNS", "io")] == [
        "http_conn",
        "echo_server",
        "max_conns",
        "io",
    ]


def test_documentation_reaches_the_model() -> None:
    model = good_model(HEAD + "/// Counts.\n/// Twice.\nmessage Kick { /// how\n a: u32; }\n")
    assert model.messages[0].doc == "Counts.\nTwice."
    assert model.messages[0].fields[0].doc == "how"


def test_keywords_are_names_where_no_clause_begins() -> None:
    good_model(HEAD + "message Kick { on: u32; state: u32; message: u32; route: u32; }\n")


def test_constants_add_up_exactly() -> None:
    model = good_model(
        HEAD + "const A : u32 = 7 / 2 * 2 + -1 % 3;\nconst B : size = 3 * 1KiB / 2;\n"
    )
    assert [c.value for c in model.root.constants] == [9, 1536]


def test_scenario_and_faults_parse() -> None:
    text = HEAD + 'scenario "s" { node a : B; with C; seeds 1..64; time 60s; expect calm; }\n'
    tree, diagnostics = parse(SourceFile("x.tina", text))
    assert diagnostics == []
    assert isinstance(tree.decls[0], Scenario) and len(tree.decls[0].seeds) == 1


def test_forgotten_brace_is_one_error_that_shows_where_it_opened() -> None:
    analysis = analyze_text(HEAD + "message A {\n  x: u32;\nmessage B { y: u32; }\n")
    (only,) = analysis.diagnostics
    assert only.message == "expected `}`, found `message`"
    assert only.notes[0].span is not None and only.notes[0].span.line == 3


def test_text_that_is_no_spec_is_one_error() -> None:
    analysis = analyze_text("Dear reader,\n\nthis is not a spec; { it is } a letter.\n")
    assert [d.code for d in analysis.diagnostics] == ["E0010"]


def test_broken_declaration_does_not_hide_an_error_in_another() -> None:
    analysis = analyze_text(
        HEAD + "message Kick { x: Nope; }\nisolate A { on Kick; }\nconst B : u8 = 300;\n"
    )
    assert sorted(d.code for d in analysis.diagnostics) == ["E0101", "E0202", "E0501"]


def grammar_words() -> set[str]:
    text = (ROOT / "idl" / "grammar.ebnf").read_text(encoding="utf-8")
    rules = re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)
    return set(re.findall(r'"([a-z_]+)"', rules))


def test_each_word_of_the_grammar_is_in_the_parser_and_each_rule_is_used() -> None:
    folder = ROOT / "codegen" / "tina_gen" / "syntax"
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r'"([^"\n]*)"', source))))
    assert grammar_words() - words == set()
    text = (ROOT / "idl" / "grammar.ebnf").read_text(encoding="utf-8")
    rules = re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)
    names = set(re.findall(r"^([a-z_]+) +=", rules, flags=re.MULTILINE))
    used = set(
        re.findall(
            r"[a-z_]+", re.sub(r'"[^"]*"', "", re.sub(r"^[a-z_]+ +=", "", rules, flags=re.M))
        )
    )
    assert names - used == {"file"} and used - names == set()
