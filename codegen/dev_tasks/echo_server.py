# SPDX-License-Identifier: Apache-2.0
"""The echo server as a process: started, awaited by its own words, asked, and stopped.

The demo and the acceptance table share it.

Nothing here waits for time: readiness is the log line `event=serving`, every wait has a condition
and a limit. Log lines are kept as they come, by a thread that only reads.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from dev_tasks.console import ROOT

READY = "event=serving"
_START_LIMIT_S = 20.0
_STOP_LIMIT_S = 60.0


def binary(*candidates: str) -> Path:
    """The first of these built programs that exists, given below build/."""
    for candidate in candidates:
        path = ROOT / "build" / candidate
        if path.is_file():
            return path
    raise Trouble(f"build/{candidates[0]} is not built")


def echo_binary(preset: str = "gcc") -> Path:
    """The echo server of one preset."""
    return binary(f"{preset}/examples/tcp_echo/tcp_echo")


def free_port() -> int:
    """A TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def guarded_binary() -> Path:
    """The same server, linked with an allocator that counts what is allocated after boot."""
    return binary("gcc/tests/alloc_guard/tcp_echo_guarded")


class Trouble(Exception):
    """Something did not go as it must, in one line."""


def require(condition: bool, what: str) -> None:
    """Trouble unless the condition holds."""
    if not condition:
        raise Trouble(what)


class Server:
    """`tcp_echo run` on a free port, for a `with` block; leaving it kills what still runs.

    `program` is another build of the server, such as `guarded_binary()`; `under` are the first
    words of a command that runs it in other surroundings.
    """

    def __init__(
        self,
        shards: int = 2,
        program: Path | None = None,
        *,
        under: Sequence[str] = (),
        options: Sequence[str] = (),
    ) -> None:
        self.port = free_port()
        self._program = program or echo_binary()
        self._folder = tempfile.TemporaryDirectory(prefix="tina-echo-")
        self._counters = Path(self._folder.name) / "counters"
        self._shards = shards
        self._under, self._options = under, options
        self._lines: list[str] = []
        self._changed = threading.Condition()

    def __enter__(self) -> Server:
        options = ["--shards", str(self._shards), "--port", str(self.port)]
        command = [*self._under, str(self._program), "run", *options, *self._options]
        command += ["--counters", str(self._counters)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Ctrl-C on the terminal is ours: we stop the server with SIGTERM and see it drain.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_for(self._serving, f"no `{READY}` from {self._shards} shards")
        except (Trouble, KeyboardInterrupt):
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def lines(self, word: str = "") -> list[str]:
        """The log lines so far that contain a word."""
        with self._changed:
            return [line for line in self._lines if word in line]

    def wait_for(
        self, condition: Callable[[Sequence[str]], bool], what: str, limit_s: float = _START_LIMIT_S
    ) -> None:
        """Wait until the log lines satisfy a condition; Trouble at the limit or at its end."""
        deadline = time.monotonic() + limit_s
        with self._changed:
            while not condition(self._lines):
                left = deadline - time.monotonic()
                last = self._lines[-1] if self._lines else "no log line"
                require(not self._ended(), f"{what}: the server ended; {last}")
                require(left > 0, f"{what} within {limit_s:.0f} s; {last}")
                self._changed.wait(left)

    def counters(self) -> Any:
        """The counter page, as the program itself reads it from outside."""
        command = [str(self._program), "counters", str(self._counters), "--json"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        require(result.returncode == 0, f"counters: {result.stderr.strip()[:80]}")
        return json.loads(result.stdout)

    def resident_bytes(self) -> int:
        """Physical memory that the process holds."""
        text = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii")
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        """User and system time of all threads so far."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, number: int = signal.SIGTERM, limit_s: float = _STOP_LIMIT_S) -> int:
        """Send a signal and wait for the end and the last log line; the status (< 0: killed)."""
        self.process.send_signal(number)
        try:
            status = self.process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            raise Trouble(f"still running {limit_s:.0f} s after signal {number}") from None
        self._reader.join()
        return status

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def _serving(self, lines: Sequence[str]) -> bool:
        return sum(READY in line for line in lines) >= self._shards

    def _ended(self) -> bool:
        return not self._reader.is_alive() and self.process.poll() is not None

    def _read(self) -> None:
        assert self.process.stderr is not None
        for raw in self.process.stderr:
            with self._changed:
                self._lines.append(raw.decode("utf-8", errors="replace").rstrip("\n"))
                self._changed.notify_all()
        self.process.wait()
        with self._changed:
            self._changed.notify_all()

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self._folder.cleanup()


def total(counters: Any, name: str) -> int:
    """The sum of every counter of this name, wherever the counter page's tree holds it."""
    if isinstance(counters, dict):
        own = counters.get(name)
        here = own if isinstance(own, int) else 0
        return here + sum(total(value, name) for value in counters.values())
    if isinstance(counters, list):
        return sum(total(value, name) for value in counters)
    return 0
