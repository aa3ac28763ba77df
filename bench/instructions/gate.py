# SPDX-License-Identifier: Apache-2.0
"""Holds what an operation costs in instructions against a table that is checked in.

    .venv/bin/python bench/instructions/gate.py --build-dir build/gcc            # all rows
    .venv/bin/python bench/instructions/gate.py --build-dir build/gcc ring
    .venv/bin/python bench/instructions/gate.py --build-dir build/gcc --update

Times move with the machine, instructions do not: each row's program runs twice under callgrind, on
one thread and with few operations, and the difference of the two counts over the difference of the
operations is the figure. It fails in both directions, so that what was won is also kept. A row can
hold something else than its time: an instruction more is worth it if it saves a cache miss.
Exit status: 0 as in the table, 1 another figure, 2 a bad command line, 77 no callgrind here.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLE = HERE / "table.json"
TOLERANCE = 0.03
LIMIT_S = 60
SKIPPED = 77


@dataclass(frozen=True, slots=True)
class Row:
    """A program, how it is asked for a number of operations, and the two numbers."""

    name: str
    program: str
    flag: str
    few: int
    many: int
    unit: str
    more: tuple[str, ...] = ()
    # Every program does a tenth of the operations before those that it times.
    warm: float = 1.1


VISITS = ("--mode=0", "--timers=20000", "--settle=1")
FIRES = ("--mode=1", "--timers=20000", "--settle=10")

ROWS: tuple[Row, ...] = (
    Row("ping_pong", "ping_pong", "messages", 100_000, 300_000, "message"),
    Row("fan_in", "fan_in", "messages", 100_000, 300_000, "delivered message"),
    Row("ring", "ring", "hops", 200_000, 400_000, "hop"),
    # One token makes a quarter of the hops.
    Row("ring_one", "ring", "hops", 400_000, 1_200_000, "hop", ("--one_token",), 1.1 / 4),
    Row("call_one", "call", "calls", 50_000, 150_000, "call", ("--one_pair",)),
    Row("call", "call", "calls", 50_000, 150_000, "call"),
    Row("cross_trip", "cross", "messages", 10_000, 30_000, "round trip"),
    Row("cross_stream", "cross", "messages", 100_000, 300_000, "delivered message", ("--stream",)),
    # What of a request is not the kernel's: a receive, a send, two dispatches, two timeouts.
    Row("echo", "crowd", "echoes", 50_000, 150_000, "request", ("--clients=50",), 1.0),
    Row("echo_one", "crowd", "echoes", 20_000, 60_000, "request", ("--clients=1",), 1.0),
    Row("spawn", "spawn", "lives", 51_200, 153_600, "life"),
    Row("crash", "crash", "crashes", 51_200, 102_400, "crash"),
    # Of each two turns of 105 000 visits, the second cancels and arms at each.
    Row("timer_arm", "timers", "turns", 4, 8, "visit without and with it", VISITS, 105_000),
    Row("timer_fire", "timers", "alarms", 200_000, 600_000, "fire", FIRES, 1.0),
)


class Failed(Exception):
    """One sentence: why there is no figure."""


def collected(program: Path, row: Row, operations: int) -> int:
    """The instructions of all passes of one run; the profile stays beside the program."""
    profile = program.with_name(f"callgrind.{row.name}")
    command = [
        "valgrind",
        "--tool=callgrind",
        "--toggle-collect=counted_pass",
        f"--callgrind-out-file={profile}",
        str(program),
        f"--{row.flag}={operations}",
        *row.more,
    ]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{program.name} still ran after {LIMIT_S} s under callgrind") from None
    found = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or found is None:
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Failed(f"{program.name} ended with status {ran.returncode}: {last}")
    return int(found[1])


def measure(build_dir: Path, row: Row) -> float:
    """Instructions per operation of one row."""
    program = build_dir / "bench" / "instructions" / f"instructions_{row.program}"
    if not program.is_file():
        raise Failed(f"{program} is not built: ninja -C {build_dir} {program.name}")
    few, many = (collected(program, row, count) for count in (row.few, row.many))
    return (many - few) / ((row.many - row.few) * row.warm)


def judge(row: Row, compiler: str, figure: float, expected: float | None) -> tuple[bool, str]:
    """Whether the figure is the table's, and a sentence that says so."""
    update = (
        "if that is meant, run bench/instructions/gate.py --update with the build folder of each "
        "compiler, and say in the commit why"
    )
    costs = f"{row.name}: {figure:.2f} instructions per {row.unit} ({compiler})"
    if expected is None:
        return False, f"{costs}, and the table has no such row; {update}"
    change = figure / expected - 1
    if abs(change) <= TOLERANCE:
        return True, f"{costs}, the table says {expected:.2f}"
    word = "more" if change > 0 else "fewer"
    return False, f"{costs}, {abs(change):.1%} {word} than the table's {expected:.2f}; {update}"


def compiler_of(build_dir: Path) -> str:
    """The compiler of a build as the table names it, such as `GNU 12`."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in (build_dir / "CMakeFiles").glob("*/CMakeCXXCompiler.cmake")
    )
    name = re.search(r'CMAKE_CXX_COMPILER_ID "(\w+)"', text)
    version = re.search(r'CMAKE_CXX_COMPILER_VERSION "(\d+)', text)
    if name is None or version is None:
        raise Failed(f"{build_dir} is not a configured build: cmake --preset gcc")
    return f"{name[1]} {version[1]}"


def run(options: argparse.Namespace) -> int:
    """Measures the rows that were asked for; the exit status."""
    compiler = options.compiler or compiler_of(options.build_dir)
    table: dict[str, dict[str, float]] = json.loads(TABLE.read_text(encoding="utf-8"))
    expected = table.setdefault(compiler, {})
    if not expected and not options.update:
        print(f"skipped: the table has no figures of {compiler}")
        return SKIPPED
    wrong = 0
    for row in ROWS:
        if options.rows and row.name not in options.rows:
            continue
        figure = measure(options.build_dir, row)
        right, sentence = judge(row, compiler, figure, expected.get(row.name))
        print(sentence if not options.update else sentence.partition(";")[0], flush=True)
        wrong += not right
        expected[row.name] = round(figure, 2)
    if not options.update:
        return 1 if wrong else 0
    TABLE.write_text(json.dumps(table, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="instructions per operation, against the table")
    parser.add_argument("--build-dir", type=Path, required=True)
    parser.add_argument("--compiler", help="name in the table; the build's own unless said")
    parser.add_argument("--update", action="store_true", help="write the figures to the table")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="; ".join(r.name for r in ROWS))
    options = parser.parse_args(arguments)
    unknown = set(options.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}")
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    try:
        return run(options)
    except Failed as failure:
        print(f"gate: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
