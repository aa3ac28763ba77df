# SPDX-License-Identifier: Apache-2.0
"""Claims about a server that cannot start: one clear line and a non-zero status each."""

from __future__ import annotations

import socket
import subprocess

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
