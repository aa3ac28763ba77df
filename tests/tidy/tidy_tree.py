# SPDX-License-Identifier: Apache-2.0
"""What the house rules look at: the project's files, and findings that name a line and its mend."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule: where, what, and how to mend it."""

    path: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}; {self.mend}"


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one source tree, as sorted paths relative to its root."""

    root: Path
    names: tuple[str, ...]

    def lines(self, name: str) -> list[str]:
        """The lines of one file without their ends; none of a file that is not UTF-8 text."""
        try:
            return (self.root / name).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            return []

    def select(self, *suffixes: str, below: tuple[str, ...] = ("",)) -> Iterator[str]:
        """The files with one of these endings below one of these folders (`""` is the root)."""
        for name in self.names:
            if name.endswith(suffixes) and name.startswith(below):
                yield name


def project() -> Tree:
    """The project's own tree: tracked files and new ones that git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    names = {name for name in output.split("\0") if name and (ROOT / name).is_file()}
    return Tree(ROOT, tuple(sorted(names)))


def planted(root: Path, files: dict[str, str]) -> Tree:
    """A small tree below a test's own folder, holding exactly these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(root, tuple(sorted(files)))


def report(findings: list[Finding]) -> str:
    """What a failing test prints: one finding a line, in order."""
    return "\n" + "\n".join(str(finding) for finding in sorted(findings))
