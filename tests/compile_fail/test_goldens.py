# SPDX-License-Identifier: Apache-2.0
"""Every code that the C++ compiler finds: the refused handlers give exactly the kept words at the
kept place, on both compilers, and the mended ones give nothing.

A case is `tests/codegen/golden/CODE/{spec.tina, fail.h, pass.h, fail.txt}`; the two headers are
those of the spec's first isolate, the others get skeletons. With `TINA_UPDATE_GOLDENS=1` the texts
are written anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from emitted import COMPILERS, ROOT, compiled, findings, write

from tina_gen.cli import analyze_file
from tina_gen.codes import CODES, COMPILED
from tina_gen.emit import generate
from tina_gen.emit.scenarios import properties_header
from tina_gen.stub import skeletons

GOLDEN = ROOT / "tests" / "codegen" / "golden"
# The two headers of a case are those of the predicates, not of an isolate.
OF_PROPERTIES = {"E0414"}
PROPERTIES = properties_header("spec.tina")
UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
each_compiler = pytest.mark.parametrize("compiler", COMPILERS)
each_code = pytest.mark.parametrize("code", sorted(COMPILED))


def said(compiler: str, code: str, header: str, folder: Path) -> list[str]:
    """Compiles a case with one of its headers: the lines that say what is wrong."""
    model = analyze_file(str(GOLDEN / code / "spec.tina"), []).model
    assert model is not None
    write(folder, generate(model, "spec.tina"))
    stubs = skeletons(model, "spec.tina")
    for skeleton in stubs:
        (folder / skeleton.header_path).write_text(skeleton.header, encoding="utf-8")
    broken = PROPERTIES if code in OF_PROPERTIES else stubs[0].header_path
    text = (GOLDEN / code / header).read_text(encoding="utf-8")
    (folder / broken).write_text(text, encoding="utf-8")
    lines: list[str] = []
    for source in sorted(folder.glob("*.cc")):
        done = compiled(compiler, source, [folder])
        found = findings(done.stderr, folder)
        assert bool(found) == (done.returncode != 0), done.stderr
        lines += [f"{f.place}: error: {f.message}" for f in found if f.code]
    return lines


@each_compiler
@each_code
def test_refused_handlers_give_exactly_their_text(code: str, compiler: str, tmp_path: Path) -> None:
    text = "\n".join(said(compiler, code, "fail.h", tmp_path)) + "\n"
    assert f"[{code}] " in text
    expected = GOLDEN / code / "fail.txt"
    if UPDATE:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@each_compiler
@each_code
def test_mended_handlers_give_nothing(code: str, compiler: str, tmp_path: Path) -> None:
    assert said(compiler, code, "pass.h", tmp_path) == []


def test_every_code_in_an_assertion_is_one_of_the_list_and_the_other_way_round() -> None:
    places = [ROOT / "runtime" / "include" / "tina", ROOT / "codegen" / "tina_gen" / "emit"]
    sources = [p for place in places for p in place.rglob("*") if p.suffix in (".h", ".py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert set(re.findall(r'"\[(E\d{4})\] ', text)) == COMPILED


def test_every_message_of_the_contract_has_a_code() -> None:
    """Assertions of layouts have no message: they cannot fail through a user's mistake."""
    for path in sorted((ROOT / "tests" / "golden").glob("*/generated/**/*.[hc]*")):
        text = path.read_text(encoding="utf-8")
        for words in re.findall(r"static_assert\([^;]*?\"([^\"]*)\"", text):
            match = re.match(r"\[(E\d{4})\] ", words)
            assert match and match[1] in CODES, f"{path.name}: {words}"
