# SPDX-License-Identifier: Apache-2.0
"""The register of claims: what the project says of itself, each with a target and a measurement.

A claim is a function that measures and returns a Figure; the decorator puts it on the table. A
claim that raises is a missed claim whose figure is the error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
