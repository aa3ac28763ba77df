# SPDX-License-Identifier: Apache-2.0
"""The fenced blocks of the documents, what kind each is, and how each is judged.

A block's first line says its kind; what it does not know is a finding, so nothing is unchecked:

    sh                      commands, run in a scratch copy of the project; `./dev TASK` is asked
                            for its help instead, because a task takes minutes
    console                 `$ command` lines with what they print, compared loosely
    text                    a drawing or a format; nothing is run
    text of="command"       what this command prints, compared loosely
    tina                    a whole specification without an error
    tina, cpp, cmake file=PATH
                            lines of this file, in one piece, whatever their indentation
    tina, cpp, cmake write=PATH
                            a whole file, which the commands below it find at this place
    mermaid                 a flowchart

Loosely: numbers, hexadecimal and runs of blanks, line ends or dashes are equal to each other; `…`
stands for any text.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = frozenset({"sh", "console", "text", "tina", "cpp", "cmake", "mermaid"})

_FENCE = re.compile(r"^ *(```+)\s*(.*)$")  # a block may belong to an item of a list
_OPTION = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')
_NUMBER = re.compile(r"0x[0-9a-f…]+|\d[\d,._]*")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is that of its opening fence."""

    document: str
    line: int
    kind: str
    options: dict[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def documents(root: Path = ROOT) -> list[Path]:
    """README.md of the project and of its rooms, and everything below docs/."""
    found = [*root.glob("README.md"), *root.glob("docs/**/*.md"), *root.glob("examples/*/*.md")]
    return sorted(found)


def blocks(document: Path, root: Path = ROOT) -> list[Block]:
    """The blocks of one document, in order; a fence that is not closed ends with the document."""
    name = str(document.relative_to(root))
    found: list[Block] = []
    opening: tuple[str, int, str] | None = None
    held: list[str] = []
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        match = _FENCE.match(line)
        if opening is None:
            if match:
                opening, held = (match[1], number, match[2]), []
        elif match and match[1] == opening[0] and not match[2]:
            found.append(_block(name, opening[1], opening[2], held))
            opening = None
        else:
            held.append(line)
    if opening is not None:
        found.append(_block(name, opening[1], "unclosed", held))
    return found


def _block(name: str, line: int, info: str, held: list[str]) -> Block:
    kind = info.split()[0] if info else "(none)"
    options = {m[1]: m[2] if m[2] is not None else m[3] for m in _OPTION.finditer(info)}
    return Block(name, line, kind, options, textwrap.dedent("\n".join(held)))


def excerpt_of(text: str, whole: str) -> bool:
    """Whether the lines stand in the file in one piece, whatever their common indentation."""
    wanted = [line.rstrip() for line in textwrap.dedent(text).strip("\n").splitlines()]
    lines = [line.rstrip() for line in whole.splitlines()]
    for start in range(len(lines) - len(wanted) + 1):
        piece = textwrap.dedent("\n".join(lines[start : start + len(wanted)])).splitlines()
        if piece == wanted or lines[start : start + len(wanted)] == wanted:
            return True
    return False


def loosely(text: str) -> str:
    """A program's words without what may differ from run to run."""
    return re.sub(r"[\s-]+", " ", _NUMBER.sub("N", text)).strip()


def alike(expected: str, got: str) -> bool:
    """Whether a program's output is what the document says, as far as it may be compared."""
    pattern = re.escape(loosely(expected)).replace("…", ".*")
    return re.fullmatch(re.sub(r"(\\ )*\.\*(\\ )*", ".*", pattern), loosely(got)) is not None


def transcript(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it is to print."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]
