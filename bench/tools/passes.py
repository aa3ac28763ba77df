# SPDX-License-Identifier: Apache-2.0
"""The longest pass of a benchmark: `passes.py instructions_NAME FLAGS…`.

The program runs its shards in one thread and in virtual time, so that each run makes the same
passes, with the production pass, wheel and handlers. It runs five times, and the least that each
pass took on the processor counts: a machine that others use stretches now this pass and now that
one, but hardly the same one each time. The passes before `--settle` are the start.
"""

from __future__ import annotations

import array
import json
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 5
SETTLE_MS = 1500
LONG_NS = 200_000


def one_run(command: list[str], file: Path) -> list[int]:
    """What each measured pass took, ns. The last one also tells the result, and does not count."""
    subprocess.run(
        [*command, f"--settle={SETTLE_MS}", f"--pass_times={file}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=100,
    )
    words = array.array("Q", file.read_bytes())
    pairs = zip(words[::2], words[1::2], strict=True)
    return [took for at, took in pairs if at > SETTLE_MS * 1_000_000][:-1]


def main() -> int:
    """Run it and print one JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [one_run(sys.argv[1:], Path(folder) / "times") for _ in range(RUNS)]
    if len({len(run) for run in runs}) != 1:
        print(f"the runs made {[len(run) for run in runs]} passes", file=sys.stderr)
        return 1
    least = sorted(map(min, *runs))
    figures = {
        "worst_us": least[-1] / 1e3,
        "p9999_us": least[len(least) * 9999 // 10_000] / 1e3,
        "p50_us": least[len(least) // 2] / 1e3,
        "passes": len(least),
        "long_passes": sum(took > LONG_NS for took in least),
        "worst_of_one_run_us": max(map(max, runs)) / 1e3,
    }
    print(json.dumps({"bench": "passes", **figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
