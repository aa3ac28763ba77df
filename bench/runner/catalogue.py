# SPDX-License-Identifier: Apache-2.0
"""Every command line that the benchmarks run, and every target they are held against.

This and rows.py, for messages, are what to change when a program is renamed or takes other options.
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
INSTALLED = frozenset({"erl", "python3"})
# Programs that the build leaves out where a package is missing.
OPTIONAL = {"caf_peer": "not installed"}


@dataclass(frozen=True, slots=True)
class TcpRow:
    """One row of the TCP echo table. `share` is the demanded ratio to the better raw server, and
    `requests_per_s` an absolute demand; the row is held if every demand made is met."""

    connections: int
    depth: int
    share: float | None = None
    requests_per_s: float | None = None
    raw_spin_us: int = 0

    @property
    def name(self) -> str:
        """Connections x depth, as in `--rows 50x1`."""
        return f"{self.connections}x{self.depth}"


TCP_ROWS: tuple[TcpRow, ...] = (
    # Nobody keeps up with 1 x 1 asleep: the raw servers poll as long as ours does by default.
    TcpRow(1, 1, requests_per_s=100_000, raw_spin_us=50),
    TcpRow(50, 1, share=0.95),
    TcpRow(500, 1, share=0.95),
    TcpRow(50, 16, share=0.90),
)
OPEN_LOOP_ROW = TcpRow(50, 1)
OPEN_LOOP_LOAD = 0.7  # of what the better raw server does closed loop, in the same run
OPEN_LOOP_P999_MAX = 1.2  # times the raw server's
PAYLOAD_BYTES = 64

SERVERS: dict[str, Command] = {
    OURS: ("tcp_echo", "run", "--shards", "1", "--port", "{port}"),
    "raw epoll": ("raw_epoll_echo", "--port", "{port}", "--spin-us", "{spin_us}"),
    "raw io_uring": ("raw_uring_echo", "--port", "{port}", "--spin-us", "{spin_us}"),
}

LOAD: Command = (
    "tina_load",
    "--port",
    "{port}",
    "--connections",
    "{connections}",
    "--depth",
    "{depth}",
    "--size",
    str(PAYLOAD_BYTES),
    "--warmup",
    "{warmup}",
    "--seconds",
    "{seconds}",
    "--open_loop",
    "{rate}",
    "--json",
)

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
