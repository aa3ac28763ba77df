# SPDX-License-Identifier: Apache-2.0
"""Runs the guarded echo server under load and faults: it must serve and drain without allocating.

Usage: check.py guarded|courier|allocates SERVER LOAD. With `allocates` the guard must end the
server; `courier` is a server that no load makes crash.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

LISTENER_POISON = "127.6.6.6"


def main(case: str, server_path: str, load_path: str) -> int:
    """Prints what went wrong and returns 1, or returns 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [server_path, "run", "--shards", "2", "--port", port]
    environment = {**os.environ, "TINA_ALLOC_GUARD": "abort"}
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert server.stderr is not None
    serving = 0
    while serving < 2:
        line = server.stderr.readline()
        if not line:
            print("the server ended before it served")
            return 1
        serving += "event=serving" in line
    load = [load_path, "--port", port, "--connections", "20"]
    if case == "allocates":
        subprocess.run([*load, "--requests", "20000"], capture_output=True, check=False, timeout=60)
        server.send_signal(signal.SIGTERM)  # reaches nobody if the guard has done its work
        words = server.stderr.read()
        status = server.wait(timeout=30)
        caught = status == -signal.SIGABRT and "allocation guard: malloc(" in words
        print("caught" if caught else f"not caught: status {status}, {words[-300:]}")
        return 0 if caught else 1
    rounds = (["--requests", "50000", "--depth", "4"], ["--poison_connections", "300"])
    for options in rounds[:1] if case == "courier" else rounds:
        done = subprocess.run(
            [*load, *options], capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode != 0:
            print(f"the load was not served:\n{done.stdout}{done.stderr}")
            server.kill()
            return 1
    if case == "guarded":
        poison_listener(port)
    server.send_signal(signal.SIGTERM)
    words = server.stderr.read()
    status = server.wait(timeout=60)
    crashes = words.count("event=crash")
    print(f"status {status}, {crashes} crashes reported")
    wanted = crashes >= 300 if case == "guarded" else crashes == 0
    return 0 if status == 0 and wanted else 1


def poison_listener(port: str) -> None:
    """Makes the listener itself crash."""
    with socket.socket() as poison:
        poison.bind((LISTENER_POISON, 0))
        poison.connect(("127.0.0.1", int(port)))
        poison.settimeout(10)
        poison.recv(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
