# SPDX-License-Identifier: Apache-2.0
"""W0353: somebody implements the protocols that are called, and subscribes the events sent."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.receivers import receivers
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Message, MessageSort, Model, Target
from tina_gen.source import Span


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per `sends` or `calls` by way of a protocol; only for whole programs."""
    if not model.systems:
        return
    for isolate in model.isolates:
        for send in isolate.sends:
            yield from _of(model, send.message, send.target, send.span)
        for use in isolate.calls:
            yield from _of(model, use.call, use.target, use.span)


def _of(model: Model, message: Message, target: Target, span: Span) -> Iterator[Diagnostic]:
    if target.isolate is not None or target.protocol != message.protocol:
        return
    if receivers(model, target, message):
        return
    verb = "subscribes" if message.sort is MessageSort.EVENT else "implements"
    name = (message.protocol or "").rpartition(".")[2]
    yield Diagnostic(
        "W0353",
        span,
        f"nobody {verb} `{name}`, so nobody gets `{message.local_name}`",
        label="goes nowhere",
        notes=(Note(f"`{message.local_name}` is declared here", message.span),),
        help=f"write `isolate … {verb} {name}`",
    )
