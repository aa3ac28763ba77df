# SPDX-License-Identifier: Apache-2.0
"""Runs systems of tests/systems with threads, and asks what their isolates have counted.

Usage: stores.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from flood import Server, equal, total


def kv_store(program: str, *options: str) -> Server:
    """Clients of four read what they have written; the partitions are all told to compact."""
    server = Server(program, "--shards=2", "--pace=1ms", *options, shards=2)
    server.until(lambda: total(server.shards("back"), "delivered") > 3000)
    equal("exit status", server.stop(), 0)
    equal("clients that have ended", server.said.count("event=asked "), 4)
    equal("answers that must not be", server.said_of("asked", "wrong"), 0)
    assert server.said_of("asked", "read") > 1000 and server.said_of("asked", "changed") > 100
    told = server.said_of("swept", "told") + server.said_of("swept", "missed")
    equal("partitions told to compact", told, 2 * server.said_of("swept", "rounds"))
    assert server.said_of("swept", "told") > 0 and server.said_of("swept", "dropped") > 0
    if not options:
        equal("values lost", server.said_of("asked", "lost"), 0)
        assert "event=crash" not in server.said, server.said
    return server


def kv_store_crashes(program: str) -> None:
    """Partitions crash while all goes on: what they held is lost, and nothing else."""
    server = kv_store(program, "--fault=400")
    assert server.said.count('reason="told to"') > 2, server.said
    assert server.said_of("asked", "lost") > 0, server.said
    assert server.said_of("failed", "crashed") > 0, server.said


def chat(program: str) -> None:
    """Members on another shard hear the room in order; what they miss was counted there."""
    server = Server(program, "--shards=2", shards=2)
    server.until(lambda: total(server.shards("guests"), "refused_full") > 50)
    equal("exit status", server.stop(), 0)
    equal("members that have ended", server.said.count("event=heard "), 6)
    equal("lines that must not be", server.said_of("heard", "wrong"), 0)
    assert server.said_of("heard", "lines") > 100, server.said
    shed = total(server.shards("guests"), "refused_full")
    gaps = server.said_of("heard", "gaps")
    assert 0 < gaps <= shed, f"{gaps} lines are missing, {shed} found no place"
    assert "event=crash" not in server.said, server.said


_PARTS: dict[str, Callable[[str], object]] = {
    part.__name__: part for part in (kv_store, kv_store_crashes, chat)
}

if __name__ == "__main__":
    _PARTS[sys.argv[1]](*sys.argv[2:])
