# SPDX-License-Identifier: Apache-2.0
"""Drives the hand-written echo servers with the load generator, and checks the totals.

Goal: a good run adds up to the byte; poison ends exactly the poisoned connections; a server that
answers poison, corrupts a byte, dies or is not there is reported as what it is. Usage:
load_smoke.py TINA_LOAD RAW_EPOLL_ECHO RAW_URING_ECHO
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CANNOT_START = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require(condition: bool, what: str, seen: object) -> None:
    if not condition:
        print(f"FAILED: {what}\n  {seen}")
        sys.exit(1)


@contextmanager
def server(path: str, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    process = subprocess.Popen([path, "--port", str(port), *options], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        require(said.startswith(b"listening"), "the server listens", said)
        yield port, process
    finally:
        process.kill()
        process.wait()


def load(path: str, port: int, *options: str) -> tuple[int, dict[str, Any], str]:
    words = [path, "--port", str(port), "--json", *options]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr


def good_run_adds_up(tina_load: str, echo: str, engine: str) -> None:
    shapes = (("1", "1", "64"), ("50", "1", "64"), ("50", "16", "64"), ("8", "4", "100000"))
    for connections, depth, size in shapes:
        with server(echo) as (port, _):
            status, report, said = load(
                tina_load,
                port,
                "--connections",
                connections,
                "--depth",
                depth,
                "--size",
                size,
                "--seconds",
                "0.3",
                "--engine",
                engine,
            )
        totals = report.get("totals", {})
        require(status == 0 and report["ok"], f"{connections}x{depth} is clean", (report, said))
        require(totals["requests"] > 0, "requests were answered", totals)
        require(totals["bytes_sent"] == totals["requests"] * int(size), "bytes add up", totals)
        require(totals["bytes_verified"] == totals["bytes_sent"], "every byte is verified", totals)
        require(totals["connections_opened"] == int(connections), "connections add up", totals)
        require(totals["connections_closed_by_us"] == int(connections), "none was lost", totals)
        require(report["requests"] <= totals["requests"], "the window is part of the run", report)


def bounded_run_sends_exactly_so_many(tina_load: str, echo: str) -> None:
    with server(echo) as (port, _):
        status, report, _ = load(tina_load, port, "--connections", "7", "--requests", "1234")
    require(status == 0 and report["totals"]["requests"] == 1234, "exactly 1234 requests", report)


def open_loop_follows_the_schedule(tina_load: str, echo: str) -> None:
    with server(echo) as (port, _):
        status, report, _ = load(
            tina_load, port, "--connections", "5", "--seconds", "1", "--open_loop", "2000"
        )
    require(status == 0 and 1900 <= report["requests"] <= 2001, "2000 requests in 1 s", report)


def poison_ends_exactly_the_poisoned(tina_load: str, echo: str, engine: str) -> None:
    with server(echo, "--poison-closes") as (port, _):
        status, report, said = load(
            tina_load,
            port,
            "--connections",
            "20",
            "--depth",
            "2",
            "--poison_connections",
            "100",
            "--poison_after",
            "5",
            "--engine",
            engine,
        )
    poison, totals = report.get("poison", {}), report.get("totals", {})
    require(status == 0, "poison run is clean", (report, said))
    require(poison["sent"] == 100 and poison["closed"] == 100, "100 were closed", report)
    require(totals["connections_opened"] == 120, "each was replaced", report)
    require(totals["connections_closed_by_us"] == 20, "nobody else was lost", report)
    require(0 < poison["close_us"]["max"] < 1e6, "closing was measured", report)


def answered_poison_is_a_failure(tina_load: str, echo: str) -> None:
    with server(echo) as (port, _):
        status, report, _ = load(tina_load, port, "--connections", "4", "--poison_connections", "2")
    require(status == 1 and report["lost"]["poison_answered"] == 2, "answered poison", report)


def silent_server(port_box: list[int], behaviour: str, ready: threading.Event) -> None:
    """One connection at a time: echoes, but "flip" changes one late byte and "ignore" goes silent
    when poisoned."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port_box.append(listener.getsockname()[1])
        ready.set()
        peer, _ = listener.accept()
        seen = 0
        with peer:
            while data := peer.recv(65536):
                if behaviour == "ignore" and data.startswith(b"POISON"):
                    data = b""  # nothing is answered, and nothing closed before the client does
                if behaviour == "flip" and seen < 5000 <= seen + len(data):
                    index = 4999 - seen
                    data = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
                seen += len(data)
                try:
                    peer.sendall(data)
                except OSError:
                    return


