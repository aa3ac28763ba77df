# SPDX-License-Identifier: Apache-2.0
"""What holds for every right program: it passes all checks, its generated files are formatted, the
same wherever and whenever they are made, and free of warnings on both compilers; with skeletons of
its handlers it is a whole program that starts."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from emitted import COMPILERS, FLAGS, ROOT, write
from grammar import quoted, scattered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import Program, program
from recogniser import productions, used
from specs import analyze_text, good_model
from test_fmt import holds

from tina_gen.emit import GeneratedFile, generate
from tina_gen.emit.model_json import model_json
from tina_gen.graph import NOTATIONS, draw
from tina_gen.lsp import words
from tina_gen.model import Model
from tina_gen.model_diff import differences
from tina_gen.source import SourceFile
from tina_gen.stub import Skeleton, skeletons
from tina_gen.syntax.lexer import Lexer

RELAXED = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
PROGRAMS = st.integers(0, 2**32).map(lambda seed: program(Random(seed)))
# Programs that are compiled take seconds each; these few are larger than most.
COMPILED = sorted(range(200), key=lambda seed: -len(program(Random(seed)).text))[:1]
BUILD = ROOT / "build" / "gcc"
SPEC = "spec.tina"


@functools.cache
def parts(seed: int) -> tuple[list[GeneratedFile], list[Skeleton]]:
    """The generated files and the skeletons of a program."""
    found = program(Random(seed))
    model = good_model(found.text, found.others)
    return generate(model, SPEC), skeletons(model, SPEC)


def stripped(model: Model) -> str:
    """The model as it is printed, without what it takes from comments and places."""
    text = model_json(model, SPEC)
    return re.sub(r'"doc": "(\\.|[^"\\])*"|spec\.tina(:\d+)+', "", text)


# I/O kinds are declared in the standard library only.
REFUSED = ("kind", "lane", "kind_setting")
NOT_DRAWN = {"kind", "lane", "op", "setting", "from"}


def test_every_production_and_every_word_of_the_language_is_drawn() -> None:
    """A construct that the grammar gains fails here until some program has it."""
    left = productions()
    spoken: set[str] = set()
    for seed in range(120):
        drawn = program(Random(seed))
        for text in (drawn.text, *drawn.others.values()):
            tokens = Lexer(SourceFile(SPEC, text)).tokens()
            left -= used(tokens)
            spoken |= {token.text for token in tokens}
    missing = {one for one in left if one.partition(":")[0] not in REFUSED} - {"decl: kind"}
    assert not missing
    tables = (*words.SETTINGS.values(), words.STRATEGIES, words.LIMITS, words.BOUNDS)
    tables += (words.EXPECTED, words.TYPES, ("memory_fault", "core", "reuse_port", "backlog"))
    wanted = {word for table in tables for word in table} | set(quoted())
    assert wanted - spoken == NOT_DRAWN


def test_the_judge_of_what_is_drawn_sees_what_is_there() -> None:
    """The test above would hold for anything if the judge said yes to everything."""
    tokens = Lexer(SourceFile(SPEC, "tina 1;\npackage p;\nconst A : u32 = [1,];\n")).tokens()
    found = used(tokens)
    assert {"decl: const", 'const: "const"', 'list: [ "," ]'} <= found
    assert not found & {"decl: enum", 'const: "config"', 'list: { "," expr }', "type: qname"}


@RELAXED
@given(PROGRAMS)
def test_a_right_program_passes_every_check(drawn: Program) -> None:
    errors = [d for d in analyze_text(drawn.text, drawn.others).diagnostics if d.is_error]
    assert not errors, (errors[0].code, errors[0].message, drawn.text)


@RELAXED
@given(PROGRAMS)
def test_its_layout_keeps_its_tree(drawn: Program) -> None:
    for text in (drawn.text, *drawn.others.values()):
        holds(text)


@RELAXED
@given(PROGRAMS, st.integers(0, 2**32))
def test_its_layout_depends_on_nothing_but_its_words(drawn: Program, seed: int) -> None:
    """Blanks and comments in all places change the documentation and nothing else."""
    tokens = Lexer(SourceFile(SPEC, drawn.text)).tokens()[:-1]
    text = scattered([token.text for token in tokens], Random(seed))
    other = good_model(text, drawn.others)
    assert stripped(other) == stripped(good_model(drawn.text, drawn.others))


@RELAXED
@given(PROGRAMS)
def test_every_drawing_and_model_of_it_can_be_made(drawn: Program) -> None:
    model = good_model(drawn.text, drawn.others)
    for notation in NOTATIONS.values():
        notation(draw(model, "all"))
    printed = model_json(model, SPEC)
    assert printed == model_json(good_model(drawn.text, drawn.others), SPEC)
    assert differences(json.loads(printed), json.loads(printed)) == []


@pytest.mark.skipif(shutil.which("clang-format-19") is None, reason="clang-format-19 is absent")
def test_its_generated_files_and_skeletons_are_formatted(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".clang-format", tmp_path)
    paths = []
    for seed in range(40):
        generated, stubs = parts(seed)
        folder = tmp_path / str(seed)
        write(folder, [file for file in generated if not file.path.endswith(".json")])
        for stub in stubs:
            (folder / stub.header_path).write_text(stub.header, encoding="utf-8")
            (folder / stub.source_path).write_text(stub.source, encoding="utf-8")
        paths += sorted(path for path in folder.rglob("*") if path.is_file())
    command = ["clang-format-19", "--dry-run", "-Werror", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[:4000]


GENERATE = """\
import sys
from pathlib import Path
from random import Random
sys.path[:0] = sys.argv[1:3]
from programs import program
from tina_gen.cli import main
for seed in range(25):
    drawn = program(Random(seed))
    for name, text in {"spec.tina": drawn.text, **drawn.others}.items():
        path = Path(str(seed), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert main(["generate", f"{seed}/spec.tina", "--output", f"{seed}/out"]) == 0
"""


def test_its_generated_files_are_the_same_in_every_run_and_place(tmp_path: Path) -> None:
    made = []
    for seed, name in (("0", "here"), ("4711", "some/where/else")):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        paths = [str(ROOT / "codegen"), str(ROOT / "tests" / "codegen")]
        command = [sys.executable, "-c", GENERATE, *paths]
        subprocess.run(command, cwd=folder, env=environment, check=True, timeout=300)
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        made.append({path.relative_to(folder): path.read_bytes() for path in found})
    assert len(made[0]) > 100 and made[0] == made[1]


def link_libraries() -> list[str]:
    """What a program links, as the build of the reference compiler does it."""
    lines = (BUILD / "build.ninja").read_text(encoding="utf-8").split("\n")
    start = next(
        n for n, line in enumerate(lines) if line.startswith("build examples/tcp_echo/tcp_echo:")
    )
    line = next(line for line in lines[start:] if line.startswith("  LINK_LIBRARIES = "))
    words = line.removeprefix("  LINK_LIBRARIES = ").split()
    return [str(BUILD / word) if word.startswith("runtime/") else word for word in words]


def object_of(compiler: str, folder: Path, source: Path) -> Path:
    """Compiles one file as the project would, without the cost of optimising."""
    output = source.with_suffix(f".{compiler}.o")
    flags = [flag for flag in FLAGS if flag != "-fsyntax-only"]
    command = [compiler, *flags, "-O0", "-fno-exceptions", "-fno-rtti", f"-I{folder}"]
    command += [f"-I{ROOT / 'runtime' / 'include'}", "-c", str(source), "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0 and not done.stderr, done.stderr[:6000]
    return output


def predicates(seed: int) -> str:
    """The header of a program's properties, each of which holds."""
    names = re.findall(r"^property (\w+)", program(Random(seed)).text, re.MULTILINE)
    one = "inline bool {}(const tina::sim::View&) {{ return true; }}\n"
    inner = "".join(map(one.format, names))
    return f'#pragma once\n#include "tina/sim.h"\nnamespace drawn {{\n{inner}}}\n'


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("seed", COMPILED)
def test_with_skeletons_it_is_a_whole_program(seed: int, compiler: str, tmp_path: Path) -> None:
    generated, stubs = parts(seed)
    write(tmp_path, generated)
    for stub in stubs:
        (tmp_path / stub.header_path).write_text(stub.header, encoding="utf-8")
        (tmp_path / stub.source_path).write_text(stub.source, encoding="utf-8")
    (tmp_path / "spec_properties.h").write_text(predicates(seed), encoding="utf-8")
    sources = sorted(tmp_path.glob("*.cc"))
    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(lambda source: object_of(compiler, tmp_path, source), sources))
    if not (BUILD / "runtime" / "libtina_sim.a").is_file():
        pytest.skip("build/gcc is not built")
    whole = tmp_path / "whole"
    command = [compiler, *map(str, objects), "-o", str(whole), *link_libraries(), "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[:6000]
    shown = subprocess.run(
        [whole, "topology"], capture_output=True, text=True, timeout=60, check=False
    )
    assert shown.returncode == 0 and "Root" in shown.stdout, shown.stderr
