# SPDX-License-Identifier: Apache-2.0
"""What of the simulator a program holds: `linked.py NM WITHOUT_FILES WITH_FILES`.

A program without files has nothing of the simulated disk in it, and so for the other kinds of
I/O that the echo server lacks. The program with files is there so that this cannot be true by a
change of names.
"""

from __future__ import annotations

import re
import subprocess
import sys

DISK = r"\btina::sim::Disk::"
# Parts of the simulator by a name that each has in every build.
LACKED = (
    DISK,
    r"\btina::sim::Names::",
    r"\btina::sim::Network::open_(datagrams|unix|pipe|signals|standard)\b",
)


def symbols(nm: str, program: str) -> str:
    """The names that a program defines."""
    command = [nm, "--demangle", "--defined-only", program]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> int:
    """Compare; one line for each thing that is not as it should be."""
    nm, without, with_files = sys.argv[1:]
    held = symbols(nm, without)
    wrong = [f"{without} holds {part}" for part in LACKED if re.search(part, held)]
    if not re.search(DISK, symbols(nm, with_files)):
        wrong.append(f"{with_files} holds no {DISK}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