def run_silent(tina_load: str, behaviour: str, *options: str) -> tuple[int, dict[str, Any], str]:
    port_box: list[int] = []
    ready = threading.Event()
    arguments = (port_box, behaviour, ready)
    thread = threading.Thread(target=silent_server, args=arguments, daemon=True)
    thread.start()
    ready.wait(5)
    return load(tina_load, port_box[0], *options)


def one_changed_byte_is_found(tina_load: str) -> None:
    status, report, said = run_silent(tina_load, "flip", "--requests", "1000")
    require(status == 1 and report["totals"]["bytes_mismatched"] == 1, "one byte differs", report)
    require("1 of 64 bytes differ, first at index 7" in said, "it says where", said)


def unclosed_poison_is_a_failure(tina_load: str) -> None:
    status, report, _ = run_silent(
        tina_load, "ignore", "--poison_connections", "1", "--poison_after", "3", "--seconds", "1.3"
    )
    require(status == 1 and report["lost"]["poison_not_closed"] == 1, "not closed in 1 s", report)


def dead_server_is_a_failure(tina_load: str, echo: str, engine: str) -> None:
    with server(echo) as (port, process):
        threading.Timer(0.3, process.kill).start()
        status, report, said = load(
            tina_load, port, "--connections", "5", "--seconds", "1", "--engine", engine
        )
    lost = report["lost"]
    require(status == 1 and lost["closed_by_peer"] + lost["reset_by_peer"] >= 5, "5 lost", report)
    require("closed by the server" in said or "reset" in said, "it says why", said)


def refused_connect_is_one_line(tina_load: str) -> None:
    status, _, said = load(tina_load, free_port(), "--connections", "3")
    require(status == CANNOT_START, "status 2", status)
    require(said.count("\n") == 1 and "refused" in said, "one clear line", said)
    status, _, said = load(tina_load, 0)
    require(status == CANNOT_START and said.count("\n") == 1, "a bad port is one line", said)


def interrupt_is_clean(tina_load: str, echo: str) -> None:
    with server(echo) as (port, _):
        words = [
            tina_load,
            "--port",
            str(port),
            "--connections",
            "5",
            "--seconds",
            "30",
            "--json",
            "--live",
            "--live_interval_ms",
            "100",
        ]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        early = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=10)
    lines = [json.loads(line) for line in (*early, *out.splitlines())]
    require(process.returncode == 130 and said == "", "status 130, no complaint", said)
    require(lines[-1]["interrupted"] and lines[-1]["ok"], "a whole report", lines[-1])
    require(len(lines) >= 4 and all(line["live"] for line in lines[:-1]), "live lines", lines)


def main() -> int:
    tina_load, epoll_echo, uring_echo = sys.argv[1:4]
    servers = [epoll_echo]
    if subprocess.run([uring_echo, "--probe"], capture_output=True).returncode == 0:
        servers.append(uring_echo)
    else:
        print("io_uring is not available here: its server is left out")
    for echo in servers:
        for engine in ("epoll", "auto"):
            good_run_adds_up(tina_load, echo, engine)
            poison_ends_exactly_the_poisoned(tina_load, echo, engine)
            dead_server_is_a_failure(tina_load, echo, engine)
    bounded_run_sends_exactly_so_many(tina_load, epoll_echo)
    open_loop_follows_the_schedule(tina_load, epoll_echo)
    answered_poison_is_a_failure(tina_load, epoll_echo)
    one_changed_byte_is_found(tina_load)
    unclosed_poison_is_a_failure(tina_load)
    refused_connect_is_one_line(tina_load)
    interrupt_is_clean(tina_load, epoll_echo)
    print("the load generator keeps its word")
    return 0


if __name__ == "__main__":
    sys.exit(main())
