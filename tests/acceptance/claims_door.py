# SPDX-License-Identifier: Apache-2.0
"""Claims about `./dev` itself: its demo and its tests end well, and in time."""

from __future__ import annotations

import subprocess
import time

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import Trouble


def _in_time(arguments: list[str], limit_s: float) -> Figure:
    begin = time.monotonic()
    command = ["./dev", *arguments]
    try:
        result = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"did not end within {limit_s:.0f} s") from None
    seconds = time.monotonic() - begin
    last = (result.stdout.strip().splitlines() or [""])[-1]
    text = f"status {result.returncode}, {seconds:.0f} s: {last[:70]}"
    return Figure(seconds, text, result.returncode == 0)


@claim("./dev demo ends by itself", target="status 0, <= 300 s")
def demo_ends() -> Figure:
    return _in_time(["demo"], 300)


@claim("./dev test passes", target="status 0, <= 600 s", slow=True)
def tests_pass() -> Figure:
    return _in_time(["test"], 600)
