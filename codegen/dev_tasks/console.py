# SPDX-License-Identifier: Apache-2.0
"""Words on the terminal and steps that take time.

A step runs one command, writes its output to a log below build/dev, says every few seconds that it
still runs, and, if it fails, shows the end of the log. Every failure says what, why and what to do.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "dev"

_HEARTBEAT_S = 5.0
_TAIL_LINES = 60
# The last `[12/140]` of ninja in what a step has printed so far.
_PROGRESS = re.compile(rb"(?:.*\n)?\[(\d+)/(\d+)\] ", re.DOTALL)
_PROGRESS_BYTES = 65536


@dataclass
class Failure(Exception):
    """The end of a run: one sentence each for what failed, why, and what to do about it."""

    what: str
    why: str
    do: str
    status: int = 1

    def __str__(self) -> str:
        return f"dev: {self.what}\n     why: {self.why}\n     do:  {self.do}"


@dataclass(frozen=True, slots=True)
class Step:
    """One command with a name; `hint` is what to do if it fails."""

    name: str
    command: Sequence[str | Path]
    hint: str
    env: Mapping[str, str] = field(default_factory=dict)
    limit_s: float = 1800.0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a step: exit status, wall-clock seconds, and all that it printed."""

    step: Step
    status: int
    seconds: float
    output: str
    log: Path


def say(text: str) -> None:
    """Print one line at once, so that progress is visible also through a pipe."""
    print(text, flush=True)


def tail(output: str, lines: int = _TAIL_LINES) -> str:
    """The last lines of a step's output, indented."""
    return "\n".join("    " + line for line in output.splitlines()[-lines:])


def attempt(step: Step) -> Ran:
    """Run a step to its end or its limit; a non-zero status is a result, not an exception."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / (step.name.replace(" ", "-").replace("/", "-") + ".log")
    command = [str(part) for part in step.command]
    if not step.silent:
        say(f"==> {step.name}")
    begin = time.monotonic()
    with log.open("w+", encoding="utf-8", errors="replace") as sink:
        try:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **step.env},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                # A group of its own, so that ending it ends what it has started; sudo may have to
                # ask for a password, which only a terminal's own group may.
                process_group=None if command[0] == "sudo" else 0,
            )
        except OSError as error:
            raise Failure(
                f"{step.name}: cannot start {command[0]}", str(error.strerror), step.hint
            ) from None
        status = _wait(process, step, log, begin)
    seconds = time.monotonic() - begin
    output = log.read_text(encoding="utf-8", errors="replace")
    if not step.silent:
        say(f"    {'done' if status == 0 else f'failed, status {status}'}, {seconds:.1f} s")
    return Ran(step, status, seconds, output, log)


def run(step: Step) -> Ran:
    """Run a step; a non-zero status ends the whole run with the end of its output."""
    ran = attempt(step)
    if ran.status != 0:
        raise failure_of(ran)
    return ran


def failure_of(ran: Ran) -> Failure:
    """The failure that a finished step stands for; prints the end of what the step printed."""
    print(tail(ran.output), file=sys.stderr, flush=True)
    return Failure(
        f"{ran.step.name} failed",
        f"{ran.step.command[0]} ended with status {ran.status}; everything it printed is in "
        f"{ran.log.relative_to(ROOT)}",
        ran.step.hint,
    )


def progress(log: Path) -> str:
    """How far a build is by its own words, `, 12 of 140`; empty for anything else."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _PROGRESS_BYTES))
        match = _PROGRESS.match(file.read())
    return f", {int(match[1])} of {int(match[2])}" if match else ""


def _wait(process: subprocess.Popen[bytes], step: Step, log: Path, begin: float) -> int:
    """Wait for a process, with a line every few seconds; end it at its limit or with ours."""
    try:
        while True:
            try:
                return process.wait(timeout=_HEARTBEAT_S)
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - begin
                if not step.silent:
                    say(f"    … {step.name}: {elapsed:.0f} s{progress(log)}")
                if elapsed > step.limit_s:
                    raise Failure(
                        f"{step.name} did not end", f"its limit is {step.limit_s:.0f} s", step.hint
                    ) from None
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it has started, gently at first."""
    own = os.getpgid(process.pid) == process.pid
    for number in (signal.SIGTERM, signal.SIGKILL):
        if own:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        try:
            process.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue
