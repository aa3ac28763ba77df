# SPDX-License-Identifier: Apache-2.0
"""E0318: an I/O object that starts closed, and that no state could connect, is of no use."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import IoObject, Isolate, Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per I/O object."""
    for isolate in model.isolates:
        for io in isolate.io:
            if io.source or io.kind.opens_itself or isolate.connects(io):
                continue
            yield Diagnostic(
                "E0318",
                io.span,
                f"`{io.name}` of `{isolate.name}` starts closed, and no state can connect it",
                label="never connected",
                help=_help(isolate, io),
            )


def _help(isolate: Isolate, io: IoObject) -> str:
    where = "the state that connects it" if isolate.has_machine else "the isolate"
    return f"add `on {io.name}.Connected …;` to {where}, or open it from an argument: `= conn`"
