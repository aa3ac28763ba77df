# SPDX-License-Identifier: Apache-2.0
"""Draws supervision trees with their policies, and systems with their shards and channels."""

from __future__ import annotations

from tina_gen.emit.cpp import duration_words, size_words
from tina_gen.graph.drawing import Arrow, Group, Node, Shape
from tina_gen.model import (
    HANDLER_LIMIT_NS,
    HANDLER_SLOW_NS,
    Child,
    DynamicGroup,
    MemoryFault,
    Model,
    Nested,
    Role,
    Route,
    Supervisor,
    System,
)


def supervision(model: Model) -> list[Group]:
    """One group with all supervisors; arrows carry the start order. None without supervisors."""
    nodes: list[Node] = []
    arrows: list[Arrow] = []
    above = {supervisor.qualified: supervisor for supervisor in model.supervisors}
    for supervisor in model.supervisors:
        own = _supervisor_id(supervisor)
        nodes.append(Node(own, Shape.SUPERVISOR, _policy(supervisor)))
        for order, member in enumerate(supervisor.members, start=1):
            below = above.get(member.supervisor) if isinstance(member, Nested) else None
            target = _supervisor_id(below) if below else f"{own}_{order}"
            if not isinstance(member, Nested):
                nodes.append(_member(target, member))
            label = _nested(member) if isinstance(member, Nested) else ()
            arrows.append(Arrow(own, target, (str(order), *label)))
    return [Group("supervision", ("supervision",), tuple(nodes), tuple(arrows))] if nodes else []


def topology(model: Model) -> list[Group]:
    """One group per system."""
    return [_system(model, system) for system in model.systems]


def _supervisor_id(supervisor: Supervisor) -> str:
    return f"supervisor{supervisor.index}"


def _policy(supervisor: Supervisor) -> tuple[str, ...]:
    restarts = (
        f"restarts {supervisor.restarts} in {duration_words(supervisor.window_ns)}"
        f" else {supervisor.limit.value}"
    )
    lines = [supervisor.name, supervisor.strategy.value, restarts]
    if supervisor.backoff:
        low, high = supervisor.backoff.min_ns, supervisor.backoff.max_ns
        lines.append(f"backoff {duration_words(low)}..{duration_words(high)}")
    if supervisor.auto_shutdown:
        lines.append(f"auto_shutdown {supervisor.auto_shutdown.value}")
    return tuple(lines)


def _nested(member: Nested) -> tuple[str, ...]:
    words = [member.restart.value]
    if member.shutdown_ns is not None:
        words.append(f"shutdown {duration_words(member.shutdown_ns)}")
    if member.significant:
        words.append("significant")
    return (member.name, ", ".join(words))


def _member(id_: str, member: Child | DynamicGroup) -> Node:
    stop = (
        "brutal" if member.shutdown_ns is None else f"shutdown {duration_words(member.shutdown_ns)}"
    )
    policy = f"{member.restart.value}, {stop}"
    isolate = member.isolate.rpartition(".")[2]
    if isinstance(member, Child):
        several = f" * {member.count}" if member.count > 1 else ""
        policy += ", significant" if member.significant else ""
        return Node(id_, Shape.ISOLATE, (f"{member.name} : {isolate}{several}", policy))
    return Node(id_, Shape.DYNAMIC, (f"{isolate}, at most {member.max}", policy))


def _system(model: Model, system: System) -> Group:
    ids = {role.name: f"system{system.index}_{role.index}" for role in system.roles}
    nodes = [Node(ids[role.name], Shape.ROLE, _role(model, role)) for role in system.roles]
    arrows = [
        Arrow(ids[channel.source], ids[channel.target], (f"capacity {channel.capacity}",))
        for channel in system.channels
    ]
    title = ("system " + system.name, *map(_route, system.routes))
    return Group(f"system{system.index}", title, tuple(nodes), tuple(arrows))


def _role(model: Model, role: Role) -> tuple[str, ...]:
    shards = f"at most {role.shards} shards" if role.auto else f"{role.shards} shards"
    if role.shards == 1:
        shards = "1 shard"
    buffers = role.receive_buffers
    lines = [
        role.name,
        shards,
        f"root {model.supervisor(role.root).name}",
        f"tick {duration_words(role.tick_ns)}",
        f"memory <= {size_words(role.memory)}",
    ]
    if buffers:
        lines.append(f"receive_buffers {buffers.count} x {size_words(buffers.size)}")
    lines += [f"blobs {pool.count} x {size_words(pool.size)}" for pool in role.blobs]
    if role.core is not None:
        lines.append(f"core {role.core}")
    if role.memory_fault is not MemoryFault.ISOLATE:
        lines.append(f"memory_fault {role.memory_fault.value}")
    if role.handler_slow_ns != HANDLER_SLOW_NS:
        lines.append(f"handler_slow {duration_words(role.handler_slow_ns)}")
    if role.handler_limit_ns != HANDLER_LIMIT_NS:
        lines.append(f"handler_limit {duration_words(role.handler_limit_ns)}")
    return tuple(lines)


def _route(route: Route) -> str:
    path = f"{route.role}.{route.supervisor.rpartition('.')[2]}.{route.child}"
    several = f" * {route.count}" if route.count > 1 else ""
    protocol = route.protocol.rpartition(".")[2]
    return f"route {protocol} by hash({route.argument}) over {path}{several}"
