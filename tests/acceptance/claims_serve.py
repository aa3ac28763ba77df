# SPDX-License-Identifier: Apache-2.0
"""Claims about the running server: it serves, it survives, it drains, it idles."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import Server, require, total
from dev_tasks.load import finish_load, run_load, start_load, summary

POISONED = 1000
_LISTENER_POISON = "127.6.6.6"
_STORMS = 60
_STORM_STEP_S = 0.001
_STORM_LIMIT_S = 35.0
_IDLE_S = 10.0
_IDLE_MAX_PERCENT = 0.5


def _serve(connections: int) -> Figure:
    with Server() as server:
        report = run_load(server.port, connections=connections, seconds=3)
        served = report["totals"]["connections_opened"] >= connections
        held = bool(report["ok"]) and served and report["requests"] > 0 and server.alive()
        return Figure(report["requests_per_s"], summary(report), held)


@claim("1 connection is served, every byte verified", target="all bytes")
def serves_one() -> Figure:
    return _serve(1)


@claim("50 connections are served, every byte verified", target="all bytes")
def serves_fifty() -> Figure:
    return _serve(50)


@claim("500 connections are served, every byte verified", target="all bytes")
def serves_five_hundred() -> Figure:
    return _serve(500)


@claim("1000 poison messages end exactly those connections", target="1000, no other")
def poison_ends_exactly_those() -> Figure:
    with Server() as server:
        report = run_load(server.port, connections=50, poison_connections=POISONED, poison_after=10)
        poison, lost = report["poison"], report["lost"]["total"]
        text = (
            f"{poison['sent']} sent, {poison['closed']} closed, {lost} others lost, "
            f"close p99 {poison['close_us']['p99']:.0f} us"
        )
        exact = poison["sent"] == poison["closed"] == POISONED and lost == 0
        return Figure(poison["closed"], text, exact and bool(report["ok"]) and server.alive())


@claim("each poisoned connection leaves a crash report", target="1000 reports or counted lost")
def poison_leaves_reports() -> Figure:
    with Server() as server:
        run_load(server.port, connections=50, poison_connections=POISONED, poison_after=10)
        status = server.stop()
        require(status == 0, f"the server ended with status {status}")
        reports = len(server.lines("event=crash"))
        counters = server.counters()
        lost = total(counters, "log_lost")
        return Figure(
            reports, f"{reports} written, {lost} lost by rate", reports + lost == POISONED
        )


@claim("the counters agree with the clients on crashes", target="1000")
def counters_agree() -> Figure:
    with Server() as server:
        run_load(server.port, connections=50, poison_connections=POISONED, poison_after=10)
        crashes = total(server.counters(), "crashes")
        return Figure(crashes, f"{crashes} crashes counted", crashes == POISONED)


@claim("poison touches nobody else", target="0 of 50 lost")
def poison_touches_nobody() -> Figure:
    with Server() as server, start_load(server.port, connections=50, seconds=6) as steady:
        run_load(server.port, connections=10, poison_connections=POISONED, poison_after=2)
        report = finish_load(steady)
        lost = report["lost"]["total"]
        return Figure(lost, summary(report), bool(report["ok"]) and lost == 0)


@claim("a poisoned Listener is restarted and serves again", target="serves, 1 restart or more")
def poisoned_listener_serves_again() -> Figure:
    with Server() as server:
        with socket.socket() as poison:
            poison.bind((_LISTENER_POISON, 0))
            poison.settimeout(5)
            poison.connect(("127.0.0.1", server.port))
            require(poison.recv(1) == b"", "the poison connection was not closed")
        report = run_load(server.port, connections=50, seconds=2)
        restarts = total(server.counters(), "restarts")
        held = bool(report["ok"]) and restarts >= 1 and server.alive()
        return Figure(restarts, f"{restarts} restarts; {summary(report)}", held)


@claim("SIGTERM drains and exits with status 0", target="status 0")
def sigterm_drains() -> Figure:
    with Server() as server, socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.sendall(b"hello")
        require(_receive(client, 5) == b"hello", "the echo did not come back")
        status = server.stop()
        client.settimeout(5)
        closed = client.recv(1) == b""
        return Figure(status, f"status {status}, client closed: {closed}", status == 0 and closed)


@claim("SIGTERM under load ends with status 0", target="status 0")
def sigterm_under_load() -> Figure:
    with Server() as server, start_load(server.port, connections=50, seconds=30) as load:
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(b"under load")
            require(_receive(client, 10) == b"under load", "the echo did not come back")
        status = server.stop()
        load.send_signal(signal.SIGINT)
        load.communicate(timeout=30)
        return Figure(status, f"status {status}", status == 0)


@claim("SIGTERM in a storm of connects ends with status 0", target="60 of 60 times")
def sigterm_in_a_storm() -> Figure:
    ended = 0
    for attempt in range(_STORMS):
        with Server() as server, start_load(server.port, connections=50, seconds=30) as load:
            try:
                # The signal falls at a different point of the storm each time.
                threading.Event().wait(attempt * _STORM_STEP_S)
                status = server.stop(limit_s=_STORM_LIMIT_S)
            finally:
                load.terminate()
                load.communicate(timeout=30)
        require(status == 0, f"status {status} at attempt {attempt + 1}")
        ended += 1
    return Figure(ended, f"{ended} of {_STORMS}", ended == _STORMS)


@claim("an idle server uses next to nothing", target="<= 0.5 % of a core")
def idle_costs_nothing() -> Figure:
    with Server() as server:
        run_load(server.port, connections=50, requests=1000)
        before = server.cpu_seconds()
        # The measured quantity is a span of time, so this is not a wait for something to happen.
        threading.Event().wait(_IDLE_S)
        percent = 100 * (server.cpu_seconds() - before) / _IDLE_S
        return Figure(
            percent, f"{percent:.2f} % over {_IDLE_S:.0f} s", percent <= _IDLE_MAX_PERCENT
        )


@claim("no allocation after boot, and the check sees a planted one", target="tests pass")
def no_allocation_after_boot() -> Figure:
    command = ["ctest", "--test-dir", "build/gcc", "--no-tests=error", "-R", "[Aa]lloc"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line for line in result.stdout.splitlines() if "tests passed" in line]
    text = lines[-1] if lines else "no such test: " + " ".join(command[-2:])
    return Figure(result.returncode, text, result.returncode == 0)


def _receive(client: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, or what came before the end."""
    received = b""
    while len(received) < size:
        piece = client.recv(size - len(received))
        if not piece:
            break
        received += piece
    return received
