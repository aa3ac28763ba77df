# SPDX-License-Identifier: Apache-2.0
"""The project's load generator as a process: what it was asked for and what it counted."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from dev_tasks.echo_server import Trouble, binary, require

_LIMIT_S = 120


def run_load(port: int, **flags: object) -> Any:
    """One closed-loop run against the local echo server; its report. Flags are tina_load's."""
    with start_load(port, **flags) as process:
        return finish_load(process)


def start_load(port: int, **flags: object) -> subprocess.Popen[str]:
    """Start a run that goes on beside something else."""
    options = [f"--{name}={value}" for name, value in flags.items()]
    program = binary("gcc/bench/load/tina_load", "gcc/bench/tina_load")
    return subprocess.Popen(
        [str(program), f"--port={port}", "--json", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Ctrl-C on the terminal is ours: we tell the generator to end, and read its report.
        start_new_session=True,
    )


def finish_load(process: subprocess.Popen[str]) -> Any:
    """Wait for a started run; its report."""
    try:
        output, errors = process.communicate(timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Trouble(f"tina_load still ran after {_LIMIT_S} s") from None
    lines = output.strip().splitlines()
    require(bool(lines), f"tina_load said nothing; {errors.strip()[:100]}")
    return json.loads(lines[-1])


def summary(report: Any) -> str:
    """What a row of the acceptance table says of a run."""
    totals = report["totals"]
    return (
        f"{report['requests_per_s']:.0f} requests/s, {totals['bytes_verified']} bytes verified, "
        f"{report['lost']['total']} connections lost"
    )
