# SPDX-License-Identifier: Apache-2.0
"""W0505: fields in another order would make a message or struct at least 8 bytes smaller."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.layout import best_size
from tina_gen.model import Message, Model, Struct

WASTE_MIN = 8


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per message or struct."""
    found: list[Message | Struct] = [*model.messages]
    found += [struct for package in model.packages for struct in package.structs]
    for message in found:
        if isinstance(message, Struct):
            word, name = "struct", message.name
        else:
            word, name = message.sort.value, message.local_name
        best = best_size([field.type for field in message.fields])
        if message.size - best < WASTE_MIN:
            continue
        padding = sum(field.padding for field in message.fields)
        yield Diagnostic(
            "W0505",
            message.span,
            f"{word} `{name}` takes {message.size} bytes, {padding} of them padding",
            label=f"{best} bytes would do",
            help="put the larger fields first",
        )
