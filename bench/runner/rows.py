# SPDX-License-Identifier: Apache-2.0
"""The rows of the message benchmarks: who takes part with which command, and what is demanded.

A contender prints one JSON line with "ns_per_operation"; only operations count whose sequence was
checked. `{messages}` is how many a slow peer makes per round, `{cpu}` the processor of a one-core
row. The first word of a command is a program (see catalogue).
"""

from __future__ import annotations

from dataclasses import dataclass

Command = tuple[str, ...]

OURS = "tina"
ERLANG = "Erlang"
CAF = "CAF"
PROBE = "probe"
CONTENDERS = (OURS, ERLANG, CAF, PROBE)

ONE_CPU = "0"
TWO_CPUS = "0,1"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a figure may be at most: the largest of what is given. `floor_ns` is what the probe took
    when the target was set, so that a slower machine is allowed as much more; `factor` and
    `plus_ns` are in terms of today's probe alone."""

    ns: float = 0
    floor_ns: float | None = None
    factor: float | None = None
    plus_ns: float | None = None

    def limit(self, probe: float | None) -> float | None:
        """The limit in this run; None if it needs the probe and there is none."""
        if probe is None:
            return self.ns or None
        limits = [self.ns]
        if self.floor_ns is not None:
            limits.append(self.ns / self.floor_ns * probe)
        if self.factor is not None:
            limits.append(self.factor * probe)
        if self.plus_ns is not None:
            limits.append(probe + self.plus_ns)
        return max(limits)

    def text(self) -> str:
        """As it stands in the list of targets."""
        parts = [f"{self.ns:g}"] if self.ns else []
        if self.factor is not None:
            parts.append(f"{self.factor:g} x probe")
        if self.plus_ns is not None:
            parts.append(f"probe + {self.plus_ns:g}")
        return "<= " + (parts[0] if len(parts) == 1 else f"max({', '.join(parts)})")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One row: its contenders take turns, round by round, on the same processors."""

    name: str
    title: str
    demand: Demand
    commands: dict[str, Command]
    cpus: str = ONE_CPU
    # Contenders that take so long that one round has to do.
    once: frozenset[str] = frozenset()


def _erlang(row: str, schedulers: int) -> Command:
    one = f"{schedulers}:{schedulers}"
    run = ("-pa", "{erlang}", "-s", "tina_peer", "main", row, "{messages}")
    return ("erl", "-noshell", "+S", one, "+sbt", "db", "+P", "2000000", *run)


def _row(
    name: str,
    title: str,
    demand: Demand,
    ours: Command,
    probe: Command,
    *,
    cpus: str = ONE_CPU,
    schedulers: int = 1,
    once: frozenset[str] = frozenset(),
) -> MessageRow:
    commands: dict[str, Command] = {
        OURS: (*ours, "run", "--json"),
        ERLANG: _erlang(name, schedulers),
        CAF: ("caf_peer", name, "{messages}"),
        PROBE: probe,
    }
    return MessageRow(name, title, demand, commands, cpus, once)


MESSAGE_ROWS: tuple[MessageRow, ...] = (
    _row(
        "ping_pong",
        "ping-pong, one pair, per message",
        Demand(8, floor_ns=7),
        ("bench_ping_pong",),
        ("probe_queue", "ping_pong", "{cpu}"),
    ),
    _row(
        "fan_in",
        "fan-in 1000 -> 1, per delivered message",
        Demand(8, floor_ns=4.5),
        ("bench_fan_in",),
        ("probe_queue", "fan_in", "{cpu}"),
    ),
    _row(
        "ring",
        "ring of 10k isolates, 10k tokens, per hop",
        Demand(8, floor_ns=5),
        ("bench_ring",),
        ("probe_queue", "ring", "{cpu}"),
    ),
    _row(
        "ring_one",
        "ring of 10k, one token, shuffled, per hop",
        Demand(25, floor_ns=20),
        ("bench_ring", "--one_token"),
        ("probe_queue", "ring_one", "{cpu}"),
    ),
    _row(
        "ring_million",
        "ring of 1M isolates, 1M tokens, per hop",
        Demand(25, floor_ns=20),
        ("bench_ring_million", "--hops=20000000"),
        ("probe_queue", "ring_million", "{cpu}"),
        once=frozenset({ERLANG, CAF}),
    ),
    # The same where each hop meets an isolate that is not in the cache, nor is the one after it.
    _row(
        "ring_million_shuffled",
        "the same, shuffled",
        Demand(25, floor_ns=20),
        ("bench_ring_million", "--shuffled", "--hops=20000000"),
        ("probe_queue", "ring_million_shuffled", "{cpu}"),
        once=frozenset({ERLANG, CAF}),
    ),
    _row(
        "call_one",
        "call -> reply, same shard, one pair",
        Demand(32, floor_ns=28),
        ("bench_call", "--one_pair", "--calls=10000000"),
        ("probe_call", "1", "{cpu}"),
    ),
    _row(
        "call",
        "call -> reply, same shard, 1000 pairs",
        Demand(20, floor_ns=15),
        ("bench_call", "--calls=10000000"),
        ("probe_call", "1000", "{cpu}"),
    ),
    _row(
        "cross_trip",
        "cross-shard round trip, both awake",
        Demand(factor=1.5, plus_ns=150),
        ("bench_cross", "--messages=1000000"),
        ("probe_ring", "trip", "0", "1"),
        cpus=TWO_CPUS,
        schedulers=2,
    ),
    _row(
        "cross_stream",
        "cross-shard stream, per delivered message",
        Demand(15, factor=2),
        ("bench_cross", "--stream", "--messages=20000000"),
        ("probe_ring", "stream", "0", "1"),
        cpus=TWO_CPUS,
        schedulers=2,
    ),
    _row(
        "spawn",
        "spawn + init + end, with its record",
        Demand(60),
        ("bench_spawn", "--lives=10000000"),
        ("probe_life", "spawn", "{cpu}"),
    ),
    # The crash rows have a second processor for whoever writes the log.
    _row(
        "crash",
        "crash -> supervised restart, report recorded",
        Demand(200),
        ("bench_crash", "--crashes=3000000"),
        ("probe_life", "crash", "0"),
        cpus=TWO_CPUS,
    ),
    MessageRow(
        "fault",
        "SIGSEGV in a handler -> restarted",
        Demand(factor=1.6),
        {
            OURS: ("bench_crash", "--fault", "--crashes=200000", "run", "--json"),
            PROBE: ("probe_fault", "0"),
        },
        TWO_CPUS,
    ),
)
