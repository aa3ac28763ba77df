# SPDX-License-Identifier: Apache-2.0
"""Explanations as text: one page on a terminal, the list of codes, the reference in Markdown."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator

from tina_gen.codes import CODES
from tina_gen.explain import Example, Family, Page, example, families
from tina_gen.render import printable

WIDTH = 88
PAGE_WIDTH = 100
EXAMPLE_LINES_MAX = 60

_HEAD = """\
# Diagnostic codes

Written by `./dev docs`, which asks `tina-gen explain --markdown`; do not edit. Codes that start
with E are errors, those with W are warnings. A code keeps its meaning for good. `tina-gen explain
CODE` prints one of these pages; the examples are the failing and the passing case of each code in
[tests/codegen/golden](../../tests/codegen/golden).
"""


def terminal(page: Page) -> str:
    """The page of one code, with its example."""
    shown = example(page.code)
    lines = [f"{page.code}: {page.title}", "", *_wrapped(page.meaning), ""]
    lines += [*_wrapped(f"Why: {page.why}"), "", *_wrapped(f"Repair: {page.repair}")]
    if shown.spec:
        lines += ["", "With the spec:", *_indented(_cut(shown.spec))]
    if shown.refused.strip():
        lines += ["", "Refused:", *_indented(_cut(shown.refused))]
    if shown.said:
        who = "The compiler" if shown.spec else "tina-gen"
        lines += ["", f"{who} says:", *_indented(_cut(shown.said))]
    if shown.mended:
        lines += ["", *_repaired(shown)]
    return "\n".join(lines) + "\n"


def listing() -> str:
    """Every code with its one line, by family."""
    blocks = []
    for family in families():
        rows = [f"  {page.code}  {page.title}" for page in family.pages]
        blocks.append("\n".join([f"{family.name}: {family.title.lower()}", *rows]))
    return "\n\n".join(blocks) + "\n"


def markdown() -> str:
    """The whole reference. Examples name the golden cases that they are, so a test can compare."""
    table = ["| code | meaning |", "|---|---|"]
    table += [f"| [{code}](#{code.lower()}) | {meaning} |" for code, meaning in CODES.items()]
    parts = [_HEAD, "\n".join(table) + "\n"]
    parts += [part for family in families() for part in _chapter(family)]
    return "\n".join(parts)


def _chapter(family: Family) -> Iterator[str]:
    yield f"## {family.name}: {family.title.lower()}\n"
    for page in family.pages:
        yield f"### {page.code}\n"
        for text in (
            f"**{page.title[0].upper()}{page.title[1:]}.** {page.meaning}",
            f"*Why:* {page.why}",
            f"*Repair:* {page.repair}",
        ):
            yield "\n".join(_wrapped(text, PAGE_WIDTH)) + "\n"
        shown = example(page.code)
        end = "h" if shown.spec else "tina"
        if shown.spec:
            yield f"With the spec:\n\n{_block(page.code, 'tina', 'spec.tina', shown.spec)}"
        if _fits(shown.refused):
            block = _block(page.code, shown.language, f"fail.{end}", shown.refused)
            yield f"Refused, and repaired:\n\n{block}"
        if _fits(shown.mended):
            yield _block(page.code, shown.language, f"pass.{end}", shown.mended)


def _fits(text: str) -> bool:
    return (
        bool(text.strip()) and len(text.splitlines()) <= EXAMPLE_LINES_MAX and "\ufffd" not in text
    )


def _block(code: str, language: str, name: str, text: str) -> str:
    return f"```{language} file=tests/codegen/golden/{code}/{name}\n{text.rstrip()}\n```\n"


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _cut(text: str) -> list[str]:
    lines = text.rstrip("\n").split("\n")
    return lines if len(lines) <= EXAMPLE_LINES_MAX else [*lines[:EXAMPLE_LINES_MAX], "…"]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {printable(line)}".rstrip() for line in lines]


def _repaired(shown: Example) -> list[str]:
    """The changed lines if there are few, otherwise the whole mended spec."""
    old, new = _cut(shown.refused), _cut(shown.mended)
    changes = [
        line
        for line in difflib.ndiff(old, new)
        if line.startswith(("- ", "+ ")) and line[2:].strip()
    ]
    if shown.refused and 0 < len(changes) < len(new):
        return ["Repaired by:", *_indented(changes)]
    return ["Repaired:", *_indented(new)]
