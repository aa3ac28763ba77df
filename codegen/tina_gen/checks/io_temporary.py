# SPDX-License-Identifier: Apache-2.0
"""E0605: an isolate whose init takes an I/O object is a dynamic, temporary child, because the
object cannot be given a second time."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import DynamicGroup, IoType, Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per static child of such an isolate."""
    for supervisor in model.supervisors:
        for member in supervisor.members:
            if isinstance(member, DynamicGroup):
                continue
            isolate = model.isolate(member.isolate)
            for argument in isolate.init:
                if isinstance(argument.type, IoType):
                    yield Diagnostic(
                        "E0605",
                        member.span,
                        f"`{isolate.name}` takes an I/O object, so it cannot be a static child",
                        label="must be dynamic and temporary",
                        notes=(Note(f"`{argument.name}` is declared here", argument.span),),
                        help=f"write `dynamic {isolate.name} max N temporary;`",
                    )
