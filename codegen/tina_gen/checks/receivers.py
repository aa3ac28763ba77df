# SPDX-License-Identifier: Apache-2.0
"""Who a `sends` or `calls` may reach: the isolates behind a type, a path, a route or a protocol."""

from __future__ import annotations

from tina_gen.model import Isolate, Message, MessageSort, Model, Target


def serves(isolate: Isolate, message: Message) -> bool:
    """Whether a protocol's member may come to an isolate; any declared message may."""
    if message.protocol is None:
        return True
    if message.sort is MessageSort.EVENT:
        return message.protocol in isolate.subscribes
    return message.protocol in isolate.implements


def receivers(model: Model, target: Target, message: Message) -> tuple[Isolate, ...]:
    """The isolates that a message to a target may come to, by index."""
    if target.isolate is not None:
        return (model.isolate(target.isolate),)
    if target.route:
        routed = _routed(model, target)
        if routed:
            return tuple(i for i in model.isolates if i.qualified in routed and serves(i, message))
    return tuple(i for i in model.isolates if message.protocol and serves(i, message))


def _routed(model: Model, target: Target) -> set[str]:
    """The isolates that the routes of a protocol lead to; none if no system says where."""
    found: set[str] = set()
    for system in model.systems:
        for route in system.routes:
            if route.protocol == target.protocol:
                children = model.supervisor(route.supervisor).children
                found |= {child.isolate for child in children if child.name == route.child}
    return found
