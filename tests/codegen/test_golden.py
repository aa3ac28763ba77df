# SPDX-License-Identifier: Apache-2.0
"""Every code has a failing case with its exact text and a passing case without a word.

`golden/CODE/fail.tina` gives `golden/CODE/fail.txt`; `golden/CODE/pass.tina` gives nothing. With
`TINA_UPDATE_GOLDENS=1` the texts are written anew. What cannot be kept as a file is made here.
Codes that the C++ compiler finds have their cases beside these; `tests/compile_fail` runs them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tina_gen.cli import library, read_file
from tina_gen.codes import CODES, COMPILED
from tina_gen.load import FILE_SIZE_MAX, Places
from tina_gen.pipeline import Analysis, analyze
from tina_gen.render import render

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
FOUND = sorted(set(CODES) - COMPILED)
# A case whose mistake cannot be written without a second one.
ALSO = {"E0013": {"E0005"}}
MADE = {
    "E0003/fail.tina": b"tina 1;\n" * (FILE_SIZE_MAX // 8 + 1),
    "E0708/fail.tina": b"tina 1;\npackage demo;\n"
    + b"".join(
        b"isolate Worker%d { budget { slots 1; mailbox 1; state <= 8B; } }\n" % number
        for number in range(1, 258)
    ),
}


def run(name: str) -> Analysis:
    """Analyzes a file of the golden folder; its path in the texts is relative to that folder."""

    def read(path: str, limit: int) -> bytes:
        if path in MADE:
            return MADE[path][:limit]
        return read_file(str(GOLDEN / path), limit)

    return analyze(name, read, Places(library(), (os.path.dirname(name),)))


@pytest.mark.parametrize("code", FOUND)
def test_failing_case_gives_exactly_its_text(code: str) -> None:
    analysis = run(f"{code}/fail.tina")
    text = render(analysis.diagnostics, "pretty") + "\n"
    assert f"[{code}]" in text
    assert analysis.failed == any(d.code.startswith("E") for d in analysis.diagnostics)
    expected = GOLDEN / code / "fail.txt"
    if UPDATE:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", FOUND)
def test_passing_case_gives_nothing(code: str) -> None:
    analysis = run(f"{code}/pass.tina")
    assert render(analysis.diagnostics, "plain") == ""
    assert analysis.model is not None


def test_each_folder_belongs_to_a_code_and_each_code_has_one() -> None:
    assert sorted(p.name for p in GOLDEN.iterdir() if p.is_dir()) == sorted(CODES)


@pytest.mark.parametrize("code", FOUND)
def test_failing_case_speaks_of_no_other_code_unless_it_says_so(code: str) -> None:
    """One mistake makes one diagnostic: a second code in a text would be a cascade."""
    others = {d.code for d in run(f"{code}/fail.tina").diagnostics} - {code}
    assert others <= ALSO.get(code, set())


@pytest.mark.parametrize("code", FOUND)
def test_each_diagnostic_points_somewhere_and_says_what_to_do(code: str) -> None:
    for diagnostic in run(f"{code}/fail.tina").diagnostics:
        assert diagnostic.help or diagnostic.code == "E0013"
        assert not diagnostic.message.endswith(".")
        assert diagnostic.span is None or diagnostic.label or diagnostic.code == "E0013"
