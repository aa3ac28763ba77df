# SPDX-License-Identifier: Apache-2.0
"""Claims about input and output: what every backend does alike, and leaves nothing behind."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import binary, echo_binary, require

sys.path.insert(0, str(ROOT / "tests" / "storm"))

from resets import leave_nothing_behind

_CONNECTIONS = 100_000
_BACKENDS = ("io_uring", "epoll")
_WORLDS = (*_BACKENDS, "simulated")
_CASES = 150
_PARITY_LIMIT_S = 300


def _resets(backend: str, program: Callable[[], Path]) -> Figure:
    """Trouble says what is left."""
    done = leave_nothing_behind(program(), backend, _CONNECTIONS)
    return Figure(_CONNECTIONS, done, True)


def _eager() -> Path:
    """An echo server whose connections read ahead."""
    return binary("gcc/tests/systems/eager/system_eager")


for _backend in _BACKENDS:
    claim(
        f"100 000 connections reset at random moments leave nothing behind ({_backend})",
        target="no descriptor, buffer, slot",
    )(partial(_resets, _backend, echo_binary))

claim(
    "100 000 that are reset while they are read ahead leave nothing behind (io_uring)",
    target="no descriptor, buffer, slot",
)(partial(_resets, "io_uring", _eager))


@claim("io_uring, epoll and simulation end alike", target="150 cases or more, each in all three")
def parity() -> Figure:
    """Runs the parity suite: a case counts if it was run, and passed, in every world."""
    programs = sorted((ROOT / "build/gcc/tests/parity").glob("parity_*_test"))
    require(bool(programs), "build/gcc/tests/parity is not built")
    passed: dict[str, set[str]] = {}
    failed = 0
    for program in programs:
        done = subprocess.run(
            [str(program)], capture_output=True, text=True, check=False, timeout=_PARITY_LIMIT_S
        )
        failed += done.returncode != 0
        for suite, test in re.findall(r"^\[       OK \] (\S+)/(\S+) ", done.stdout, re.MULTILINE):
            world = next((one for one in _WORLDS if test.startswith(one)), "")
            passed.setdefault(suite + test.removeprefix(world), set()).add(world)
    everywhere = sum(worlds == set(_WORLDS) for worlds in passed.values())
    text = f"{everywhere} cases of {len(passed)} alike in {len(_WORLDS)} worlds"
    return Figure(everywhere, text, not failed and everywhere >= _CASES)
