# SPDX-License-Identifier: Apache-2.0
"""E0714: a buffer or a blob stays on its shard.

A send is on one shard for certain if it says `local`, and a spawn always is. Nothing else counts,
not even a program of one shard: a spec that is right stays right when a shard is added.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model, Send, TargetKind
from tina_gen.owned import block_fields
from tina_gen.source import Span


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per clause that sends what moves to somebody who may be on another shard."""
    for isolate in model.isolates:
        clauses: dict[Span, list[Send]] = {}
        for send in isolate.sends:
            routed = send.target.kind is TargetKind.ROUTE
            if block_fields(send.message.fields) and (routed or not send.target.local):
                clauses.setdefault(send.span, []).append(send)
        yield from (_error(sends) for sends in clauses.values())


def _error(sends: list[Send]) -> Diagnostic:
    """About one clause, with each message and each target that it names."""
    messages = {send.message.local_name: block_fields(send.message.fields)[0] for send in sends}
    targets = {send.target.span.text for send in sends}
    names, them = ", ".join(messages), "it" if len(messages) == 1 else "them"
    routed = sends[0].target.kind is TargetKind.ROUTE
    if routed:
        help = f"send `{names}` to a child of the same shard: `sends {names} to local …`"
    elif len(targets) == 1:
        help = f"write `sends {names} to local {min(targets)}`, and send {them} on its shard"
    else:
        help = f"write `local` before each target, and send {them} on its shard"
    said = " and ".join(f"`{name}`" for name in messages)
    has = "has a buffer or blob" if len(messages) == 1 else "have buffers or blobs"
    return Diagnostic(
        "E0714",
        sends[0].span,
        f"{said} {has} and may go to another shard",
        label="a route leads to all shards" if routed else "does not promise the same shard",
        notes=tuple(
            Note(f"`{field.name}` moves, and stays on its shard", field.span)
            for field in messages.values()
        ),
        help=help,
    )
