# SPDX-License-Identifier: Apache-2.0
"""Layouts of random types: what Python calculates is what the C++ compilers have.

A random package of structs, unions, aliases and messages is generated; its header asserts every
size, alignment and offset, and this file adds that nothing is padded in secret.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from emitted import COMPILERS, compiled, write
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tina_gen.emit import generate
from tina_gen.layout import place, size_of
from tina_gen.load import Places
from tina_gen.model import (
    ArrayType,
    BytesType,
    EnumType,
    ListType,
    Message,
    Model,
    OptionType,
    Scalar,
    ScalarType,
    StringType,
    Struct,
    StructType,
    Type,
    UnionType,
)
from tina_gen.pipeline import analyze

WORDS = [scalar.value for scalar in Scalar]
CAPACITIES = st.sampled_from([1, 2, 3, 5, 7, 8, 13, 64, 255, 256, 257, 1000, 66_000])
FLOATS = (Scalar.F32, Scalar.F64)


@st.composite
def type_words(draw: st.DrawFn, known: list[str], depth: int = 0) -> str:
    """A type over the built-in ones and those declared before."""
    plain = st.sampled_from(WORDS + known * 3)
    if depth == 3:
        return draw(plain)
    match draw(st.integers(0, 7)):
        case 0:
            return f"string<{draw(CAPACITIES)}>"
        case 1:
            return f"bytes<{draw(CAPACITIES)}>"
        case 2:
            return f"list<{draw(type_words(known, depth + 1))}, {draw(st.integers(1, 9))}>"
        case 3:
            return f"[{draw(type_words(known, depth + 1))}; {draw(st.integers(1, 5))}]"
        case 4:
            return f"option<{draw(type_words(known, depth + 1))}>"
        case _:
            return draw(plain)


@st.composite
def specs(draw: st.DrawFn, count: int) -> str:
    """A package of so many declarations."""
    known = ["Kind", "Bits", "ref<Nobody>"]
    lines = [
        "tina 1;",
        "package layouts;",
        "enum Kind : i16 { A; B = -3; }",
        "flags Bits : u32 { A; B; C; }",
        "isolate Nobody { budget { slots 1; mailbox 1; state <= 64B; } }",
    ]
    for index in range(count):
        word = draw(st.sampled_from(["struct", "struct", "union", "type", "message"]))
        name = f"{word.capitalize()}{index}"
        if word == "type":
            lines.append(f"type {name} = {draw(type_words(known))};")
        else:
            least = 1 if word == "union" else 0
            types = draw(st.lists(type_words(known), min_size=least, max_size=6))
            fields = " ".join(f"f{place}: {kind};" for place, kind in enumerate(types))
            lines.append(f"{word} {name} {{ {fields} }}")
        if word != "message":
            known.append(name)
    return "\n".join(lines) + "\n"


def model_of(spec: str) -> Model | None:
    """The model of a spec, None if one of its types is too large or lies too deep."""
    analysis = analyze("layouts.tina", lambda *_: spec.encode(), Places("", ()))
    errors = {d.code for d in analysis.diagnostics if d.is_error}
    assert errors <= {"E0215", "E0011"}, analysis.diagnostics
    return analysis.model


def unique(kind: Type) -> bool:
    """Whether C++ can say that each bit counts: floats have two zeros, empty structs no bits."""
    match kind:
        case ScalarType(scalar=scalar):
            return scalar not in FLOATS
        case ListType(element=inner) | ArrayType(element=inner) | OptionType(element=inner):
            return unique(inner)
        case StructType(struct=struct):
            return bool(struct.fields) and all(unique(field.type) for field in struct.fields)
        case UnionType() | EnumType() | StringType() | BytesType():
            return True
        case _:
            return True


@given(specs(12))
@settings(max_examples=60, deadline=None)
def test_fields_and_padding_fill_what_they_lie_in(spec: str) -> None:
    model = model_of(spec)
    if model is None:
        return
    structs = [struct for package in model.packages for struct in package.structs]
    records: list[Message | Struct] = [*model.messages, *structs]
    for placed in records:
        end = 0
        for field in placed.fields:
            assert field.offset == end and field.offset % field.align == 0
            assert (field.size, field.align) == size_of(field.type)
            end = field.offset + field.size + field.padding
        assert end == (placed.size if placed.fields else 0)
        assert placed.size % placed.align == 0
        assert place([field.type for field in placed.fields]).size == placed.size


@pytest.mark.parametrize("compiler", COMPILERS)
@given(data=st.data())
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_compilers_agree(compiler: str, tmp_path: Path, data: st.DataObject) -> None:
    model = model_of(data.draw(specs(60)))
    while model is None:
        model = model_of(data.draw(specs(60)))
    header = next(file for file in generate(model, "layouts.tina") if file.path == "layouts.tina.h")
    write(tmp_path, [header])
    package = model.root
    placed: list[tuple[str, Type]] = [
        *((s.name, StructType(s)) for s in package.structs),
        *((u.name, UnionType(u)) for u in package.unions),
        *((a.name, a.type) for a in package.aliases),
    ]
    checks = ['#include "layouts.tina.h"', "#include <type_traits>", "namespace layouts {"]
    for name, kind in placed:
        size, align = size_of(kind)
        checks.append(f"static_assert(sizeof({name}) == {size} && alignof({name}) == {align});")
        checks.append(f"static_assert(std::is_trivially_copyable_v<{name}>);")
        if unique(kind):
            checks.append(f"static_assert(std::has_unique_object_representations_v<{name}>);")
    for message in package.messages:
        checks.append(f"static_assert(std::is_trivially_copyable_v<{message.name}>);")
    source = tmp_path / "layouts.cc"
    source.write_text("\n".join([*checks, "}  // namespace layouts", ""]), encoding="utf-8")
    done = compiled(compiler, source, [tmp_path])
    assert done.returncode == 0 and not done.stderr, done.stderr
