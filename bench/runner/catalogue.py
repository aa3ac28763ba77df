# SPDX-License-Identifier: Apache-2.0
"""Every command line that the benchmarks run, and every target they are held against.

This is the one place to change when a program is renamed or takes other options. A command is a
tuple of words; `{name}` words are filled in by `measure`: {port}, {cpu}, {seconds} and so on. The
first word is the name of a program: one that the build makes is looked up in the build directory
(and reported as "not built" if it is missing), any other in PATH. `taskset` is put in front.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Command = tuple[str, ...]

SERVER_CPU = 0
LOAD_CPU = 1

# Programs that the build makes; everything else is found in PATH.
BUILT = frozenset(
    {
        "bench_ping_pong",
        "bench_fan_in",
        "bench_ring",
        "bench_timers",
        "bench_idle",
        "bench_service",
        "bench_wake",
        "tcp_echo",
        "tina_load",
        "raw_epoll_echo",
        "raw_uring_echo",
        "probe_queue",
        "probe_cache_line",
        "probe_fault",
        "probe_spin",
        "probe_timer",
    }
)

OURS = "tina"

_ERLANG = (
    "erl",
    "-noshell",
    "+S",
    "1:1",
    "+sbt",
    "db",
    "-pa",
    "{erlang}",
    "-s",
    "tina_peer",
    "main",
)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A benchmark that prints {"ns_per_message": …}. `floor_ns` is what the prototype's floor was
    when the target was set: the target also counts as held at target/floor times today's probe."""

    name: str
    title: str
    target_ns: float
    floor_ns: float
    commands: dict[str, Command]


def _message_row(
    name: str, title: str, target_ns: float, floor_ns: float, *, ours: Command
) -> MessageRow:
    commands: dict[str, Command] = {
        OURS: ours,
        "erlang": (*_ERLANG, name, "{erlang_messages}"),
        "probe": ("probe_queue", name, "{cpu}"),
    }
    return MessageRow(name, title, target_ns, floor_ns, commands)


MESSAGE_ROWS: tuple[MessageRow, ...] = (
    _message_row(
        "ping_pong",
        "ping-pong, one pair, per message",
        8,
        7,
        ours=("bench_ping_pong", "run", "--json"),
    ),
    _message_row(
        "fan_in",
        "fan-in 1000 -> 1, per delivered message",
        8,
        4.5,
        ours=("bench_fan_in", "run", "--json"),
    ),
    _message_row(
        "ring",
        "ring of 10k isolates, 10k tokens, per hop",
        8,
        5,
        ours=("bench_ring", "run", "--json"),
    ),
    _message_row(
        "ring_one",
        "ring of 10k, one token, shuffled, per hop",
        25,
        20,
        ours=("bench_ring", "run", "--json", "--one_token"),
    ),
)


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
    erlang_messages: int = 500_000
    quiet_tries: int = 5
    rows: frozenset[str] = field(default_factory=frozenset)  # empty: all


FULL = Effort()
QUICK = Effort(
    message_rounds=2,
    tcp_rounds=2,
    tcp_seconds=0.4,
    warmup_s=0.1,
    erlang_messages=100_000,
    quiet_tries=1,
)
