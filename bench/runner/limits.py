# SPDX-License-Identifier: Apache-2.0
"""Rows with one figure and one limit: time, rest, load and size. Data only; judge.py runs them.

A command prints a JSON line whose field `key` is the figure. The limit is `target`, which a floor
probe of the same run may raise (target / floor_ns x probe), or `factor` times what another
contender of the row did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .catalogue import LOAD_CPU, SERVER_CPU
from .rows import OURS, Command


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row. `pick` is how the rounds become one figure: a worst case that a busy machine can
    only make worse is the least of the rounds."""

    name: str
    title: str
    unit: str
    key: str
    commands: dict[str, Command]
    target: float | None = None
    floor: float | None = None
    versus: str = ""
    factor: float = 1.0
    at_least: bool = False
    pick: str = "median"
    cpu: int | None = SERVER_CPU
    rounds_max: int = 100
    # What a shared disk does in a round says little, and so does a shared machine that is slower
    # for some seconds, where two processors are busy.
    rounds_min: int = 0
    # What of a sample says where it was measured, such as a file system; stands behind the title.
    where: str = ""


_TIMERS = ("bench_timers", "run")
_PASSES = ("python3", "{tools}/passes.py", "{program:instructions_timers}", "--timers=1000000")
_IDLE = ("bench_idle", "run")
# In time on the processor, so that a machine that does other things too changes nothing.
_SERVICE = ("instructions_service", "--processor_time")
_HALL = (*_SERVICE, "--shared", "--rounds", "16000")


def _pass_row(name: str, title: str, *options: str) -> LimitRow:
    # Within 5 %: what two runs of one program differ by on a machine that others use.
    commands = {
        OURS: (*_IDLE, "--passes", "3000000", *options),
        "of ten": (*_IDLE, "--passes", "3000000", "--plain", "10"),
    }
    return LimitRow(name, title, "ns", "ns", commands, versus="of ten", factor=1.05, pick="min")


def _sweep_row(
    name: str, title: str, target: float, ours: Command, beside: tuple[str, Command]
) -> LimitRow:
    # That both take the same is held in instructions (instructions/sweep.py): times are shown.
    label, command = beside
    commands = {OURS: (*ours, "run", "--json"), label: (*command, "run", "--json")}
    return LimitRow(name, title, "ns", "ns_per_operation", commands, target=target, pick="min")


def _rate_row(
    name: str, title: str, commands: dict[str, Command], versus: str, factor: float, rounds_min: int
) -> LimitRow:
    """A rate that is held against a share of somebody else's in the same run."""
    return LimitRow(
        name,
        title,
        "/s",
        "per_s",
        commands,
        versus=versus,
        factor=factor,
        at_least=True,
        rounds_min=rounds_min,
    )


def _file_row(
    name: str, title: str, mode: str, operations: int, factor: float, rounds_min: int = 0
) -> LimitRow:
    tool = ("python3", "{tools}/files.py", "{build}", mode, str(operations))
    commands = {
        OURS: (*tool, "{program:bench_files}", "run"),
        "raw io_uring": (*tool, "{program:raw_uring_files}"),
    }
    row = _rate_row(name, title, commands, "raw io_uring", factor, rounds_min)
    return replace(row, where="file_system")


def _datagram_row(name: str, title: str, backend: str, versus: str) -> LimitRow:
    tool = ("python3", "{tools}/datagrams.py", "{program:udp_load}", str(LOAD_CPU))
    ours = ("{program:bench_datagrams}", "run", "--port=PORT", f"--backend={backend}")
    raw = ("{program:raw_udp_echo}", "--port", "PORT")
    commands = {
        OURS: (*tool, *ours),
        "raw recvmmsg": (*tool, *raw),
        "raw io_uring": (*tool, *raw, "--uring"),
    }
    return _rate_row(name, title, commands, versus, 0.9, 11)


def _send_file_row(name: str, title: str, unit: str, key: str, factor: float) -> LimitRow:
    tool = ("python3", "{tools}/sends.py", str(LOAD_CPU))
    commands = {
        OURS: (*tool, "{program:bench_send_file}", "run"),
        "raw sendfile": (*tool, "{program:raw_send_file}"),
    }
    return LimitRow(
        name,
        title,
        unit,
        key,
        commands,
        versus="raw sendfile",
        factor=factor,
        at_least=factor < 1,
    )


def _bytes_row(name: str, key: str, title: str) -> LimitRow:
    ours = ("python3", "{tools}/bytes.py", "{program:bench_idle}")
    return LimitRow(name, title, "B", key, {OURS: ours}, target=64, cpu=None, rounds_max=1)


