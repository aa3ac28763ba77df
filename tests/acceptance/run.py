# SPDX-License-Identifier: Apache-2.0
"""The acceptance table: `./dev accept [--slow] [--only WORD]`.

Prints one row for each claim: held, missed, or missed with its cause stated (a gap), the claim, its
target and the figure. The exit status is 0 only if every claim was held or is a gap.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time

import claims_bench
import claims_check
import claims_core
import claims_datagrams
import claims_door
import claims_endless
import claims_examples
import claims_fair
import claims_files
import claims_io
import claims_language
import claims_limits
import claims_moves
import claims_refuse
import claims_serve
import claims_simulate
import claims_system
import claims_tcp
from claims import REGISTER, Claim, Figure

from dev_tasks.console import ROOT
from dev_tasks.echo_server import Trouble

# The modules put their claims on the register in this order.
_GROUPS = (
    claims_check,
    claims_language,
    claims_serve,
    claims_io,
    claims_system,
    claims_examples,
    claims_fair,
    claims_refuse,
    claims_simulate,
    claims_door,
    claims_endless,
    claims_limits,
    claims_core,
    claims_datagrams,
    claims_bench,
    claims_files,
    claims_moves,
    claims_tcp,
)


def main() -> int:
    """Measure, print the table, and say how many were missed."""
    parser = argparse.ArgumentParser(prog="./dev accept", description=__doc__)
    parser.add_argument("--slow", action="store_true", help="also the claims that take minutes")
    parser.add_argument("--only", default="", metavar="WORD", help="claims that contain WORD")
    parser.add_argument("--json", action="store_true", help="print JSON lines instead of a table")
    options = parser.parse_args()
    chosen = [claim for claim in REGISTER if options.only.lower() in claim.text.lower()]
    if not chosen:
        parser.error(f"no claim contains {options.only!r}")
    if not options.json:
        print(_heading(), flush=True)
    missed = gaps = left_out = 0
    for claim in chosen:
        if claim.slow and not options.slow:
            left_out += 1
            continue
        begin = time.monotonic()
        figure = _measure(claim)
        verdict = "held" if figure.held else "gap" if claim.gap else "MISSED"
        missed += verdict == "MISSED"
        gaps += verdict == "gap"
        _print(claim, figure, verdict, time.monotonic() - begin if options.json else None)
    held = len(chosen) - left_out - missed - gaps
    if not options.json:
        counts = f"{held} held, {missed} missed, {gaps} gaps with their causes"
        print(f"\n{counts}, {left_out} left out (slow: ./dev accept --slow)")
    return 1 if missed else 0


def _measure(claim: Claim) -> Figure:
    """One figure; a measurement that cannot be made is a missed claim, in one line."""
    try:
        return claim.measure()
    except (Trouble, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        words = str(error).splitlines() or [type(error).__name__]
        kind = "" if isinstance(error, Trouble) else f"{type(error).__name__}: "
        return Figure(float("nan"), kind + words[0], held=False)


def _print(claim: Claim, figure: Figure, verdict: str, seconds: float | None) -> None:
    """One row; as JSON if it is told how long it took."""
    gap = claim.gap if verdict == "gap" else ""
    if seconds is not None:
        row = {"claim": claim.text, "target": claim.target, "figure": figure.text, "gap": gap}
        print(json.dumps({**row, "held": figure.held, "seconds": round(seconds, 1)}), flush=True)
        return
    text = figure.text + (f" ({gap})" if gap else "")
    print(f"{verdict:<7} {claim.text:<58} {claim.target:<30} {text}", flush=True)


def _heading() -> str:
    """The machine and the commit that the figures belong to, and the columns."""
    command = ["git", "describe", "--always", "--dirty"]
    git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    machine = f"{platform.machine()}, Linux {platform.release()}, commit {git.stdout.strip()}"
    return f"{machine}\n\n{'':<7} {'claim':<58} {'target':<30} figure"


if __name__ == "__main__":
    sys.exit(main())
