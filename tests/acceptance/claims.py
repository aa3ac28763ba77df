# SPDX-License-Identifier: Apache-2.0
"""The register of claims: what the project says of itself, each with a target and a measurement.

A claim is a function that measures and returns a Figure; the decorator puts it on the table. A
claim that raises is a missed claim whose figure is the error.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

_SCRIPT_LIMIT_S = 120

Measurement = Callable[[], "Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: the number that counts, the words that show it, and whether it is enough."""

    value: float
    text: str
    held: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the table."""

    text: str
    target: str
    slow: bool
    measure: Measurement
    gap: str = ""  # why it is known not to be held


REGISTER: list[Claim] = []


def claim(
    text: str, *, target: str, slow: bool = False, gap: str = ""
) -> Callable[[Measurement], Measurement]:
    """Register a measurement under its claim; slow ones run with --slow only. If it is not held,
    `gap` says why that is known."""

    def register(measure: Measurement) -> Measurement:
        REGISTER.append(Claim(text, target, slow, measure, gap))
        return measure

    return register


def one_line(text: str) -> bool:
    """Whether a program's words are exactly one line, and not those of a crashed Python."""
    return len(text.strip().splitlines()) == 1 and "Traceback" not in text


def scripted(script: Path, part: str, programs: Sequence[Path], quiet: str, *more: str) -> Figure:
    """Whether a part of a test's script holds for built programs: the last thing that it says, or
    `quiet` if it says nothing. At most 120 s."""
    for program in programs:
        require(program.is_file(), f"{program} is not built: ./dev build")
    command = [sys.executable, str(script), part, *map(str, programs), *more]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_SCRIPT_LIMIT_S, cwd=ROOT
    )
    said = (done.stdout + done.stderr).strip()
    return Figure(done.returncode, said.splitlines()[-1] if said else quiet, done.returncode == 0)
