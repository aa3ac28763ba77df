# SPDX-License-Identifier: Apache-2.0
"""Two shards under load in a program with ThreadSanitizer: served, drained, and not one race.

Usage: two_shards.py SERVER LOAD. SIGTERM arrives while clients connect, which is when the main
thread, the shards and the log thread have most to do with each other.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

_ROUNDS = (["--requests=20000", "--connections=50"], ["--requests=2000", "--connections=300"])


def main(server_path: str, load_path: str) -> int:
    """Prints what went wrong and returns 1, or returns 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [server_path, "run", "--shards", "2", "--port", port]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    said: list[str] = []
    while sum("event=serving" in line for line in said) < 2:
        said.append(server.stderr.readline())
        if not said[-1]:
            print("the server ended before it served:\n" + "".join(said))
            return 1
    load = [load_path, "--port", port]
    failed = False
    for options in _ROUNDS:
        done = subprocess.run([*load, *options], capture_output=True, text=True, check=False)
        failed |= done.returncode != 0
        print(done.stdout if done.returncode == 0 else done.stdout + done.stderr)
    storm = subprocess.Popen(
        [*load, "--connections=300", "--seconds=30"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server.send_signal(signal.SIGTERM)
    words = "".join(said) + server.stderr.read()
    status = server.wait(timeout=60)
    storm.terminate()
    storm.wait()
    races = words.count("WARNING: ThreadSanitizer")
    if failed or races or status != 0:
        print(f"{races} races, status {status}:\n{words[-4000:]}")
    return 1 if failed or races or status != 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
