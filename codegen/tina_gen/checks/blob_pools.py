# SPDX-License-Identifier: Apache-2.0
"""E0715: a role has a pool with room for every `blob<N>` of the isolates that it runs."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import isolates_of
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Isolate, Model, Role
from tina_gen.owned import blob_sizes
from tina_gen.resolve.evaluate import quantity
from tina_gen.syntax.tokens import Dimension


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per role: for its largest blob without a pool."""
    for system in model.systems:
        for role in system.roles:
            most = max((pool.size for pool in role.blobs), default=0)
            sizes = [
                (size, isolate)
                for isolate in isolates_of(model, role)
                for size in blob_sizes(model, isolate)
                if size > most
            ]
            if sizes:
                yield _error(role, *max(sizes, key=lambda found: found[0]))


def _error(role: Role, size: int, isolate: Isolate) -> Diagnostic:
    words = quantity(size, Dimension.SIZE)
    return Diagnostic(
        "E0715",
        role.span,
        f"role `{role.name}` has no pool for `blob<{words}>`",
        label="its blobs are smaller" if role.blobs else "no `blobs`",
        notes=(Note(f"`{isolate.name}` uses such blobs", isolate.span),),
        help=f"add `blobs 128 x {words};`",
    )
