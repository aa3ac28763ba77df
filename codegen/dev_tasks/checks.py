# SPDX-License-Identifier: Apache-2.0
"""Formatting, ruff and mypy over the project's own files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from dev_tasks import venv
from dev_tasks.console import ROOT, Failure, Step

CLANG_FORMAT = "clang-format-19"

_CPP = (".h", ".cc", ".c")
# Byte-exact expectations and deliberately broken inputs are not ours to reformat.
_NOT_FORMATTED = ("tests/golden/",)
_PYTHON_ROOMS = ("codegen/tina_gen", "codegen/dev_tasks")


def sources(*suffixes: str) -> list[str]:
    """Files of the project with these endings, tracked or new, relative to the root, in order."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Failure(
            "git cannot list the project's files",
            result.stderr.strip() or "git failed",
            "run ./dev inside a git clone, with git installed",
        )
    names = sorted(set(filter(None, result.stdout.split("\0"))))
    return [n for n in names if n.endswith(suffixes) and (ROOT / n).is_file()]


def format_steps(check: bool) -> list[Step]:
    """Steps that format every file, or that only look."""
    hint = "./dev format mends it"
    steps = []
    cpp = [name for name in sources(*_CPP) if not name.startswith(_NOT_FORMATTED)]
    if shutil.which(CLANG_FORMAT) is None:
        raise Failure(
            f"{CLANG_FORMAT} is not installed", "C++ is formatted by this version", "./dev setup"
        )
    if cpp:
        mode = ["--dry-run", "-Werror"] if check else ["-i"]
        steps.append(Step("clang-format", [CLANG_FORMAT, *mode, *cpp], hint, limit_s=300))
    # Specs of tests are laid out as the test likes: some hold exactly what must be refused.
    specs = [name for name in sources(".tina") if not name.startswith("tests/")]
    if specs:
        fmt = [venv.PYTHON, "-m", "tina_gen", "fmt", *(["--check"] if check else []), *specs]
        steps.append(Step("tina-gen fmt", fmt, hint, {"PYTHONPATH": "codegen"}, limit_s=120))
    ruff = [venv.PYTHON, "-m", "ruff", "format", *(["--check"] if check else []), *_python_roots()]
    steps.append(Step("ruff format", ruff, hint, limit_s=120))
    return steps


def lint_steps() -> list[Step]:
    """Steps that judge the Python code: ruff once, mypy once per room."""
    hint = "mend the lines above; ruff can mend some of them: .venv/bin/ruff check --fix"
    ruff = [venv.PYTHON, "-m", "ruff", "check", *_python_roots()]
    steps = [Step("ruff check", ruff, hint, limit_s=120)]
    for room in _mypy_rooms():
        command = [venv.PYTHON, "-m", "mypy", "--strict", "--no-error-summary", room]
        # The tests of compile errors build on what the generator's tests have, those of the
        # benchmarks on the runner, those of the examples on the programs of the tests of shards.
        env = {"MYPYPATH": "codegen:tests/codegen:tests/shards:tests/storm:bench"}
        steps.append(Step(f"mypy {room}", command, "mend the types", env, limit_s=300))
    return steps


def _python_roots() -> list[str]:
    """Top-level folders with Python in them."""
    return sorted({Path(name).parts[0] for name in sources(".py") if "/" in name})


def _mypy_rooms() -> list[str]:
    """The packages below codegen, and each folder of tests and benchmarks that holds Python."""
    rooms = [room for room in _PYTHON_ROOMS if (ROOT / room).is_dir()]
    others = {
        "/".join(Path(name).parts[:2]) for name in sources(".py") if not name.startswith("codegen/")
    }
    return rooms + sorted(room for room in others if (ROOT / room).is_dir())
