# SPDX-License-Identifier: Apache-2.0
"""Prints the synthetic system of N isolates (100 by default), with which speed is measured.

Isolates stand in a ring. Each has a machine with a timeout, sends a message of its own to the next
one, serves a call of a protocol of its own, and makes that call to the one before the previous one.
"""

from __future__ import annotations

import sys

_ISOLATE = """
message Note{i} {{ id: u64; weight: u32; from: u32; }}
protocol Store{i} {{
  call Get (key: u64) -> (value: u64, found: bool) timeout 1s;
}}
isolate Worker{i} implements Store{i} {{
  sends Note{i} to Worker{next};
  calls Store{before}.Get to Worker{before};
  timer tick every 1s;
  budget {{ slots 8; mailbox 16; state <= 128B; }}
  machine {{
    initial Idle;
    on tick;
    on Store{i}.Get -> stay;
    on Note{previous} -> stay | Waiting;
    state Idle;
    state Waiting {{
      on Store{before}.Get.reply -> Idle;
      on Store{before}.Get.failed => Idle;
      after 5s => Idle;
    }}
  }}
}}
"""


def spec(count: int = 100) -> str:
    """The specification."""
    text = "// SPDX-License-Identifier: Apache-2.0\ntina 1;\npackage hundred;\n"
    for i in range(count):
        previous, before = (i - 1) % count, (i - 3) % count
        text += _ISOLATE.format(i=i, next=(i + 1) % count, previous=previous, before=before)
    text += "\nsupervisor Root {\n  strategy one_for_one;\n  restarts 5 in 10s else quarantine;\n"
    for i in range(count):
        text += f"  child worker_{i} : Worker{i}() * 8 permanent;\n"
    return text + "}\n\nsystem Hundred { shards 2 as main { memory <= 16MiB; root Root; } }\n"


if __name__ == "__main__":
    print(spec(int(sys.argv[1]) if len(sys.argv) > 1 else 100), end="")
