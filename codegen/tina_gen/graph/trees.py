# SPDX-License-Identifier: Apache-2.0
"""Draws supervision trees with their policies, and systems with their shards and channels."""

from __future__ import annotations

from tina_gen.emit.cpp import duration_words, size_words
from tina_gen.graph.drawing import Arrow, Group, Node, Shape
from tina_gen.model import Child, DynamicGroup, Model, Role, Supervisor, System


def supervision(model: Model) -> list[Group]:
    """One group with all supervisors; arrows carry the start order. None without supervisors."""
    nodes: list[Node] = []
    arrows: list[Arrow] = []
    above = {supervisor.qualified: supervisor for supervisor in model.supervisors}
    for supervisor in model.supervisors:
        own = _supervisor_id(supervisor)
        nodes.append(Node(own, Shape.SUPERVISOR, _policy(supervisor)))
        for order, member in enumerate(supervisor.members, start=1):
            below = above.get(member.isolate)
            target = _supervisor_id(below) if below else f"{own}_{order}"
            if not below:
                nodes.append(_member(target, member))
            arrows.append(Arrow(own, target, (str(order),)))
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
    return (supervisor.name, supervisor.strategy.value, restarts)


def _member(id_: str, member: Child | DynamicGroup) -> Node:
    stop = (
        "brutal" if member.shutdown_ns is None else f"shutdown {duration_words(member.shutdown_ns)}"
    )
    policy = f"{member.restart.value}, {stop}"
    isolate = member.isolate.rpartition(".")[2]
    if isinstance(member, Child):
        return Node(id_, Shape.ISOLATE, (f"{member.name} : {isolate}", policy))
    return Node(id_, Shape.DYNAMIC, (f"{isolate}, at most {member.max}", policy))


def _system(model: Model, system: System) -> Group:
    ids = {role.name: f"system{system.index}_{role.index}" for role in system.roles}
    nodes = [Node(ids[role.name], Shape.ROLE, _role(model, role)) for role in system.roles]
    arrows = [
        Arrow(ids[channel.source], ids[channel.target], (f"capacity {channel.capacity}",))
        for channel in system.channels
    ]
    title = ("system " + system.name,)
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
    return tuple(lines)
