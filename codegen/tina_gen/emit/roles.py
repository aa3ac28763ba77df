# SPDX-License-Identifier: Apache-2.0
"""The tables of a system's roles: the types that each runs, and the channels that end there."""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen import names
from tina_gen.checks.traffic import trips
from tina_gen.checks.trees import population
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, flag, integer
from tina_gen.emit.records import Block
from tina_gen.emit.tables import Table, text_table
from tina_gen.model import (
    HANDLER_LIMIT_NS,
    HANDLER_SLOW_NS,
    BufferPool,
    CallUse,
    Channel,
    MemoryFault,
    Model,
    Role,
    System,
)

_FAULTS = {MemoryFault.ISOLATE: "kIsolate", MemoryFault.SHARD: "kShard"}
_SLOT = 64  # bytes of a place in a ring
_HEADERS = 16  # bytes before a message in a ring
_CALL_HEADER = 24  # bytes between these and the request of a call
_ANSWER_HEADER = 8  # the same for its results


def role_tables(scope: Scope, system: System, role: Role) -> Sequence[Block]:
    """The arrays that the role's RoleTable refers to."""
    own = _pascal(role)
    found: list[Block] = []
    if not _runs_all(scope.model, role):
        found += _types(scope, role)
    rows = [_inbound(scope.model, system, channel) for channel in _channels_to(system, role)]
    found.append(text_table(f"k{own}Inbound", rows))
    found.append(text_table(f"k{own}Blobs", [_blobs(pool) for pool in role.blobs]))
    return found


def role_table(scope: Scope, system: System, role: Role) -> Table:
    """The role's row of `kRoles`."""
    model = scope.model
    own = _pascal(role)
    pool = role.receive_buffers
    core = "tina::internal::kAnyProcessor" if role.core is None else str(role.core)
    return Table(
        "RoleTable",
        [
            ("name", f'"{role.name}"'),
            ("first", str(role.first_shard)),
            ("shards_max", str(role.shards)),
            ("shards_auto", flag(role.auto)),
            ("core", core),
            ("memory_fault", f"tina::internal::MemoryFault::{_FAULTS[role.memory_fault]}"),
            ("tick_ns", integer(role.tick_ns)),
            ("spin_ns", integer(role.spin_ns)),
            ("receive_buffers", integer(pool.count if pool else 0)),
            ("receive_buffer_size", integer(pool.size if pool else 0)),
            ("memory_limit", integer(role.memory)),
            ("inbound", f"k{own}Inbound" if _channels_to(system, role) else "{}"),
            ("root", f"&kSupervisors[{model.supervisor(role.root).index}]"),
            ("supervisors", "kSupervisors"),
            ("types", "kTypes" if _runs_all(model, role) else f"k{own}Types"),
            *([("blobs", f"k{own}Blobs")] if role.blobs else []),
            *_handler_limits(role),
        ],
    )


def _handler_limits(role: Role) -> list[tuple[str, str]]:
    """What the role says, or its system, of how long its handlers may take."""
    said = [
        ("handler_slow_ns", role.handler_slow_ns, HANDLER_SLOW_NS),
        ("handler_limit_ns", role.handler_limit_ns, HANDLER_LIMIT_NS),
    ]
    return [(name, integer(ns)) for name, ns, unsaid in said if ns != unsaid]


def _blobs(pool: BufferPool) -> Table:
    return Table("BlobPoolTable", [("count", integer(pool.count)), ("size", integer(pool.size))])


def _pascal(role: Role) -> str:
    return names.pascal(role.name)


def _runs_all(model: Model, role: Role) -> bool:
    return len(population(model, role)) == len(model.isolates)


def _types(scope: Scope, role: Role) -> list[Block]:
    """`kFrontTypes`: all types, with slots for those only that the role's tree can start."""
    own = _pascal(role)
    runs = population(scope.model, role)
    started = [scope.contract(i.qualified) for i in scope.model.isolates if i.qualified in runs]
    width = max(map(len, started), default=0) + 1
    rows = [f"    {name + ',':<{width}}  // {number}" for number, name in enumerate(started)]
    head = f"inline constexpr std::array<tina::TypeId, {len(started)}> k{own}Started"
    listed = [f"{head} = {{", *rows, "};"] if started else [f"{head}{{}};"]
    types = f"inline constexpr std::array k{own}Types = "
    types += f"tina::internal::types_started(kTypes, k{own}Started);"
    return [listed, wrap.assignment(0, types)]


def _channels_to(system: System, role: Role) -> list[Channel]:
    """The channels that end at a role and carry anything: one within a role of one shard cannot."""
    return [
        channel
        for channel in system.channels
        if channel.target == role.name and not (channel.source == role.name and role.shards == 1)
    ]


def inbound_rings(model: Model, system: System, role: Role) -> list[tuple[int, int]]:
    """The rings towards one shard of a role, by channel: how many, and the places of each."""
    shards = {other.name: other.shards for other in system.roles}
    channels = _channels_to(system, role)
    return [(shards[c.source], ring_places(model, system, c)) for c in channels]


def _inbound(model: Model, system: System, channel: Channel) -> Table:
    source = next(role for role in system.roles if role.name == channel.source)
    return Table(
        "InboundTable",
        [
            ("from", str(source.index)),
            ("shards", str(source.shards)),
            ("places", integer(ring_places(model, system, channel))),
            ("answers", flag(_answers(model, system, channel))),
        ],
    )


def ring_places(model: Model, system: System, channel: Channel) -> int:
    """64-byte places of a ring, a power of two: `capacity` messages of the largest size that can
    travel there, wherever in the ring they begin, and as much again where answers come back, for
    which the runtime keeps half of it."""
    size = largest_message(model, system, channel)
    slots = max(1, -(-(_HEADERS + size) // _SLOT))
    least = channel.capacity * slots + slots - 1
    least *= 2 if _answers(model, system, channel) else 1
    return 1 << (least - 1).bit_length()


def largest_message(model: Model, system: System, channel: Channel) -> int:
    """Bytes of the largest message, request or answer that the one role sends to the other."""
    sizes = [0]
    for trip in trips(model, system):
        if trip.to.local:
            continue
        call = isinstance(trip.use, CallUse)
        if (trip.source.name, trip.target.name) == (channel.source, channel.target):
            sizes.append(trip.message.size + (_CALL_HEADER if call else 0))
        if call and (trip.target.name, trip.source.name) == (channel.source, channel.target):
            sizes.append(trip.message.results_size + _ANSWER_HEADER)
    return max(sizes)


def _answers(model: Model, system: System, channel: Channel) -> bool:
    """Whether an isolate of the channel's target calls or watches one of its source."""
    roles = {role.name: role for role in system.roles}
    here = population(model, roles[channel.target])
    there = population(model, roles[channel.source])
    if any(m in there for i in model.isolates if i.qualified in here for m in i.monitors):
        return True
    back = (channel.target, channel.source)
    return any(
        isinstance(trip.use, CallUse) and (trip.source.name, trip.target.name) == back
        for trip in trips(model, system)
    )
