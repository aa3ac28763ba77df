# SPDX-License-Identifier: Apache-2.0
"""Bytes of an isolate that rests, beyond what its spec declares: `bytes.py PROGRAM`.

The largest sum over the isolates of the program, with its parts, as the program's budget lists
them; one figure for those of dynamic groups and one for static children, which have a record of
their own in the supervision tree.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    """Ask for the budget and print one JSON line."""
    command = [sys.argv[1], "budget", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=20)
    figures: dict[str, object] = {"bench": "bytes", "dynamic": 0, "static": 0}
    sums = {"dynamic": 0, "static": 0}
    for role in json.loads(done.stdout)["roles"]:
        for isolate, parts in role["idle"].items():
            kind = "static" if "child" in parts else "dynamic"
            if sum(parts.values()) > sums[kind]:
                sums[kind] = sum(parts.values())
                figures |= {kind: sums[kind], f"{kind}_parts": {isolate: parts}}
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
