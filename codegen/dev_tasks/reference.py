# SPDX-License-Identifier: Apache-2.0
"""The generated page of the reference: every diagnostic code, as the generator explains it.

`./dev docs` writes it; a test in tests/docs says whether it is current.
"""

from __future__ import annotations

import ast
from pathlib import Path

from dev_tasks.console import ROOT
from tina_gen.explain.text import markdown

CODES_PAGE = ROOT / "docs" / "reference" / "codes.md"
_CODES = ROOT / "codegen" / "tina_gen" / "codes.py"


def codes(source: Path = _CODES) -> list[tuple[str, str]]:
    """Code and meaning, in the order of the list; read as text, so nothing need be installed."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            return list(ast.literal_eval(node.value).items())
    return []


def codes_page() -> str:
    """The page as it should be."""
    return markdown()


def write() -> bool:
    """Bring the page up to date; whether it changed."""
    text = codes_page()
    if CODES_PAGE.is_file() and CODES_PAGE.read_text(encoding="utf-8") == text:
        return False
    CODES_PAGE.parent.mkdir(parents=True, exist_ok=True)
    CODES_PAGE.write_text(text, encoding="utf-8")
    return True
