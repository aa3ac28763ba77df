# SPDX-License-Identifier: Apache-2.0
"""E0707: a role that runs isolates with streams reserves receive buffers for them."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import isolates_of
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per role without buffers, naming the first I/O object that needs them."""
    for system in model.systems:
        for role in system.roles:
            if role.receive_buffers is not None:
                continue
            objects = [io for isolate in isolates_of(model, role) for io in isolate.io]
            needing = next((io for io in objects if io.kind.brings_buffers), None)
            if needing is None:
                continue
            yield Diagnostic(
                "E0707",
                role.span,
                f"role `{role.name}` has no receive buffers",
                label="no `receive_buffers`",
                notes=(Note(f"`{needing.name}` receives into them", needing.span),),
                help="add `receive_buffers 1024 x 2KiB;`",
            )
