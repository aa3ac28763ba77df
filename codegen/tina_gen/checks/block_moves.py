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


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per send of a message that moves to somebody who may be on another shard."""
    for isolate in model.isolates:
        for send in isolate.sends:
            routed = send.target.kind is TargetKind.ROUTE
            if block_fields(send.message.fields) and (routed or not send.target.local):
                yield _error(send, routed)


def _error(send: Send, routed: bool) -> Diagnostic:
    field = block_fields(send.message.fields)[0]
    name = send.message.local_name
    if routed:
        help = f"send `{name}` to a child of the same shard: `sends {name} to local …`"
    else:
        help = f"write `sends {name} to local {send.target.span.text}`, and send it on its shard"
    return Diagnostic(
        "E0714",
        send.span,
        f"`{name}` has a buffer or blob and may go to another shard",
        label="a route leads to all shards" if routed else "does not promise the same shard",
        notes=(Note(f"`{field.name}` moves, and stays on its shard", field.span),),
        help=help,
    )
