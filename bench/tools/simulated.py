# SPDX-License-Identifier: Apache-2.0
"""Simulated messages per second of processor time: `simulated.py PROGRAM SCENARIO`.

A simulation runs twice, so that the two histories can be compared, and both runs count: as messages
and as time. So do the start of the program and the memory of the kept trace.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys


def main() -> int:
    """Run it once and print one JSON line."""
    program, scenario = sys.argv[1:]
    command = [program, "simulate", "--scenario", scenario, "--seed", "7", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=100)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout.splitlines()[0])
    seconds = used.ru_utime + used.ru_stime
    messages = 2 * report["dispatches"]
    figures = {"messages_per_s": messages / seconds, "messages": messages, "seconds": seconds}
    print(json.dumps({"bench": "simulated", **figures, "trace_hash": report["trace_hash"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
