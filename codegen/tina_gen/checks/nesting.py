# SPDX-License-Identifier: Apache-2.0
"""E0614, E0615: supervisors form trees: none is below itself, and none has two places in a tree."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model, Nested, Supervisor


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per circle; without circles, one per further place in a tree."""
    known = {supervisor.qualified: supervisor for supervisor in model.supervisors}
    circular = False
    for supervisor in model.supervisors:
        for nested in supervisor.nested:
            path = _path(known, nested.supervisor, supervisor.qualified)
            if path is not None:
                circular = True
                if all(known[name].index >= supervisor.index for name in path):
                    yield _circle(supervisor, nested, path)
    if circular:
        return
    reported: set[Nested] = set()
    for supervisor in model.supervisors:
        for first, second in _twice(known, supervisor):
            if second not in reported:
                reported.add(second)
                yield _second_place(supervisor, first, second)


def _path(known: dict[str, Supervisor], start: str, goal: str) -> list[str] | None:
    """The names from one supervisor down to another, if there is a way."""
    ways: dict[str, list[str]] = {start: [start]}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return ways[name]
        for nested in known[name].nested if name in known else ():
            if nested.supervisor not in ways:
                ways[nested.supervisor] = [*ways[name], nested.supervisor]
                waiting.append(nested.supervisor)
    return None


def _twice(known: dict[str, Supervisor], root: Supervisor) -> Iterator[tuple[Nested, Nested]]:
    """The places of a tree that hold a supervisor which has an earlier place in it."""
    first: dict[str, Nested] = {}
    waiting = list(reversed(root.nested))
    while waiting:
        nested = waiting.pop()
        if nested.supervisor in first:
            yield first[nested.supervisor], nested
            continue
        first[nested.supervisor] = nested
        if nested.supervisor in known:
            waiting += reversed(known[nested.supervisor].nested)


def _circle(supervisor: Supervisor, nested: Nested, path: list[str]) -> Diagnostic:
    way = " > ".join(f"`{name.rpartition('.')[2]}`" for name in [supervisor.qualified, *path])
    return Diagnostic(
        "E0614",
        nested.span,
        f"supervisor `{supervisor.name}` contains itself",
        label="closes the circle",
        notes=(Note(f"the way down is {way}", nested.span),) if len(path) > 1 else (),
        help="remove this child: a tree ends in isolates",
    )


def _second_place(root: Supervisor, first: Nested, second: Nested) -> Diagnostic:
    name = second.supervisor.rpartition(".")[2]
    return Diagnostic(
        "E0615",
        second.span,
        f"supervisor `{name}` has two places below `{root.name}`",
        label="second place",
        notes=(Note("the first one is here", first.span),),
        help="declare a second supervisor with the same children",
    )
