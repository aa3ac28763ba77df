# SPDX-License-Identifier: Apache-2.0
"""What the language has, the checks accept and no C++ is emitted for yet (E0090), on one page.

Emitting a construct means: delete its row here.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Isolate, Model, Target
from tina_gen.source import Span


def refused(model: Model) -> list[Diagnostic]:
    """One error per construct of the model that cannot be emitted; none means that all can."""
    found: list[Diagnostic] = []
    for isolate in model.isolates:
        found += _of_isolate(model, isolate)
    return found


def _of_isolate(model: Model, isolate: Isolate) -> Iterator[Diagnostic]:
    for send in isolate.sends:
        if _unrouted(model, send.target):
            yield _error(send.target.span, "a message by a route that no system declares")
    for use in isolate.calls:
        if _unrouted(model, use.target):
            yield _error(use.target.span, "a call by a route that no system declares")


def _unrouted(model: Model, target: Target) -> bool:
    routes = (route for system in model.systems for route in system.routes)
    return target.route and all(route.protocol != target.protocol for route in routes)


def _error(span: Span, what: str) -> Diagnostic:
    return Diagnostic(
        "E0090",
        span,
        f"{what} cannot be generated yet",
        label="checked, but not part of the generated code",
        help="leave it out for now",
    )
