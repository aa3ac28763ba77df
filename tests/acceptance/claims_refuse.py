# SPDX-License-Identifier: Apache-2.0
"""Claims about a server that cannot start: one clear line and a non-zero status each."""

from __future__ import annotations

import errno
import socket
import subprocess
import tempfile

from claims import Figure, claim, one_line

from dev_tasks.echo_server import Trouble, binary, echo_binary, free_port

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


@claim("a missing io_uring is one clear line", target="status > 0, names io_uring")
def missing_io_uring() -> Figure:
    deny = binary("gcc/tests/acceptance/deny_io_uring")
    port = str(free_port())
    command = [str(deny), str(echo_binary()), "run", "--shards", "2", "--port", port]
    return _refused(command, "io_uring")


@claim("a forbidden lock of memory is one clear line", target="status > 0, names ulimit -l")
def no_locked_memory() -> Figure:
    deny = binary("gcc/tests/acceptance/deny_io_uring")
    command = [str(deny), "--errno", str(errno.ENOMEM), str(echo_binary()), "run", "--port", "0"]
    return _refused(command, "ulimit -l")


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
