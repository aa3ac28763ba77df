# SPDX-License-Identifier: Apache-2.0
"""The generator is fast: a system of 100 isolates, and files of nothing but mistakes.

Bounds are processor time of a process of its own, several times what is measured on an idle machine
(0.4 s for the system), so that only another order of growth fails.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from emitted import COMPILERS, FLAGS, ROOT
from hundred import spec

from tina_gen.cli import main


def processor_s(command: list[str]) -> float:
    """Processor time of a process, whatever its exit status."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "codegen")}
    subprocess.run(command, capture_output=True, check=False, env=environment, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def hundred(folder: Path) -> Path:
    path = folder / "hundred.tina"
    path.write_text(spec(), encoding="utf-8")
    return path


def test_a_hundred_isolates_are_generated_in_no_time(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tina_gen", "generate", str(hundred(tmp_path))]
    took = processor_s([*command, "--output", str(tmp_path / "out")])
    assert (tmp_path / "out" / "hundred.model.json").is_file()
    assert took < 2.5


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_contract_of_a_hundred_isolates_compiles_in_no_time(
    compiler: str, tmp_path: Path
) -> None:
    path = hundred(tmp_path)
    assert main(["generate", str(path), "--output", str(tmp_path)]) == 0
    assert main(["stub", str(path), "--output", str(tmp_path)]) == 0
    command = [compiler, *FLAGS, "-O2", f"-I{ROOT}/runtime/include", f"-I{tmp_path}"]
    command = [word for word in command if word != "-fsyntax-only"]
    source, target = tmp_path / "hundred.tina.cc", tmp_path / "hundred.o"
    took = processor_s([*command, "-c", str(source), "-o", str(target)])
    assert target.is_file()
    assert took < 20


def test_a_file_of_unknown_names_takes_no_longer_than_another(tmp_path: Path) -> None:
    lines = [f"const A{i} : u32 = UNKNOWN_NAME_NUMBER_{i};\n" for i in range(18_000)]
    path = tmp_path / "unknown.tina"
    path.write_text("tina 1;\npackage unknown;\n" + "".join(lines), encoding="utf-8")
    assert path.stat().st_size < 1 << 20
    assert processor_s([sys.executable, "-m", "tina_gen", "check", str(path)]) < 6
