# SPDX-License-Identifier: Apache-2.0
"""Claims about `./dev` itself: demo, tests, benchmarks and documents end well, and in time."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import Trouble, require

_BENCH_LIMIT_S = 900
_TABLES = (
    "ping-pong",
    "fan-in",
    "ring of 10k",
    "TCP echo",
    "of Erlang",
    "of probe",
    "of better raw",
)


def _run(arguments: list[str], limit_s: float, root: Path = ROOT) -> tuple[int, float, str]:
    """Status, seconds and output of one `./dev` command; none of it comes from a compiler cache."""
    begin = time.monotonic()
    try:
        result = subprocess.run(
            ["./dev", *arguments],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CCACHE_DISABLE": "1"},
            text=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"did not end within {limit_s:.0f} s") from None
    return result.returncode, time.monotonic() - begin, result.stdout


def _in_time(arguments: list[str], limit_s: float, root: Path = ROOT) -> Figure:
    status, seconds, output = _run(arguments, limit_s, root)
    last = (output.strip().splitlines() or [""])[-1]
    return Figure(seconds, f"status {status}, {seconds:.0f} s: {last[:70]}", status == 0)


def _in_a_fresh_clone(arguments: list[str], limit_s: float) -> Figure:
    """The same in a clone without .venv and build/, which is what a newcomer has."""
    with tempfile.TemporaryDirectory(prefix="tina-clone-") as folder:
        clone = Path(folder) / "tina"
        command = ["git", "clone", "--quiet", str(ROOT), str(clone)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        require(result.returncode == 0, f"git clone: {result.stderr.strip()[:80]}")
        return _in_time(arguments, limit_s, clone)


@claim("./dev demo ends by itself", target="status 0, <= 300 s")
def demo_ends() -> Figure:
    return _in_time(["demo"], 300)


@claim("a second ./dev setup has nothing to do", target="status 0, <= 10 s, 1 line")
def setup_twice() -> Figure:
    require(_run(["setup"], 600)[0] == 0, "the first ./dev setup failed")
    status, seconds, output = _run(["setup"], 60)
    lines = len(output.strip().splitlines())
    held = status == 0 and seconds <= 10 and lines == 1
    return Figure(seconds, f"status {status}, {seconds:.1f} s, {lines} line", held)


@claim("the README's commands and blocks work", target="tests pass")
def documents() -> Figure:
    return _in_time(["docs"], 300)


@claim("./dev bench prints the tables with ratios", target="status 0, every table")
def benchmarks() -> Figure:
    status, seconds, output = _run(["bench", "--quick", "--no-keep"], _BENCH_LIMIT_S)
    missing = [word for word in _TABLES if word not in output]
    last = (output.strip().splitlines() or [""])[-1]
    text = f"status {status}, {seconds:.0f} s, without: {', '.join(missing) or 'nothing'}; {last}"
    return Figure(seconds, text, status == 0 and not missing)


@claim("./dev demo in a fresh clone", target="status 0, <= 300 s", slow=True)
def demo_from_a_clone() -> Figure:
    return _in_a_fresh_clone(["demo"], 300)


# It was 600 s for 1900 tests and two builds; now it is what CI allows for 10 000 tests and four.
@claim("./dev test in a fresh clone", target="status 0, <= 5400 s", slow=True)
def tests_from_a_clone() -> Figure:
    return _in_a_fresh_clone(["test"], 5400)
