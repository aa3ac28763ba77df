# SPDX-License-Identifier: Apache-2.0
"""The rows of the TCP echo tables: who serves whom, and what is demanded. Data only; serve.py runs
them and tcp.py judges them.

Words in braces are filled in by serve.py: {port}, {spin_us}, {counters}, {connections} and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .rows import OURS, Command

RAW_EPOLL = "raw epoll"
RAW_URING = "raw io_uring"
OURS_EPOLL = "tina, epoll"
RAW = (RAW_EPOLL, RAW_URING)

_ECHO = ("tcp_echo", "run", "--shards", "1", "--port", "{port}", "--counters", "{counters}")
_CROWD = ("bench_crowd", "run", "--port", "{port}", "--counters", "{counters}")
_RAW: dict[str, Command] = {
    RAW_EPOLL: ("raw_epoll_echo", "--port", "{port}", "--spin-us", "{spin_us}"),
    RAW_URING: ("raw_uring_echo", "--port", "{port}", "--spin-us", "{spin_us}"),
}
SERVERS: dict[str, Command] = {
    OURS: _ECHO,
    OURS_EPOLL: (*_ECHO, "--backend", "epoll"),
    **_RAW,
}
CROWD_SERVERS: dict[str, Command] = {
    OURS: _CROWD,
    OURS_EPOLL: (*_CROWD, "--backend", "epoll"),
    **_RAW,
}

PAYLOAD_BYTES = 64
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


@dataclass(frozen=True, slots=True)
class TcpDemand:
    """What one figure of a row must be. `measure` is a figure of tcp.py; `name` is that of the
    record, behind the row's. `floor` is what the raw io_uring server did when the limit was set: a
    machine on which it does less today is asked for as much less."""

    name: str
    measure: str
    title: str
    limit: float
    at_least: bool = False
    unit: str = ""
    floor: float | None = None

    def limit_today(self, raw: float | None) -> float:
        """The limit where the raw io_uring server does `raw`."""
        if self.floor is None or raw is None:
            return self.limit
        return min(self.limit, self.limit / self.floor * raw)

    def text(self) -> str:
        """The limit as the table shows it."""
        return f"{'>=' if self.at_least else '<='} {self.limit:g}{self.unit and ' ' + self.unit}"

    def held(self, figure: float | None, raw: float | None = None) -> bool | None:
        """None without a figure."""
        if figure is None:
            return None
        return figure >= self.limit_today(raw) if self.at_least else figure <= self.limit


@dataclass(frozen=True, slots=True)
class TcpRow:
    """One row of the TCP echo table."""

    connections: int
    depth: int
    demands: tuple[TcpDemand, ...] = ()
    raw_spin_us: int = 0
    servers: dict[str, Command] = field(default_factory=lambda: SERVERS)
    # A row whose connections take long to open needs fewer, longer rounds.
    rounds_max: int = 100
    seconds_min: float = 0.0
    # Into how many short rounds each one is cut.
    cut: int = 1
    # Beside a process that never waits the server has half of its processor, so that there is
    # always more to serve than it can.
    rival: bool = False

    @property
    def name(self) -> str:
        """Connections x depth, as in `--rows 50x1,500x1_rival`."""
        return f"{self.connections}x{self.depth}" + ("_rival" if self.rival else "")


def _rate(limit: float, floor: float) -> TcpDemand:
    return TcpDemand("", "rate", "requests/s", limit, at_least=True, floor=floor)


def _share(limit: float) -> TcpDemand:
    return TcpDemand("", "share", "requests/s, of the better raw server", limit, at_least=True)


_EPOLL = TcpDemand("_epoll", "epoll_share", "epoll: requests/s, of raw epoll", 0.95, at_least=True)
_COST = TcpDemand("_cost", "cost_ns", "own cost per request over raw io_uring", 300, unit="ns")
_CALLS = TcpDemand("_calls", "system_calls", "system calls per request", 0.1)
_SERVED = TcpDemand("", "served", "connections served to the end", 10_000, at_least=True)
_GROWTH = TcpDemand("_memory", "growth_kib", "memory beyond what the start had", 64, unit="KiB")

TCP_ROWS: tuple[TcpRow, ...] = (
    # Nobody keeps up with 1 x 1 asleep: the raw servers poll as long as ours does by default.
    TcpRow(1, 1, (_rate(100_000, floor=121_000), _EPOLL), raw_spin_us=50),
    TcpRow(50, 1, (_share(0.95), _COST, _EPOLL)),
    TcpRow(500, 1, (_share(0.95), _COST, _EPOLL)),
    # A server as quick as the generator finds requests one by one, and serves them so: how many
    # calls it makes of them says something only where it is the slower one.
    TcpRow(500, 1, (_CALLS,), servers={OURS: _ECHO}, rival=True),
    TcpRow(50, 16, (_share(0.90), _COST, _CALLS, _EPOLL)),
    TcpRow(10_000, 1, (_SERVED, _GROWTH), servers=CROWD_SERVERS, rounds_max=2, seconds_min=3),
)
# A machine that takes a processor away for a millisecond twice in a second puts that into the tail
# of whoever is measured. It takes time away and never gives any: of many short rounds, the one with
# the least p99.9 says what the server does.
OPEN_LOOP_ROW = TcpRow(50, 1, cut=4)
OPEN_LOOP_LOAD = 0.7  # of what the better raw server does closed loop, in the same run
OPEN_LOOP_P999_MAX = 1.2  # times the raw server's
