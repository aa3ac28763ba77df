# SPDX-License-Identifier: Apache-2.0
"""Specs for tests: analyzing text without a disk."""

from __future__ import annotations

from pathlib import Path

from tina_gen.cli import library, read_file
from tina_gen.load import Places
from tina_gen.model import Model
from tina_gen.pipeline import Analysis, analyze
from tina_gen.render import render

ROOT = Path(__file__).parents[2]
ECHO = ROOT / "examples" / "tcp_echo" / "echo.tina"


def analyze_bytes(data: bytes, others: dict[str, bytes] | None = None) -> Analysis:
    """Analyzes a spec called `spec.tina`; `others` are files that it may import."""
    files = {"spec.tina": data, **(others or {})}

    def read(path: str, limit: int) -> bytes:
        if path in files:
            return files[path][:limit]
        if path.startswith(library()):
            return read_file(path, limit)
        raise FileNotFoundError(2, "No such file or directory", path)

    return analyze("spec.tina", read, Places(library(), ("",)))


def analyze_text(text: str, others: dict[str, str] | None = None) -> Analysis:
    """Analyzes text."""
    files = {name: body.encode() for name, body in (others or {}).items()}
    return analyze_bytes(text.encode(), files)


def good_model(text: str, others: dict[str, str] | None = None) -> Model:
    """The model of a spec that must be right."""
    analysis = analyze_text(text, others)
    assert analysis.model is not None, render(analysis.diagnostics, "plain")
    return analysis.model
