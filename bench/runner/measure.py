# SPDX-License-Identifier: Apache-2.0
"""Runs programs, pinned, and reads the JSON line that each prints last.

Nothing here decides what to run (catalogue) or what a figure means (report). Contenders always take
turns, round by round, so that a machine that drifts drifts for all of them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from . import catalogue
from .catalogue import Effort
from .rows import OURS, TWO_CPUS, Command, MessageRow

# A further program of the build among a command's words.
_PROGRAM = re.compile(r"\{program:(\w+)\}")
_TOOLS = Path(__file__).resolve().parents[1] / "tools"

Sample = dict[str, Any]
Note = Callable[[str], None]

LIMIT_S = 120


class NotBuilt(Exception):
    """A program of the build is missing from the build directory; the text is for the table."""


class RunFailed(Exception):
    """A program failed; the text is one line for the table."""


@dataclass(slots=True)
class Series:
    """The samples of one contender in one row, or the reason why there are none."""

    samples: list[Sample] = field(default_factory=list)
    problem: str = ""


@dataclass(slots=True)
class Bench:
    """Where programs are found and how much is measured; counts what disturbed it."""

    build_dir: Path
    erlang_dir: Path
    effort: Effort
    note: Note
    disturbed_rounds: int = 0
    _paths: dict[str, Path] = field(default_factory=dict)

    def program(self, name: str) -> str:
        """The path of a program. Raises NotBuilt, or RunFailed for a missing system program."""
        if name in catalogue.INSTALLED:
            found = shutil.which(name)
            if found is None:
                raise RunFailed(f"{name} is not installed")
            return found
        if name not in self._paths:
            candidates = [self.build_dir / name, *self.build_dir.rglob(name)]
            usable = [path for path in candidates if path.is_file() and os.access(path, os.X_OK)]
            if not usable:
                raise NotBuilt(catalogue.OPTIONAL.get(name, "not built"))
            self._paths[name] = usable[0]
        return str(self._paths[name])

    def words(self, command: Command, cpu: int | str | None, **values: object) -> list[str]:
        """A command of the catalogue with its program found, its values filled in, and pinned."""
        known = {"erlang": self.erlang_dir, "build": self.build_dir, "tools": _TOOLS}
        filled = [
            self.program(found[1])
            if (found := _PROGRAM.fullmatch(word))
            else word.format(cpu=cpu, **known, **values)
            for word in command[1:]
        ]
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        return [*pin, self.program(command[0]), *filled]

    def run_json(self, command: Command, cpu: int | str | None, **values: object) -> Sample:
        """Runs a command to its end and returns the last JSON line that it printed."""
        words = self.words(command, cpu, **values)
        # Into a file: a program that logs millions of lines must not wait for us to read them.
        with tempfile.TemporaryFile() as errors:
            try:
                done = subprocess.run(words, stdout=subprocess.PIPE, stderr=errors, timeout=LIMIT_S)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise RunFailed(f"{command[0]}: {type(error).__name__}") from error
            errors.seek(0)
            said = errors.read(400).decode(errors="replace").strip().splitlines()
        text = done.stdout.decode(errors="replace")
        lines = [line for line in text.splitlines() if line.startswith("{")]
        if done.returncode != 0 or not lines:
            said = said or text.strip().splitlines()
            raise RunFailed(f"{command[0]}: status {done.returncode} {said[0] if said else ''}")
        try:
            sample: Sample = json.loads(lines[-1])
        except json.JSONDecodeError as error:
            raise RunFailed(f"{command[0]}: bad JSON: {error}") from error
        return sample


def compile_erlang(source: Path, into: Path) -> None:
    """Compiles the Erlang peer, if Erlang is there; a missing peer shows up in the table later."""
    if shutil.which("erlc") is not None:
        subprocess.run(["erlc", "-o", str(into), str(source)], check=False, timeout=60)


@contextmanager
def erlang_directory(source: Path) -> Iterator[Path]:
    """A temporary directory with the compiled Erlang peer."""
    with tempfile.TemporaryDirectory(prefix="tina_bench_") as directory:
        compile_erlang(source, Path(directory))
        yield Path(directory)


def take(series: Series, run: Callable[[], Sample]) -> None:
    """One sample more, unless this contender has already failed."""
    if series.problem:
        return
    try:
        series.samples.append(run())
    except (NotBuilt, RunFailed) as error:
        series.problem = str(error)


def message_row(bench: Bench, row: MessageRow) -> dict[str, Series]:
    """All contenders of one row, in turn, round by round."""
    outcome = {name: Series() for name in row.commands}
    for round_number in range(bench.effort.message_rounds):
        bench.note(f"{row.name}: round {round_number + 1} of {bench.effort.message_rounds}")
        if row.cpus == TWO_CPUS:
            wait_until_quiet(bench)
        for name, command in row.commands.items():
            if round_number > 0 and name in row.once:
                continue
            run = partial(bench.run_json, command, row.cpus, messages=bench.effort.peer_messages)
            take(outcome[name], run)
    return outcome


def declared_mib(bench: Bench, row: MessageRow) -> float | None:
    """What the budget of our program says that its shards take; None if it does not say it."""
    command = (row.commands[OURS][0], "budget", "--json")
    try:
        roles = bench.run_json(command, None)["roles"]
    except (NotBuilt, RunFailed, KeyError):
        return None
    return float(sum(role["total"] * role["shards_max"] for role in roles)) / (1 << 20)


def wait_until_quiet(bench: Bench) -> None:
    """The gate before a two-core round: waits, within bounds, while a CPU is being taken away."""
    for attempt in range(bench.effort.quiet_tries):
        stolen = 0.0
        for cpu in (catalogue.SERVER_CPU, catalogue.LOAD_CPU):
            try:
                stolen = max(stolen, bench.run_json(catalogue.SPIN_CHECK, cpu)["stolen_share"])
            except (NotBuilt, RunFailed):
                return
        if stolen <= catalogue.STOLEN_MAX:
            return
        if attempt + 1 < bench.effort.quiet_tries:
            time.sleep(0.5)
    bench.disturbed_rounds += 1


def probe(bench: Bench, command: Command, cpu: int | None) -> Series:
    """One sample of one program."""
    series = Series()
    take(series, partial(bench.run_json, command, cpu))
    return series
