# SPDX-License-Identifier: Apache-2.0
"""Claims about input and output: what every backend does alike, and leaves nothing behind."""

from __future__ import annotations

import sys
from functools import partial

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import echo_binary

sys.path.insert(0, str(ROOT / "tests" / "storm"))

from resets import leave_nothing_behind

_CONNECTIONS = 100_000
_BACKENDS = ("io_uring", "epoll")


def _resets(backend: str) -> Figure:
    """Trouble says what is left."""
    done = leave_nothing_behind(echo_binary(), backend, _CONNECTIONS)
    return Figure(_CONNECTIONS, done, True)


for _backend in _BACKENDS:
    claim(
        f"100 000 connections reset at random moments leave nothing behind ({_backend})",
        target="no descriptor, buffer, slot",
    )(partial(_resets, _backend))
