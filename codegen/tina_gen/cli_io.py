# SPDX-License-Identifier: Apache-2.0
"""What every sub-command does with the disk and the terminal: reading specs, showing diagnostics.

A sub-command is a `Command` in a module of its own; `cli.py` lists them all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tina_gen.diagnostics import Diagnostic
from tina_gen.frozen import dataclass
from tina_gen.load import Places
from tina_gen.pipeline import Analysis, analyze
from tina_gen.render import MACHINE_FORMS, WHOLE_FORMS, render

GOOD, FAILED, USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: `run` gets the parsed options and returns the exit status. `imports` adds
    `-I`, `forms` adds `--format` of diagnostics."""

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    imports: bool = True
    forms: bool = True


def library() -> str:
    """The directory that holds `tina/*.tina`: `idl/` of a checkout, or what the wheel installed."""
    package = Path(__file__).resolve().parent
    checkout = package.parent.parent / "idl"
    return str(checkout if (checkout / "tina" / "sys.tina").is_file() else package / "idl")


def read_file(path: str, limit: int) -> bytes:
    """At most `limit` bytes of a file; OSError if it cannot be read."""
    with open(path, "rb") as file:
        return file.read(limit)


def replace_file(path: str, text: str) -> None:
    """Gives an existing file another text in one step: mode and links stay, and nobody sees half
    of it. OSError if that is not possible; then the file is as it was."""
    target = Path(os.path.realpath(path))
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(text.encode("utf-8"))
        shutil.copymode(target, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def places_for(path: str, roots: Sequence[str]) -> Places:
    """Where the imports of a root file are looked for: beside it, then in the given roots."""
    return Places(library(), (os.path.dirname(path), *roots))


def analyze_file(path: str, roots: Sequence[str]) -> Analysis:
    """Runs the pipeline on one file of the disk."""
    return analyze(path, read_file, places_for(path, roots))


def show(diagnostics: Sequence[Diagnostic], form: str = "pretty") -> None:
    """Prints diagnostics: on stderr for people, on stdout for machines."""
    if form in WHOLE_FORMS:
        print(render(diagnostics, form))
    elif diagnostics:
        stream = sys.stdout if form in MACHINE_FORMS else sys.stderr
        color = form == "pretty" and stream.isatty() and "NO_COLOR" not in os.environ
        print(render(diagnostics, form, color), file=stream)


def refuse(problem: str, status: int = FAILED) -> int:
    """Prints one line that says why nothing was done, and returns the exit status."""
    print(f"tina-gen: {problem}", file=sys.stderr)
    return status


def cannot(what: str, path: str, error: OSError | ValueError) -> str:
    """`cannot write `x`: permission denied`."""
    reason = getattr(error, "strerror", None) or str(error)
    return f"cannot {what} `{path}`: {reason[:1].lower()}{reason[1:]}"
