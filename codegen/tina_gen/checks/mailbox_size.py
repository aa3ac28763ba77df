# SPDX-License-Identifier: Apache-2.0
"""W0320: a message that an isolate accepts is at most 256 bytes, because every mailbox place is as
large as the largest one."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.layout import in_mailbox
from tina_gen.model import Model

MESSAGE_SIZE_MAX = 256


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per large message, naming the first isolate that pays for it."""
    seen: set[int] = set()
    for isolate in model.isolates:
        for message in isolate.accepts:
            if in_mailbox(message)[0] <= MESSAGE_SIZE_MAX or message.index in seen:
                continue
            seen.add(message.index)
            places = isolate.budget.slots * isolate.budget.mailbox
            text = f"each of the {places} mailbox places of `{isolate.name}` is that large"
            yield Diagnostic(
                "W0320",
                message.span,
                f"{message.sort.value} `{message.local_name}` takes {in_mailbox(message)[0]} bytes",
                label=f"over {MESSAGE_SIZE_MAX} bytes",
                notes=(Note(text, isolate.budget.span),),
                help="make it smaller, or split it",
            )
