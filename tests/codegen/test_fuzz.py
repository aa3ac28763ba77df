# SPDX-License-Identifier: Apache-2.0
"""No input makes the front end raise or hang: random bytes, random tokens, and broken specs."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specs import ECHO, ROOT, analyze_bytes

from tina_gen.emit.model_json import model_json
from tina_gen.format import format_file, same_program
from tina_gen.graph import NOTATIONS, draw
from tina_gen.model_diff import differences
from tina_gen.render import FORMS, render
from tina_gen.source import SourceFile
from tina_gen.stub import skeletons

GOLDEN = sorted((ROOT / "tests" / "codegen" / "golden").glob("*/*.tina"))
SPECS = [ECHO.read_bytes()] + [path.read_bytes() for path in GOLDEN]
WORDS = sorted(
    {word for spec in SPECS for word in spec.decode("utf-8", "replace").split() if len(word) < 40}
)
RELAXED = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))


def survives(data: bytes) -> None:
    analysis = analyze_bytes(data)
    for form in FORMS:
        render(analysis.diagnostics, form)
    assert (analysis.model is None) == analysis.failed
    text = data.decode("utf-8", "replace")
    laid_out = format_file(SourceFile("spec.tina", text))
    assert not isinstance(laid_out, str) or same_program(SourceFile("spec.tina", text), laid_out)
    if analysis.model is not None:
        for notation in NOTATIONS.values():
            notation(draw(analysis.model, "all"))
        model = json.loads(model_json(analysis.model, "spec.tina"))
        assert differences(model, model) == []
        skeletons(analysis.model, "spec.tina")


@RELAXED
@given(st.binary(max_size=400))
def test_random_bytes_never_raise(data: bytes) -> None:
    survives(data)


@RELAXED
@given(st.text(max_size=400))
def test_random_text_behind_a_good_head_never_raises(text: str) -> None:
    survives(b"tina 1;\npackage p;\n" + text.encode("utf-8", "surrogatepass"))


@RELAXED
@given(st.lists(st.sampled_from(WORDS), max_size=80))
def test_random_words_of_the_language_never_raise(words: list[str]) -> None:
    survives(("tina 1;\npackage p;\n" + " ".join(words)).encode())


@RELAXED
@given(st.sampled_from(SPECS), st.data())
def test_spec_with_pieces_cut_doubled_or_swapped_never_raises(
    spec: bytes, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(spec)))
        end = data.draw(st.integers(start, min(len(spec), start + 60)))
        piece = data.draw(
            st.one_of(
                st.just(b""),
                st.just(spec[start:end] * 2),
                st.sampled_from(WORDS).map(lambda word: f" {word} ".encode()),
            )
        )
        spec = spec[:start] + piece + spec[end:]
    survives(spec)


def test_deep_and_long_inputs_end_quickly() -> None:
    head = b"tina 1;\npackage p;\n"
    for body in (
        b"const A : u32 = " + b"(" * 20_000,
        b"const A : u32 = " + b"-" * 20_000,
        b"const A : u32 = 1" + b"+1" * 20_000 + b";",
        b"const A : u32 = " + b"(1+1*2+" * 60 + b"1" + b")" * 60 + b";",
        b"message M { a: " + b"list<" * 20_000,
        b"isolate A { machine {" + b"state S {" * 10_000,
        b"isolate A {" * 10_000,
        b"message M {}\n" * 2_000,
        b"}" * 50_000,
        b'"' * 50_000,
        b"".join(b"const C%d : u32 = C%d;\n" % (i, i + 1) for i in range(500)),
    ):
        survives(head + body)
