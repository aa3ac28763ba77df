# SPDX-License-Identifier: Apache-2.0
"""Results that are kept: one JSON line per row and run, with the place where it was measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .machine import Place


@dataclass(frozen=True, slots=True)
class Record:
    """One row in the form in which it is stored."""

    benchmark: str
    verdict: str
    values: dict[str, Any]


def keep(record: Record, place: Place, effort: str, directory: Path) -> None:
    """Appends one line to the file of that benchmark."""
    directory.mkdir(parents=True, exist_ok=True)
    line = {
        "benchmark": record.benchmark,
        "verdict": record.verdict,
        "effort": effort,
        "place": place.as_json(),
        **record.values,
    }
    with (directory / f"{record.benchmark}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, separators=(",", ":")) + "\n")
