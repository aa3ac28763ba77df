# SPDX-License-Identifier: Apache-2.0
"""The generated pages of the reference: the diagnostic codes, the words, the I/O kinds.

`./dev docs` writes them; a test in tests/docs says whether they are current.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

from dev_tasks import io_kinds, language_words
from dev_tasks.console import ROOT
from tina_gen.explain.text import markdown

_REFERENCE = ROOT / "docs" / "reference"
_CODES = ROOT / "codegen" / "tina_gen" / "codes.py"

# Page -> what it should hold.
PAGES: dict[Path, Callable[[], str]] = {
    _REFERENCE / "codes.md": markdown,
    _REFERENCE / "words.md": language_words.page,
    _REFERENCE / "io.md": io_kinds.page,
}


def codes(source: Path = _CODES) -> list[tuple[str, str]]:
    """Code and meaning, in the order of the list; read as text, so nothing need be installed."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            return list(ast.literal_eval(node.value).items())
    return []


def write() -> list[Path]:
    """Bring the pages up to date; those that changed."""
    changed = []
    for path, page in PAGES.items():
        text = page()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        changed.append(path)
    return changed
