# SPDX-License-Identifier: Apache-2.0
"""Explanations of the diagnostic codes: what a code means, why, how to repair it, with an example.

The words are in `pages/`, one file per family with a section per code. The examples are the golden
cases of the tests, which ship with the generator, so each is known to do what its page says.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from tina_gen.codes import CODES, COMPILED
from tina_gen.frozen import dataclass

_HERE = Path(__file__).resolve().parent
_SECTION = re.compile(r"^## ([EW]\d{4})\n", re.MULTILINE)
_TITLE = re.compile(r"\A# (.+)\n")


@dataclass(frozen=True, slots=True)
class Page:
    """The words about one code: paragraphs without line ends."""

    code: str
    meaning: str
    why: str
    repair: str

    @property
    def title(self) -> str:
        """The one line of `codes.py`."""
        return CODES[self.code]


@dataclass(frozen=True, slots=True)
class Family:
    """The codes that share their first two digits."""

    name: str  # `E03`, which holds the warnings W03.. too
    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A golden case: the text that is refused, what is said about it, and the text mended. The
    refused one is empty where it cannot be shown (no file, or a very large one). A code that the
    C++ compiler finds has the spec in `spec`, and handlers as the other two texts."""

    refused: str
    said: str
    mended: str
    spec: str = ""

    @property
    def language(self) -> str:
        """What the refused and the mended text are written in."""
        return "cpp" if self.spec else "tina"


class Malformed(Exception):
    """A page that is not written as the others are (found by a test, never by a user)."""


@functools.cache
def families() -> tuple[Family, ...]:
    """All families, in order of their numbers."""
    return tuple(_family(path) for path in sorted((_HERE / "pages").glob("E*.md")))


def page(code: str) -> Page | None:
    """The page of a code, None if it has none."""
    return next((p for family in families() for p in family.pages if p.code == code), None)


def cases() -> Path:
    """The folder of the golden cases: in a checkout, or what the wheel installed."""
    checkout = _HERE.parents[2] / "tests" / "codegen" / "golden"
    return checkout if checkout.is_dir() else _HERE.parent / "golden"


def example(code: str) -> Example:
    """The example of a code; empty texts if its case is not there."""
    folder = cases() / code
    names = ["fail.tina", "fail.txt", "pass.tina"]
    if code in COMPILED:
        names = ["fail.h", "fail.txt", "pass.h", "spec.tina"]
    return Example(*(_text(folder / name) for name in names))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _family(path: Path) -> Family:
    text = path.read_text(encoding="utf-8")
    title = _TITLE.match(text)
    if title is None:
        raise Malformed(f"{path.name}: starts without a title")
    pieces = _SECTION.split(text)[1:]
    pages = [_page(code, body) for code, body in zip(pieces[::2], pieces[1::2], strict=True)]
    return Family(path.stem, title[1], tuple(pages))


def _page(code: str, body: str) -> Page:
    paragraphs = [" ".join(p.split()) for p in body.split("\n\n") if p.strip()]
    labels = ("", "Why: ", "Repair: ")
    if len(paragraphs) != len(labels) or not all(map(str.startswith, paragraphs, labels)):
        raise Malformed(f"{code}: a page is its meaning, `Why: …` and `Repair: …`")
    meaning, why, repair = map(str.removeprefix, paragraphs, labels)
    return Page(code, meaning, why, repair)
