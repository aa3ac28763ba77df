# SPDX-License-Identifier: Apache-2.0
"""Every code is explained, and each example does what its page says: the refused spec gives the
code, the mended one gives nothing. With `TINA_UPDATE_GOLDENS=1` the reference is written anew."""

from __future__ import annotations

import os

import pytest
from specs import ROOT
from test_cli import tina_gen
from test_golden import MADE

from tina_gen.cli import analyze_file
from tina_gen.codes import CODES, COMPILED
from tina_gen.explain import cases, example, families, page
from tina_gen.explain.text import listing, markdown, terminal

REFERENCE = ROOT / "docs" / "reference" / "codes.md"
UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
each_code = pytest.mark.parametrize("code", sorted(CODES))


@each_code
def test_each_code_is_explained(code: str) -> None:
    found = page(code)
    assert found, f"write a section `## {code}` into codegen/tina_gen/explain/pages/E{code[1:3]}.md"
    for text in (found.meaning, found.why, found.repair):
        assert text.endswith((".", "!")) and len(text) >= 12
    assert not found.meaning[0].islower()


def test_pages_are_in_their_family_in_order_and_say_nothing_twice() -> None:
    codes = [page.code for family in families() for page in family.pages]
    assert sorted(codes) == sorted(CODES) and len(set(codes)) == len(codes)
    for family in families():
        numbers = [page.code[1:] for page in family.pages]
        assert numbers == sorted(numbers)
        assert {number[:2] for number in numbers} == {family.name[1:]}
    words = [text for f in families() for p in f.pages for text in (p.meaning, p.why)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("code", sorted(set(CODES) - COMPILED))
def test_the_refused_example_gives_the_code_and_the_mended_one_nothing(code: str) -> None:
    shown = example(code)
    assert f"[{code}]" in shown.said and shown.mended
    assert bool(shown.refused) == (code not in ("E0001", "E0003", "E0708"))
    if f"{code}/fail.tina" not in MADE:
        refused = analyze_file(str(cases() / code / "fail.tina"), [])
        assert code in {diagnostic.code for diagnostic in refused.diagnostics}
    assert analyze_file(str(cases() / code / "pass.tina"), []).diagnostics == ()


@pytest.mark.parametrize("code", sorted(COMPILED))
def test_a_code_of_the_compiler_has_a_spec_and_two_handlers(code: str) -> None:
    shown = example(code)
    assert f"[{code}]" in shown.said and shown.refused and shown.mended
    assert shown.refused != shown.mended and shown.language == "cpp"
    assert analyze_file(str(cases() / code / "spec.tina"), []).diagnostics == ()


@each_code
def test_each_page_can_be_shown_on_any_terminal(code: str) -> None:
    found = page(code)
    assert found
    text = terminal(found)
    assert text.startswith(f"{code}: {CODES[code]}\n") and "Why: " in text and "Repair: " in text
    assert "\x1b" not in text and "\t" not in text


def test_the_reference_is_what_the_command_prints() -> None:
    text = markdown()
    if UPDATE:
        REFERENCE.write_text(text, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == text, "./dev docs writes it anew"
    assert tina_gen("explain", "--markdown").stdout == text


def test_a_code_is_found_in_any_case_and_with_its_brackets() -> None:
    result = tina_gen("explain", "[e0301]")
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.startswith("E0301: ") and "Repaired by:\n    +       ignore Kick;" in (
        result.stdout
    )


def test_an_unknown_code_is_one_line_that_says_what_to_do() -> None:
    result = tina_gen("explain", "E301")
    assert result.returncode == 2 and result.stdout == "" and result.stderr.count("\n") == 1
    assert "did you mean `E0301`?" in result.stderr and "explain --list" in result.stderr
    assert tina_gen("explain").returncode == 2


def test_the_list_has_every_code() -> None:
    lines = tina_gen("explain", "--list").stdout
    assert lines == listing()
    assert all(f"  {code}  {meaning}\n" in lines for code, meaning in CODES.items())
