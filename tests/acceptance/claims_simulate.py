# SPDX-License-Identifier: Apache-2.0
"""Claims about the simulated run: one hash for one seed, whoever compiled it and however."""

from __future__ import annotations

import re
import subprocess

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import echo_binary, require

PRESETS = ("gcc", "clang", "gcc-debug", "clang-debug")
_HASH = re.compile(r"trace hash: 0x([0-9a-f]{16})")
_PASSED = re.compile(r"tests passed, \d+ tests failed out of (\d+)")
_LIMIT_S = 120


def trace_hash(preset: str, seed: int) -> str:
    """The trace hash that a preset's binary prints for a seed."""
    command = [str(echo_binary(preset)), "simulate", "--seed", str(seed)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    require(result.returncode == 0, f"{preset}: status {result.returncode}")
    match = _HASH.search(result.stdout)
    require(match is not None, f"{preset}: no hash in {result.stdout[:60]!r}")
    assert match is not None
    return match[1]


@claim("one seed, one hash: two compilers, -O0 and -O2, twice", target="8 equal hashes")
def same_everywhere() -> Figure:
    hashes = [trace_hash(preset, 7) for preset in PRESETS for _ in range(2)]
    different = len(set(hashes))
    return Figure(different, f"{len(hashes)} runs, {different} hash: {hashes[0]}", different == 1)


@claim("another seed, another hash", target="8 of 8 seeds differ")
def different_seeds() -> Figure:
    hashes = {trace_hash("gcc", seed) for seed in range(1, 9)}
    return Figure(len(hashes), f"{len(hashes)} hashes of 8 seeds", len(hashes) == 8)


@claim("a planted read of the real clock is caught", target="tests pass, 2 or more")
def planted_clock_is_caught() -> Figure:
    name = "Simulation.Catches.*(Clock|TimeStamp)"
    command = ["ctest", "--test-dir", "build/gcc", "--no-tests=error", "-R", name]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    match = _PASSED.search(result.stdout)
    require(match is not None, f"no test named {name}")
    assert match is not None
    held = result.returncode == 0 and int(match[1]) >= 2
    return Figure(result.returncode, match[0], held)
