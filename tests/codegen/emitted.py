# SPDX-License-Identifier: Apache-2.0
"""Specs that the tests of the emitter generate from, and the compilers that judge the output."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tina_gen.cli import analyze_file
from tina_gen.emit import GeneratedFile, generate

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
COMPILERS = [name for name in ("g++", "clang++-19") if shutil.which(name)]
FLAGS = ("-std=c++20", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-fsyntax-only")


@dataclass(frozen=True)
class Case:
    """A spec (relative to the root) and the folder of its handlers."""

    name: str
    spec: str
    handlers: str


CASES = (
    Case("echo", "examples/tcp_echo/echo.tina", "examples/tcp_echo"),
    Case("features", "tests/golden/features/features.tina", "tests/golden/features/handlers"),
    Case(
        "long_names", "tests/golden/long_names/long_names.tina", "tests/golden/long_names/handlers"
    ),
    Case("constants", "tests/golden/constants/constants.tina", "tests/golden/constants"),
)


@functools.cache
def files(spec: str) -> tuple[GeneratedFile, ...]:
    """The generated files of a spec in the tree."""
    analysis = analyze_file(str(ROOT / spec), [])
    assert analysis.model is not None, analysis.diagnostics
    return tuple(generate(analysis.model, spec))


def write(folder: Path, generated: Sequence[GeneratedFile]) -> None:
    """Writes generated files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in generated:
        (folder / file.path).write_text(file.text, encoding="utf-8")


def compiled(
    compiler: str, source: Path, includes: Sequence[Path]
) -> subprocess.CompletedProcess[str]:
    """Compiles one generated file with the project's warnings as errors."""
    folders = [ROOT / "runtime" / "include", *includes]
    command = [compiler, *FLAGS, *(f"-I{folder}" for folder in folders), str(source)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
