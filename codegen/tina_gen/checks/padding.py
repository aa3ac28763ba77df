# SPDX-License-Identifier: Apache-2.0
"""W0505: fields in another order would make a message at least 8 bytes smaller."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.layout import best_size
from tina_gen.model import Model

WASTE_MIN = 8


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per message."""
    for message in model.messages:
        best = best_size([field.type for field in message.fields])
        if message.size - best < WASTE_MIN:
            continue
        padding = sum(field.padding for field in message.fields)
        yield Diagnostic(
            "W0505",
            message.span,
            f"{message.sort.value} `{message.local_name}` takes {message.size} bytes, "
            f"{padding} of them padding",
            label=f"{best} bytes would do",
            help="put the larger fields first",
        )
