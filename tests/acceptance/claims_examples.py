# SPDX-License-Identifier: Apache-2.0
"""Claims about the example programs, each against a real peer. A row runs one part of a test's
script (tests/examples)."""

from __future__ import annotations

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT
from dev_tasks.echo_server import binary

_SCRIPTS = ROOT / "tests" / "examples"


def _dispatcher(part: str, quiet: str) -> Figure:
    program = binary("gcc/examples/task_dispatcher/task_dispatcher")
    return scripted(_SCRIPTS / "dispatch.py", part, [program], quiet)


@claim("task_dispatcher: every third of 6000 jobs kills its worker", target="each job is answered")
def jobs_that_kill_their_workers() -> Figure:
    return _dispatcher("thousands", "each is answered")


@claim("task_dispatcher: long jobs beside dying workers", target="undisturbed")
def jobs_beside_dying_workers() -> Figure:
    return _dispatcher("undisturbed", "undisturbed")


@claim("task_dispatcher: SIGTERM waits for jobs under way", target="answered, status 0")
def dispatcher_drains() -> Figure:
    return _dispatcher("drain", "answered, status 0")
