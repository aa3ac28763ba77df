# SPDX-License-Identifier: Apache-2.0
"""E0609: a dynamic group stands under `one_for_one`, where nobody is stopped for another's sake."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model, Strategy


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per group under another strategy."""
    for supervisor in model.supervisors:
        if supervisor.strategy is Strategy.ONE_FOR_ONE:
            continue
        for group in supervisor.groups:
            name = group.isolate.rpartition(".")[2]
            yield Diagnostic(
                "E0609",
                group.span,
                f"`{supervisor.name}` is `{supervisor.strategy.value}`, so a dynamic group cannot "
                "stand in it",
                label="would be dropped whenever another child fails",
                help=f"give `{name}` a supervisor of its own with `strategy one_for_one;`, and "
                f"make that one a child of `{supervisor.name}`",
            )
