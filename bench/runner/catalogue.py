# SPDX-License-Identifier: Apache-2.0
"""The probes that say what the machine does, and how much is measured.

This, rows.py for messages, limits.py and tcp_rows.py hold every command line and every target: they
are what to change when a program is renamed or takes other options.
A command is a tuple of words; `{name}` words are filled in by `measure`: {port}, {cpu}, {seconds}
and so on. The first word is the name of a program, looked up in the build directory (and reported
as "not built" if it is missing) or, for INSTALLED, in PATH. `taskset` is put in front.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .rows import OURS as OURS
from .rows import Command as Command

SERVER_CPU = 0
LOAD_CPU = 1

# Programs that are found in PATH; everything else the build makes.
INSTALLED = frozenset({"erl", "nginx", "python3"})
# Programs that the build leaves out where a package is missing.
OPTIONAL = {"caf_peer": "not installed"}


SPIN_CHECK: Command = ("probe_spin", "{cpu}", "100")
FAULT_PROBE: Command = ("probe_fault", "{cpu}")
CACHE_LINE_PROBE: Command = ("probe_cache_line", str(SERVER_CPU), str(LOAD_CPU))
STOLEN_MAX = 0.02  # above this share of stolen time a two-core round waits, and is then marked


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    message_rounds: int = 5
    tcp_rounds: int = 7
    tcp_seconds: float = 1.5
    warmup_s: float = 0.3
    peer_messages: int = 500_000
    quiet_tries: int = 5
    rows: frozenset[str] = field(default_factory=frozenset)  # empty: all


FULL = Effort()
QUICK = Effort(
    message_rounds=2,
    tcp_rounds=2,
    tcp_seconds=0.4,
    warmup_s=0.1,
    peer_messages=100_000,
    quiet_tries=1,
)
