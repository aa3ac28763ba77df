# SPDX-License-Identifier: Apache-2.0
"""E0352: something can be sent through each `ref<Protocol>` and `subscriber<Protocol>`, and an
isolate that subscribes hears something."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Field, InitArgument, Model, Protocol, ProtocolRefType, SubscriberType


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per field, argument or isolate."""
    protocols = {protocol.qualified: protocol for protocol in model.protocols}
    for message in model.messages:
        for field in (*message.fields, *message.results):
            yield from _field(protocols, field)
    for isolate in model.isolates:
        for argument in isolate.init:
            yield from _field(protocols, argument)
        for name in isolate.subscribes:
            protocol = protocols.get(name)
            if protocol is not None and not protocol.events:
                yield Diagnostic(
                    "E0352",
                    isolate.span,
                    f"`{isolate.name}` subscribes `{protocol.name}`, which has no events",
                    label="hears nothing",
                    notes=(Note(f"`{protocol.name}` is declared here", protocol.span),),
                    help=f"write `implements {protocol.name}`, or add an `event`",
                )


def _field(protocols: dict[str, Protocol], field: Field | InitArgument) -> Iterator[Diagnostic]:
    match field.type:
        case ProtocolRefType(protocol=name):
            protocol, word = protocols.get(name), "ref"
            empty, lacks = not (protocol and protocol.served), "calls and no casts"
        case SubscriberType(protocol=name):
            protocol, word = protocols.get(name), "subscriber"
            empty, lacks = not (protocol and protocol.events), "events"
        case _:
            return
    if protocol is not None and empty:
        other = "subscriber" if word == "ref" else "ref"
        yield Diagnostic(
            "E0352",
            field.span,
            f"nothing can be sent to a `{word}<{protocol.name}>`: it has no {lacks}",
            label="useless",
            notes=(Note(f"`{protocol.name}` is declared here", protocol.span),),
            help=f"write `{other}<{protocol.name}>`, or add a member to the protocol",
        )
