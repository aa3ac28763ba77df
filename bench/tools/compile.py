# SPDX-License-Identifier: Apache-2.0
"""How long a handler file takes to compile: `compile.py BUILD_DIR SOURCE`, processor seconds.

SOURCE is the end of a path in the build's list of compile commands. The compiler runs as the build
runs it, without a cache, three times; the least counts.
"""

from __future__ import annotations

import json
import resource
import shlex
import subprocess
import sys
from pathlib import Path

_TIMES = 3


def _command(build: Path, source: str) -> tuple[list[str], str]:
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        if entry["file"].endswith(source):
            words = shlex.split(entry["command"])
            if words[0].endswith("ccache"):
                words = words[1:]
            words[words.index("-o") + 1] = "/dev/null"
            return words, entry["directory"]
    raise SystemExit(f"compile.py: {build} compiles no {source}")


def main() -> int:
    """Compile and print one JSON line."""
    words, folder = _command(Path(sys.argv[1]), sys.argv[2])
    spent = []
    for _ in range(_TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, cwd=folder, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(json.dumps({"bench": "compile", "seconds": min(spent), "all": spent}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
