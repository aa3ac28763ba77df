# SPDX-License-Identifier: Apache-2.0
"""E0708: a shard has a bit and a number of 8 bits for each isolate type of the program."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model

TYPES_MAX = 256  # tina::internal::kTypesMax


def check(model: Model) -> Iterator[Diagnostic]:
    """One error, at the first isolate beyond the limit."""
    beyond = model.isolates[TYPES_MAX:]
    if beyond:
        yield Diagnostic(
            "E0708",
            beyond[0].span,
            f"the program has {len(model.isolates)} isolates; at most {TYPES_MAX} are possible",
            label="one too many",
            help="remove isolates, or let one with an init argument do the work of several",
        )
