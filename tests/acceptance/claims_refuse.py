# SPDX-License-Identifier: Apache-2.0
"""Claims about a server that cannot start: one clear line and a non-zero status each."""

from __future__ import annotations

import errno
import socket
import subprocess
import tempfile

from claims import Figure, claim, one_line

from dev_tasks.echo_server import Server, Trouble, binary, echo_binary, free_port
from dev_tasks.load import run_load, summary

_LIMIT_S = 20


def _refused(command: list[str], word: str) -> Figure:
    """Whether a command ends at once, non-zero, with one line that has a word in it."""
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"still running after {_LIMIT_S} s") from None
    said = result.stderr.strip()
    clear = one_line(said) and word.lower() in said.lower()
    text = f"status {result.returncode}: {said[:100]}"
    return Figure(result.returncode, text, result.returncode > 0 and clear)


@claim("a busy port is one clear line", target="status > 0, names the port")
def busy_port() -> Figure:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        return _refused([str(echo_binary()), "run", "--shards", "2", "--port", port], port)


@claim("an unknown option is one clear line", target="status > 0, names the option")
def unknown_option() -> Figure:
    return _refused([str(echo_binary()), "run", "--shrads", "2"], "shrads")


@claim("a bad value is one clear line", target="status > 0, names the option")
def bad_value() -> Figure:
    return _refused([str(echo_binary()), "run", "--port", "70000"], "port")


def _denied(error: int, *command: str) -> list[str]:
    """A command where io_uring is refused with this error."""
    return [str(binary("gcc/tests/acceptance/deny_io_uring")), "--errno", str(error), *command]


def _run_echo(*options: str) -> list[str]:
    return [str(echo_binary()), "run", "--shards", "2", "--port", str(free_port()), *options]


@claim("a missing io_uring that is asked for is one clear line", target="status > 0, names seccomp")
def missing_io_uring() -> Figure:
    return _refused(_denied(errno.EPERM, *_run_echo("--backend", "io_uring")), "seccomp")


@claim("a forbidden lock of memory is one clear line", target="status > 0, names ulimit -l")
def no_locked_memory() -> Figure:
    return _refused(_denied(errno.ENOMEM, *_run_echo("--backend", "io_uring")), "ulimit -l")


@claim("an unknown backend is one clear line", target="status > 0, names those there are")
def unknown_backend() -> Figure:
    return _refused(_run_echo("--backend", "kqueue"), "say auto, io_uring or epoll")


def _serves(under: list[str], options: list[str], word: str) -> Figure:
    """Whether the echo server starts in some surroundings, says which backend it has and why, and
    serves every byte on it."""
    with Server(under=under, options=options) as server:
        report = run_load(server.port, connections=50, requests=20_000)
        chosen = " ".join(server.lines("event=backend"))
        status = server.stop()
        held = bool(report["ok"]) and one_line(chosen) and word in chosen and status == 0
        return Figure(report["requests"], f"{summary(report)}; {chosen[:90]}", held)


@claim("where seccomp refuses io_uring, epoll serves", target="all bytes, one line says why")
def falls_back_to_epoll() -> Figure:
    return _serves(_denied(errno.EPERM), [], "Operation not permitted (errno 1)")


@claim("where io_uring may lock no memory, epoll serves", target="all bytes, one line says why")
def falls_back_without_locked_memory() -> Figure:
    return _serves(_denied(errno.ENOMEM), [], "raise `ulimit -l`")


@claim("with a locked-memory limit of 0 the server serves", target="all bytes")
def serves_without_locked_memory() -> Figure:
    return _serves(["bash", "-c", 'ulimit -l 0; exec "$@"', "-"], [], "event=backend name=")


@claim("epoll serves when it is asked for", target="all bytes, the log says so")
def serves_on_epoll() -> Figure:
    return _serves([], ["--backend", "epoll"], "name=epoll why=asked")


@claim("64 descriptors are one clear line on either backend", target="status > 0, names ulimit -n")
def sixty_four_descriptors() -> Figure:
    run = 'ulimit -n 64; exec "$@"'
    refusals = [
        _refused(["bash", "-c", run, "-", *_run_echo("--backend", backend)], "the limit is 64")
        for backend in ("io_uring", "epoll")
    ]
    return next((one for one in refusals if not one.held), refusals[0])


@claim("too little memory is one clear line", target="status > 0, names ulimit -d")
def too_little_memory() -> Figure:
    run = f'ulimit -d 4000; exec "{echo_binary()}" run --port 0'
    return _refused(["bash", "-c", run], "ulimit -d")


@claim("too few descriptors are one clear line", target="status > 0, names ulimit -n")
def too_few_descriptors() -> Figure:
    run = f'ulimit -n 40; exec "{echo_binary()}" run --port 0'
    return _refused(["bash", "-c", run], "ulimit -n")


@claim("too many shards are one clear line", target="status > 0, names --shards")
def too_many_shards() -> Figure:
    return _refused([str(echo_binary()), "run", "--shards", "1000"], "--shards 1000")


@claim("an unknown configuration key is one clear line", target="status > 0, names key and line")
def unknown_key() -> Figure:
    return _refused_file("# ports\nprot = 9000\n", "prot")


@claim("a value that is none is one clear line", target="status > 0, names key and line")
def unreadable_value() -> Figure:
    return _refused_file("port = many\n", "port")


def _refused_file(text: str, word: str) -> Figure:
    """Whether the echo server refuses a configuration file."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        return _refused([str(echo_binary()), "run", "--config", file.name], word)
