# SPDX-License-Identifier: Apache-2.0
"""Every test that the page of what is tested names is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from blocks import ROOT

PAGE = ROOT / "docs" / "reference" / "tested.md"

_NAME = re.compile(r"`([^`]+)`")
_CASE = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
_FOREACH = re.compile(r"foreach\((\w+) IN ITEMS ([^)]*)\)(.*?)endforeach", re.DOTALL)
_ADDED = re.compile(r"(?:add_test|tina_program_test)\(\s*NAME \"?([^\s)\"]+)")
_RUN = re.compile(r"tina_run\((\w+)[^)]*PARTS ([^)]*)\)")


def names(page: str) -> list[str]:
    """The tests of a page: what stands in the last cell of each row."""
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    return [name for row in rows for name in _NAME.findall(row.rstrip(" |").rpartition(" | ")[2])]


@cache
def known() -> frozenset[str]:
    """All cases of GoogleTest and all tests that CMake adds by name or in a loop over items."""
    found: set[str] = set()
    for path in sorted((ROOT / "tests").rglob("*.cc")):
        found |= {f"{suite}.{case}" for suite, case in _CASE.findall(path.read_text("utf-8"))}
    for folder in ("tests", "bench"):
        for path in sorted((ROOT / folder).rglob("CMakeLists.txt")):
            text = path.read_text("utf-8")
            found |= set(_ADDED.findall(text))
            for system, parts in _RUN.findall(text):
                found |= {f"systems.run.{system}.{part}" for part in parts.split()}
            for variable, items, body in _FOREACH.findall(text):
                for name in _ADDED.findall(body):
                    for item in items.split():
                        # `a:b` is an item with more parts, of which one may be in the name.
                        for part in item.split(":"):
                            found |= {re.sub(r"\$\{\w+\}", part, name)} if variable else set()
    return frozenset(found)


def missing(page: str, root: Path = ROOT) -> list[str]:
    """The names of a page that are no tests."""
    wrong = []
    for name in names(page):
        file, separator, case = name.partition("::")
        if not separator:
            wrong += [name] if name not in known() else []
        elif not (root / file).is_file() or f"def {case}(" not in (root / file).read_text("utf-8"):
            wrong.append(name)
    return wrong


def test_every_test_that_the_page_names_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(names(page)) > 80
    assert missing(page) == [], "rename it in docs/reference/tested.md, or write it"


def test_a_row_without_a_test_is_found() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert all(names(row) or row == "| what must hold | tests |" for row in rows)


def test_a_name_that_is_no_test_is_found() -> None:
    wrong = ["Wheel.FiresTwice", "start.nothing", "tests/docs/test_tested.py::test_nothing"]
    right = ["Wheel.FiresAtItsTickAndNotBefore", "start.lazy", "alloc_guard_flood"]
    cells = ", ".join(f"`{name}`" for name in wrong + right)
    assert missing(f"| one `x` | {cells} |") == wrong
