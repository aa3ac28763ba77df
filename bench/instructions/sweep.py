# SPDX-License-Identifier: Apache-2.0
"""Proves that cost follows work, never capacity: one operation among little and among much.

    .venv/bin/python bench/instructions/sweep.py --build-dir build/gcc            # all sweeps
    .venv/bin/python bench/instructions/sweep.py --build-dir build/gcc history

A sweep is one operation in several sizes of something that it does not use: slots, restarts long
past, isolate types, descriptors, reserved mailboxes, isolates that rest. In each size it must take
the same number of instructions, within what the gate allows (gate.py says how they are counted).
Beside it stands what it took on the processor, for people: time moves with the machine.
Exit status: 0 all equal, 1 one is not, 2 a bad command line, 77 no callgrind here.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from instructions.gate import LIMIT_S, SKIPPED, TOLERANCE, Failed, Row, measure

# Runs of which the shortest counts: others can only make one longer.
RUNS = 3


@dataclass(frozen=True, slots=True)
class Sweep:
    """One operation in several sizes; the first is what the others are held against."""

    name: str
    title: str
    sizes: tuple[tuple[str, Row], ...]


def _life(label: str, program: str, *more: str) -> tuple[str, Row]:
    return label, Row(f"sweep_{program}", program, "lives", 51_200, 153_600, "life", more)


def _pass(label: str, program: str, *more: str) -> tuple[str, Row]:
    name = f"sweep_{program}"
    return label, Row(name, program, "passes", 10_000, 60_000, "pass", more, warm=1)


def _crash(label: str, few: int, many: int) -> tuple[str, Row]:
    return label, Row("sweep_crash", "crash", "crashes", few, many, "crash")


def _connection(label: str, *more: str) -> tuple[str, Row]:
    row = Row("sweep_open", "descriptors", "lives", 10_000, 60_000, "connection", more, warm=1)
    return label, row


def _hop(label: str, program: str) -> tuple[str, Row]:
    return label, Row(f"sweep_{program}", program, "hops", 200_000, 400_000, "hop")


SWEEPS: tuple[Sweep, ...] = (
    Sweep(
        "table",
        "spawn + init + end, with its record",
        (
            _life("1k slots", "spawn"),
            _life("100k slots", "spawn_100k"),
            _life("1M slots", "spawn_million"),
            _life("1M slots, 990k in use", "spawn_million", "--resting=990000"),
        ),
    ),
    Sweep(
        "history",
        "crash and supervised restart, report recorded",
        (
            # Whole rounds of the 256 isolates that crash.
            _crash("after 10 of each", 2_560, 12_800),
            _crash("after 4000 of each (1M)", 1_000_960, 1_052_160),
        ),
    ),
    Sweep(
        "types",
        "pass with one isolate that yields",
        (_pass("3 types", "idle"), _pass("200 empty types more", "idle_types")),
    ),
    Sweep(
        "idle",
        "pass with one isolate that yields",
        (
            _pass("10 idle isolates", "idle", "--plain=10"),
            _pass("100k", "idle", "--plain=100000"),
            _pass("100k, `after 30s` each", "idle", "--timed=100000"),
        ),
    ),
    Sweep(
        "descriptors",
        "accept + spawn + receive + end + close, two passes",
        (
            _connection("10 descriptors open", "--open=10"),
            _connection("100k", "--open=100000"),
        ),
    ),
    Sweep(
        "mailbox",
        "hop in a ring of 10k isolates, 10k tokens",
        (_hop("mailboxes of 4", "ring"), _hop("of 128", "ring_roomy")),
    ),
)


def processor_ns(build_dir: Path, row: Row) -> float:
    """What an operation takes on the processor, without callgrind."""
    program = build_dir / "bench" / "instructions" / f"instructions_{row.program}"

    def shortest(operations: int) -> float:
        command = [str(program), f"--{row.flag}={operations}", *row.more]
        times = []
        for _ in range(RUNS):
            ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
            if ran.returncode != 0:
                raise Failed(f"{program.name} ended with status {ran.returncode}")
            times.append(float(json.loads(ran.stderr.splitlines()[-1])["processor_ns"]))
        return min(times)

    return (shortest(row.many) - shortest(row.few)) / ((row.many - row.few) * row.warm)


def run_sweep(build_dir: Path, sweep: Sweep) -> bool:
    """Prints a line for each size; whether all take what the first one takes."""
    equal = True
    print(f"{sweep.name}: {sweep.title}")
    base = 0.0
    for label, row in sweep.sizes:
        figure = measure(build_dir, row)
        base = base or figure
        change = figure / base - 1
        equal = equal and abs(change) <= TOLERANCE
        word = "" if abs(change) <= TOLERANCE else f"  {change:+.1%}: NOT EQUAL"
        time = processor_ns(build_dir, row)
        print(f"  {label:<24} {figure:10.2f} instructions {time:8.1f} ns{word}", flush=True)
    return equal


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="one operation among little and among much")
    parser.add_argument("--build-dir", type=Path, required=True)
    names = [sweep.name for sweep in SWEEPS]
    parser.add_argument("sweeps", nargs="*", metavar="SWEEP", help="; ".join(names))
    options = parser.parse_args(arguments)
    unknown = set(options.sweeps) - set(names)
    if unknown:
        parser.error(f"no sweep {', '.join(sorted(unknown))}")
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    try:
        chosen = [sweep for sweep in SWEEPS if not options.sweeps or sweep.name in options.sweeps]
        unequal = sum(not run_sweep(options.build_dir, sweep) for sweep in chosen)
        return 1 if unequal else 0
    except Failed as failure:
        print(f"sweep: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
