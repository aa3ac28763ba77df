# SPDX-License-Identifier: Apache-2.0
"""The project's own Python packages, in .venv, from the `dev` extra of pyproject.toml.

A stamp in .venv holds a digest of what was installed, so that a second run does nothing, also
offline.
"""

from __future__ import annotations

import compileall
import hashlib
import importlib.util
import sys
from pathlib import Path

from dev_tasks.console import ROOT, Failure, Step, run, say

VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
_STAMP = VENV / "tina.stamp"


def ensure() -> None:
    """Make .venv hold what pyproject.toml asks for; nothing happens if it already does."""
    _install()
    # An editable package is not compiled when it is installed, and where Python is told to write
    # no bytecode every run of the generator would compile all of it again.
    compileall.compile_dir(ROOT / "codegen" / "tina_gen", quiet=2)


def _install() -> None:
    project = ROOT / "pyproject.toml"
    if not project.is_file():
        raise Failure(
            "there is no pyproject.toml",
            f"{ROOT} is not a whole clone",
            "run ./dev from a full clone",
        )
    digest = _digest(project)
    if Path(PYTHON).exists() and _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == digest:
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Failure(
            f"{sys.executable} cannot make a virtual environment",
            "its modules venv and ensurepip are a package of their own on Debian",
            f"install python3-venv (or python{version}-venv), then run ./dev setup again",
        )
    say("dev: .venv gets the Python packages of pyproject.toml: the generator's and the checkers'")
    hint = "the network is needed once; remove .venv to start over"
    run(Step("python venv", [sys.executable, "-m", "venv", "--clear", VENV], hint, limit_s=120))
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(Step("pip install", [*pip, "--editable", ".[dev]"], hint, limit_s=600))
    _STAMP.write_text(digest, encoding="utf-8")


def _digest(project: Path) -> str:
    """What .venv depends on: the project file, the Python that made it, and where it lies."""
    parts = (project.read_bytes(), sys.version.encode(), str(VENV).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
