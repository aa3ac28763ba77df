# SPDX-License-Identifier: Apache-2.0
"""Runs the TCP echo servers under load, each in turn, and reads what they cost."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from . import catalogue
from .measure import Bench, RunFailed, Sample, Series, take, wait_until_quiet
from .rows import Command
from .tcp_rows import LOAD, TcpRow

_START_LIMIT_S = 5.0


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_ns_of(pid: int) -> int:
    """Processor time of all threads so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks)


def _status_kib(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


class _Watch(threading.Thread):
    """Keeps the counter page of a server of ours as it was at two moments in the middle of a load:
    opening, warming up and closing are not what is asked about. A copy costs next to nothing; what
    is in it is read when nobody is measured any more."""

    def __init__(self, counters: Path, warmup_s: float, seconds: float) -> None:
        super().__init__(daemon=True)
        self._counters = counters
        self._waits = (warmup_s + 0.4 * seconds, 0.5 * seconds)
        self._taken: list[tuple[float, Path]] = []

    def run(self) -> None:
        for number, wait_s in enumerate(self._waits):
            time.sleep(wait_s)
            copy = self._counters.with_suffix(f".{number}")
            taken = time.monotonic()
            shutil.copyfile(self._counters, copy)
            self._taken.append((taken, copy))

    def calls_per_s(self, bench: Bench, program: str) -> float:
        """System calls per second between the two."""
        (from_s, before), (to_s, after) = self._taken
        calls = _system_calls(bench, program, after) - _system_calls(bench, program, before)
        return calls / (to_s - from_s)


def _system_calls(bench: Bench, program: str, counters: Path) -> int:
    """What the backends of a server of ours have asked of the kernel."""
    command = [bench.program(program), "counters", str(counters), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise RunFailed(f"{program} counters: {done.stderr.strip()[:80]}")
    page: dict[str, Any] = json.loads(done.stdout)
    return sum(int(shard["system_calls"]) for shard in page["shards"])


@contextmanager
def serving(words: list[str], port: int) -> Iterator[int]:
    """A server that accepts connections, ended (SIGTERM, then SIGKILL) on leaving."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            limit = time.monotonic() + _START_LIMIT_S
            while True:
                if process.poll() is not None or time.monotonic() > limit:
                    log.seek(0)
                    said = log.read(400).decode(errors="replace").strip().splitlines()
                    raise RunFailed(f"{words[3]} does not serve: {said[-1] if said else ''}")
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _rival(wanted: bool) -> Iterator[None]:
    """A process that never waits, on the server's processor."""
    if not wanted:
        yield
        return
    words = ["taskset", "-c", str(catalogue.SERVER_CPU), sys.executable, "-c", "while True: pass"]
    process = subprocess.Popen(words)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _sample(bench: Bench, command: Command, row: TcpRow, rate: float, folder: Path) -> Sample:
    port = free_port()
    counters = folder / f"counters.{port}"
    values = {"port": port, "spin_us": row.raw_spin_us, "counters": counters}
    words = bench.words(command, catalogue.SERVER_CPU, **values)
    with serving(words, port) as pid, _rival(row.rival):
        cpu_ns, resident_kib = cpu_ns_of(pid), _status_kib(pid, "VmRSS")
        seconds = max(bench.effort.tcp_seconds / row.cut, row.seconds_min)
        warmup_s = bench.effort.warmup_s / row.cut
        # To look wakes us on a processor that is in use: that is a thousandth of what a closed loop
        # serves, and the tail of an open one.
        watched = counters.is_file() and rate == 0
        watch = _Watch(counters, warmup_s, seconds) if watched else None
        if watch is not None:
            watch.start()
        sample = bench.run_json(
            LOAD,
            catalogue.LOAD_CPU,
            port=port,
            connections=row.connections,
            depth=row.depth,
            seconds=seconds,
            warmup=warmup_s,
            rate=int(rate),
        )
        # Over all requests, warm-up and drain included.
        requests = max(int(sample["totals"]["requests"]), 1)
        sample["server_ns_per_request"] = (cpu_ns_of(pid) - cpu_ns) / requests
        sample["server_peak_mib"] = _status_kib(pid, "VmHWM") / 1024
        sample["growth_kib"] = _status_kib(pid, "VmHWM") - resident_kib
        if watch is not None:
            watch.join()
            calls = watch.calls_per_s(bench, command[0])
            sample["system_calls_per_request"] = calls / max(sample["requests_per_s"], 1.0)
    return sample


def tcp_row(bench: Bench, row: TcpRow, rate: float = 0) -> dict[str, Series]:
    """All servers in turn, one way and the other. `rate` above 0 is an open loop of so many
    requests per second."""
    outcome = {name: Series() for name in row.servers}
    rounds = min(bench.effort.tcp_rounds, row.rounds_max) * row.cut
    with tempfile.TemporaryDirectory(prefix="tina_bench_") as folder:
        for round_number in range(rounds):
            bench.note(f"tcp {row.name}: round {round_number + 1} of {rounds}")
            wait_until_quiet(bench)
            names = list(row.servers)
            for name in names if round_number % 2 == 0 else reversed(names):
                run = partial(_sample, bench, row.servers[name], row, rate, Path(folder))
                take(outcome[name], run)
    return outcome
