# SPDX-License-Identifier: Apache-2.0
"""What can arrive at each isolate from others, whether or not a clause mentions it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tina_gen.model import Message, MessageSort, Protocol, Target
from tina_gen.resolve.isolates import Outline
from tina_gen.resolve.protocols import Protocols
from tina_gen.resolve.scope import Symbol

DOWN = "tina.sys.Down"


def received_by(
    outlines: Sequence[Outline | None], protocols: Protocols, messages: dict[Symbol, Message]
) -> dict[str, list[Message]]:
    """Qualified isolate -> the messages that can arrive, each once: what others send, what its
    protocols say, and the end of what it watches."""
    known = {protocol.qualified: protocol for protocol in protocols.found.values()}
    down = next((m for m in messages.values() if m.qualified == DOWN), None)
    intact = [outline for outline in outlines if outline is not None]
    found: dict[str, dict[str, Message]] = {o.symbol.qualified: {} for o in intact}
    for outline in intact:
        for send in outline.sends:
            for isolate in _homes(send.target, send.message, intact):
                found.setdefault(isolate, {})[send.message.qualified] = send.message
    for outline in intact:
        own = found[outline.symbol.qualified]
        relations = outline.relations
        for member in _members(relations.implements, relations.subscribes, known):
            own[member.qualified] = member
        if relations.monitors and down is not None:
            own[DOWN] = down
    return {isolate: list(one.values()) for isolate, one in found.items()}


def _homes(target: Target, message: Message, outlines: Iterable[Outline]) -> list[str]:
    """Where a message may arrive. What a protocol says arrives anyway and is left out here, so
    that a message to an isolate that does not serve the protocol is one mistake."""
    if message.protocol is not None or target.isolate is None:
        return []
    return [target.isolate]


def _members(
    implements: tuple[str, ...], subscribes: tuple[str, ...], known: dict[str, Protocol]
) -> Iterable[Message]:
    for name in dict.fromkeys((*implements, *subscribes)):
        protocol = known[name]
        for member in protocol.members:
            wanted = subscribes if member.sort is MessageSort.EVENT else implements
            if name in wanted:
                yield member
