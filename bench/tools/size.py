# SPDX-License-Identifier: Apache-2.0
"""The size of stripped programs: `size.py PROGRAM [LARGER TYPES]`, in KiB.

With two programs it is what each of the TYPES isolate types adds that LARGER has more.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def _stripped_kib(program: str) -> float:
    with tempfile.TemporaryDirectory(prefix="tina-size-") as folder:
        path = Path(folder) / "stripped"
        subprocess.run(["strip", "-o", str(path), program], check=True)
        return path.stat().st_size / 1024


def main() -> int:
    """Strip copies and print one JSON line."""
    kib = _stripped_kib(sys.argv[1])
    if len(sys.argv) > 2:
        kib = (_stripped_kib(sys.argv[2]) - kib) / int(sys.argv[3])
    print(json.dumps({"bench": "size", "kib": kib}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