LIMIT_ROWS: tuple[LimitRow, ...] = (
    LimitRow(
        "timer_arm",
        "timer cancel and arm, 100k timers",
        "ns",
        "ns",
        {OURS: (*_TIMERS, "--mode", "0"), "probe": ("probe_timer", "arm", "{cpu}")},
        target=25,
        floor=15,
    ),
    LimitRow(
        "timer_fire",
        "timer fire, handled and armed again, 100k timers",
        "ns",
        "ns",
        {OURS: (*_TIMERS, "--mode", "1"), "probe": ("probe_timer", "fire", "{cpu}")},
        target=60,
        floor=16,
    ),
    LimitRow(
        "timer_pass",
        "worst pass with 1M timers, processor time, least of 5 replays of each pass",
        "us",
        "worst_us",
        {OURS: (*_PASSES, "--mode=2", "--ms=8000")},
        target=200,
        rounds_max=1,
    ),
    LimitRow(
        "timer_burst",
        "the same, with half a million of them due at once",
        "us",
        "worst_us",
        {OURS: (*_PASSES, "--mode=3", "--ms=12000")},
        target=200,
        rounds_max=1,
    ),
    LimitRow(
        "timer_pass_live",
        "passes above 200 us among those of 1M timers, as the clock saw them",
        "%",
        "long_percent",
        {OURS: (*_TIMERS, "--mode", "2", "--timers", "1000000")},
        rounds_max=3,
    ),
    _pass_row("idle_pass", "pass with 100k idle isolates", "--plain", "100000"),
    _pass_row("idle_timed", "pass with 100k idle isolates, `after 30s` each", "--timed", "100000"),
    LimitRow(
        "idle_types",
        "pass with 200 empty isolate types more",
        "ns",
        "ns",
        {
            OURS: ("bench_idle_types", "run", "--passes", "3000000"),
            "with three": (*_IDLE, "--passes", "3000000"),
        },
        versus="with three",
        factor=1.05,
        pick="min",
    ),
    _sweep_row(
        "spawn_million",
        "spawn + init + end in a table of 1M slots, 990k in use",
        60,
        ("bench_spawn_million", "--resting=990000", "--lives=10000000"),
        ("of 1k slots", ("bench_spawn", "--lives=10000000")),
    ),
    _sweep_row(
        "crash_history",
        "crash -> restart, report recorded, after 1M others",
        200,
        ("bench_crash", "--crashes=4000000"),
        ("after 2000", ("bench_crash", "--crashes=20000")),
    ),
    _sweep_row(
        "ring_roomy",
        "hop in a ring of 10k, mailboxes of 128",
        8,
        ("bench_ring_roomy", "--hops=100000000"),
        ("of 4", ("bench_ring", "--hops=100000000")),
    ),
    LimitRow(
        "idle_cpu",
        "idle program, processor time",
        "%",
        "percent",
        {OURS: (*_IDLE, "--plain", "10")},
        target=0.5,
        rounds_max=3,
    ),
    LimitRow(
        "idle_cpu_timers",
        "idle program with 100k idle timers, processor time",
        "%",
        "percent",
        {OURS: (*_IDLE, "--plain", "10", "--timed", "100000")},
        target=0.5,
        rounds_max=3,
    ),
    LimitRow(
        "wake",
        "a sleeping shard wakes and handles a message, median",
        "us",
        "p50_us",
        # The kernel alone: where the limit was set, it took 25 to 45 us.
        {OURS: ("bench_wake", "run"), "probe": ("probe_wake", "0", "1")},
        target=50,
        floor=45,
        cpu=None,
    ),
    LimitRow(
        "flood",
        "p99 of 1000 clients beside one that floods",
        "us",
        "p99_us",
        {OURS: (*_SERVICE, "--flood"), "without": _SERVICE},
        versus="without",
        factor=2,
    ),
    # 16 us of work: about 60 000 calls/s are what the shard can do, and 167 000 are asked for.
    LimitRow(
        "overload",
        "replies within 100 ms at 2 x overload, beside those at the peak",
        "/s",
        "good_per_s",
        {OURS: (*_HALL, "--period", "6"), "at the peak": (*_HALL, "--period", "15")},
        versus="at the peak",
        factor=0.9,
        at_least=True,
    ),
    # Reads and writes are of the page cache: what a disk adds is the same for both.
    _datagram_row("udp", "UDP echo of 64 B, 128 at once", "io_uring", "raw recvmmsg"),
    _datagram_row("udp_epoll", "UDP echo of 64 B, 128 at once, on epoll", "epoll", "raw recvmmsg"),
    _file_row("file_read", "random reads of 4 KiB, 32 at once", "read", 200_000, 0.7),
    _file_row("file_write", "random writes of 4 KiB, 32 at once", "write", 200_000, 0.7),
    _file_row("file_commit", "group commits: 128 x 4 KiB and fdatasync", "commit", 100, 0.8, 9),
    # Threads that do nothing but `sendfile` wait for room in the kernel; ours are handed each step.
    _send_file_row("send_file", "a file of 16 MiB to 4 connections", "MiB/s", "mib_per_s", 0.8),
    _send_file_row("send_file_cpu", "the same, processor time", "us/MiB", "cpu_us_per_mib", 1.5),
    LimitRow(
        "simulated",
        "simulated messages, g++",
        "/s",
        "messages_per_s",
        {OURS: ("python3", "{tools}/simulated.py", "{program:bench_simulated}", "messages")},
        target=20e6,
        at_least=True,
    ),
    LimitRow(
        "start",
        "echo server, from its start to its first connection, without pre-faulting",
        "ms",
        "ms",
        {OURS: ("python3", "{tools}/start.py", "{program:tcp_echo}")},
        target=50,
        cpu=None,
    ),
    LimitRow(
        "size",
        "echo server, stripped",
        "KiB",
        "kib",
        {OURS: ("python3", "{tools}/size.py", "{program:tcp_echo}")},
        target=400,
        cpu=None,
        rounds_max=1,
    ),
    LimitRow(
        "size_type",
        "each further isolate type, stripped",
        "KiB",
        "kib",
        {
            OURS: (
                "python3",
                "{tools}/size.py",
                "{program:bench_few_types}",
                "{program:bench_many_types}",
                "16",
            )
        },
        target=8,
        cpu=None,
        rounds_max=1,
    ),
    LimitRow(
        "compile",
        "a handler file compiles, processor time",
        "s",
        "seconds",
        {OURS: ("python3", "{tools}/compile.py", "{build}", "examples/tcp_echo/connection.cc")},
        target=0.5,
        cpu=None,
        rounds_max=3,
    ),
    _bytes_row("bytes", "dynamic", "bytes of an idle isolate beyond the declared parts, dynamic"),
    _bytes_row("bytes_child", "static", "bytes of an idle isolate beyond them, static child"),
)
