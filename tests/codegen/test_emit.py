# SPDX-License-Identifier: Apache-2.0
"""The generated files: exactly the kept ones, formatted, the same twice, and without warnings.

Run with `TINA_UPDATE_GOLDENS=1` to write `tests/golden/NAME/generated` anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from emitted import CASES, COMPILERS, GOLDEN, ROOT, Case, compiled, files, write

UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
SPECS = [case.spec for case in CASES] + [
    f"bench/{name}/{name}.tina" for name in ("fan_in", "ping_pong", "ring")
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_spec = pytest.mark.parametrize("spec", SPECS)


@each_case
def test_the_generated_files_are_the_kept_ones(case: Case) -> None:
    kept = GOLDEN / case.name / "generated"
    generated = {file.path: file.text for file in files(case.spec)}
    if UPDATE:
        shutil.rmtree(kept, ignore_errors=True)
        write(kept, files(case.spec))
    paths = [path for path in kept.rglob("*") if path.is_file()]
    texts = {str(path.relative_to(kept)): path.read_text(encoding="utf-8") for path in paths}
    assert texts == generated


@each_spec
def test_the_same_spec_gives_the_same_bytes(spec: str) -> None:
    again = files.__wrapped__(spec)
    assert again == files(spec)


@each_spec
def test_generated_code_is_formatted(spec: str) -> None:
    formatter = shutil.which("clang-format-19")
    if formatter is None:
        pytest.skip("clang-format-19 is absent")
    for file in files(spec):
        if file.path.endswith(".json"):
            continue
        command = [
            formatter,
            f"--style=file:{ROOT}/.clang-format",
            f"--assume-filename={file.path}",
        ]
        done = subprocess.run(command, input=file.text, capture_output=True, text=True, check=True)
        assert file.text == done.stdout


@pytest.mark.parametrize("compiler", COMPILERS)
@each_case
def test_generated_code_compiles_without_warnings(
    case: Case, compiler: str, tmp_path: Path
) -> None:
    write(tmp_path, files(case.spec))
    for source in sorted(tmp_path.glob("*.cc")):
        done = compiled(compiler, source, [tmp_path, ROOT / case.handlers])
        assert done.returncode == 0 and not done.stderr, done.stderr


@each_spec
def test_generated_code_names_no_machine_and_no_day(spec: str) -> None:
    for file in files(spec):
        assert str(ROOT) not in file.text
        assert not re.search(r"\b20\d\d-\d\d", file.text)


@each_spec
def test_lines_back_to_the_generated_file_are_right(spec: str) -> None:
    for file in files(spec):
        lines = file.text.split("\n")
        for index, line in enumerate(lines):
            match = re.fullmatch(r'#line (\d+) "(.*)"', line)
            if match and match[2] == file.path:
                assert int(match[1]) == index + 2


def test_an_assertion_stands_on_its_clause() -> None:
    spec = "examples/tcp_echo/echo.tina"
    source = (ROOT / spec).read_text(encoding="utf-8").split("\n")
    (contract,) = [file.text for file in files(spec) if file.path == "echo.tina.cc"]
    match = re.search(rf'#line (\d+) "{spec}"\nstatic_assert\(ConnectionHandlesPeerSent', contract)
    assert match
    assert "on peer.Sent ->" in source[int(match[1]) - 1]


def test_the_model_is_versioned_and_refers_by_name() -> None:
    (text,) = [f.text for f in files("examples/tcp_echo/echo.tina") if f.path.endswith(".json")]
    model = json.loads(text)
    assert model["format"] == 1
    echo = model["packages"][-1]
    assert echo["name"] == model["root"] == "echo"
    connection = echo["isolates"][1]
    assert connection["io"][0]["kind"] == "tina.net.tcp_stream"
    reading = connection["states"][0]
    assert [clause["reaction"]["is"] for clause in reading["clauses"]]
    assert reading["after"]["reaction"] == {"is": "transit", "next": "Gone"}
