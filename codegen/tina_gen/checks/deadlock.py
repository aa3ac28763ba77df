# SPDX-License-Identifier: Apache-2.0
"""E0330: no calls wait for each other in a circle, so that each could end only by its limit.

W0349 is the same for calls that were taken `later` in an earlier state: whether their tokens are
still held there is known at run time only.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.waits import Node, Wait, Ways, waits
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model


def check(model: Model) -> Iterator[Diagnostic]:
    """Circles until each edge that lies on one has been part of a report."""
    edges = waits(model)
    strict = [wait for wait in edges if not wait.held]
    yield from _circles(strict, strict, "E0330")
    yield from _circles([wait for wait in edges if wait.held], edges, "W0349")


def _circles(starts: list[Wait], edges: list[Wait], code: str) -> Iterator[Diagnostic]:
    ways = Ways(edges)
    said: set[tuple[Node, Node]] = set()
    for edge in starts:
        if (edge.source, edge.target) in said:
            continue
        circle = ways.circle(edge)
        if circle is not None:
            said |= {(wait.source, wait.target) for wait in circle}
            yield _report(circle, code)


def _report(circle: list[Wait], code: str) -> Diagnostic:
    first = circle[0]
    names = [wait.isolate.name for wait in circle]
    may = "may " if code.startswith("W") else ""
    if len(circle) == 1:
        text = f"`{first.isolate.name}` {may or 'would '}wait for itself"
    else:
        ring = " -> ".join([*names, names[0]])
        text = f"calls {may}wait for each other in a circle: {ring}"
    return Diagnostic(
        code,
        first.clause.span,
        text,
        label="unanswered while it waits",
        notes=tuple(Note(wait.words, wait.clause.span) for wait in circle),
        help=f"answer or reject `{first.kept.local_name}` while the isolate waits",
    )
