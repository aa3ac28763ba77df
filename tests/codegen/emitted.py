# SPDX-License-Identifier: Apache-2.0
"""Specs that the tests of the emitter generate from, and the compilers that judge the output."""

from __future__ import annotations

import functools
import os
import re
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
    Case("nested", "tests/runtime/nested/nested.tina", "tests/runtime/nested"),
    Case("calls", "tests/runtime/calls/calls.tina", "tests/runtime/calls"),
    Case("blocks", "tests/runtime/blocks/blocks.tina", "tests/runtime/blocks"),
    Case("types", "tests/golden/types/types.tina", "tests/golden/types/handlers"),
    Case("packages", "tests/golden/packages/packages.tina", "tests/golden/packages/handlers"),
    Case("constants", "tests/golden/constants/constants.tina", "tests/golden/constants"),
)


@functools.cache
def files(spec: str) -> tuple[GeneratedFile, ...]:
    """The generated files of a spec in the tree."""
    analysis = analyze_file(str(ROOT / spec), [])
    assert analysis.model is not None, analysis.diagnostics
    places = [package.file for package in analysis.model.packages if not package.file.standard]
    imported = {file.import_path: os.path.relpath(file.path, ROOT) for file in places}
    return tuple(generate(analysis.model, spec, imported))


@dataclass(frozen=True, order=True)
class Finding:
    """One error of a compiler: where the user has to look, and what it says. The place is a line
    of the spec or of a handler, also where the assertion itself stands in a header of the runtime;
    it is relative to the folder of the handlers."""

    place: str
    message: str

    @property
    def code(self) -> str:
        """`E0401`, or nothing for an error that is the compiler's own."""
        match = re.match(r"\[(E\d{4})\] ", self.message)
        return match[1] if match else ""


_ERROR = re.compile(r"^(?P<place>[^\s:]+:\d+)(?::\d+)?: (?:fatal )?error: (?P<text>.*)$")
_ASSERTED = re.compile(r"^static assertion failed(?: due to requirement '.*?')?: ")
_FROM = re.compile(r"^(?P<place>[^\s:]+:\d+):\d+:(?:   required from| note: in instantiation)")


def findings(stderr: str, folder: Path) -> list[Finding]:
    """The errors of g++ or clang, in order."""
    found: list[Finding] = []
    above: list[str] = []  # g++ says above an error what asked for it, clang below it
    for line in stderr.split("\n"):
        error, asked = _ERROR.match(line), _FROM.match(line)
        if error:
            place = above[-1] if above else error["place"]
            found.append(Finding(place, _ASSERTED.sub("", error["text"])))
            above = []
        elif asked and (place := asked["place"]).startswith(f"{folder}/"):
            if "required" in line:
                above.append(place)
            elif found and not found[-1].place.startswith(f"{folder}/"):
                found[-1] = Finding(place, found[-1].message)
    return [Finding(f.place.removeprefix(f"{folder}/"), f.message) for f in found]


def write(folder: Path, generated: Sequence[GeneratedFile]) -> None:
    """Writes generated files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in generated:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


def compiled(
    compiler: str, source: Path, includes: Sequence[Path]
) -> subprocess.CompletedProcess[str]:
    """Compiles one generated file with the project's warnings as errors."""
    folders = [ROOT / "runtime" / "include", *includes]
    command = [compiler, *FLAGS, *(f"-I{folder}" for folder in folders), str(source)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
