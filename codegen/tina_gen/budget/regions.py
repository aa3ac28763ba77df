# SPDX-License-Identifier: Apache-2.0
"""The arena of a shard, region by region: the mirror of `for_each_region` in tina/layout.h.

Sizes of records are those of the 64-bit targets. `tests/codegen/test_budget_layout.py` compiles
programs and compares every region, so that the two cannot drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from tina_gen.frozen import dataclass
from tina_gen.layout import round_up

CACHE_LINE = 64
CANARY = CACHE_LINE
SIZES = {
    "SlotMeta": 8,
    "SlotRecord": 16,
    "ResultRecord": 32,
    "IoObject": 8,
    "CallRecord": 32,
    "OpenCall": 32,
    "WatchRecord": 16,
    "HeardRecord": 8,
    "MonitorRecord": 32,
    "ScratchGuard": 8,
    "EntryHeader": 8,
    "DeferredHeader": 8,
    "BlockRecord": 16,
    "kTimerNodeSize": 24,
    "kChildRecordSize": 32,
    "kSupervisorRecordSize": 80,
    "kTypeBlockSize": 512,
    "kLogRecords": 2048,
    "kLogRecordSize": 192,
    "kRingSlotSize": 64,
    "kRingControlSize": 320,
}
_WORD, _NUMBER = 8, 4


@dataclass(frozen=True, slots=True)
class TypeNumbers:
    """What `TypeTable` says of one isolate type in one role; no slots if the role never starts it.
    `state` is the bound before compilation, the size of the user's struct after it."""

    name: str
    slots: int
    mailbox: int
    state: int
    init: int
    payload: int
    defers: bool
    records: int
    ios: int
    timers: int  # per slot: state timeouts, named ones, limits of calls
    calls: int  # outstanding at once
    open: int  # taken and not answered, at once
    monitors: int  # isolates watched at once
    watched: bool  # by some isolate
    result: int  # of the largest results that its calls bring
    kept: int  # buffers and blobs that a state keeps at once
    news: bool  # lists news of other shards
    weight: int  # its share of a pass
    static: bool  # the tree has it as a static child, which has a record of its own
    # Bytes beside the I/O objects of one; a program tells them by its regions.
    operands: int = field(default=0, compare=False)

    @property
    def stride(self) -> int:
        """Bytes from one state to the next: small states do not straddle a cache line."""
        if self.state > CACHE_LINE:
            return round_up(self.state, CACHE_LINE)
        return 1 << (max(self.state, 1) - 1).bit_length()

    @property
    def rounding(self) -> int:
        """Bytes that each state is rounded up by; an only one begins a line anyway."""
        return 0 if self.slots == 1 else self.stride - self.state

    @property
    def entry(self) -> int:
        """Bytes of one place of the mailbox."""
        return round_up(SIZES["EntryHeader"] + self.payload, 8)

    @property
    def idle(self) -> dict[str, int]:
        """What one costs that rests, beyond what its spec declares: bytes by part."""
        parts = {
            "slot meta": SIZES["SlotMeta"],
            "slot record": SIZES["SlotRecord"],
            "ready ring": _NUMBER,
            "free ring": _NUMBER,
            "rounding": self.rounding,
            "watch list": SIZES["WatchRecord"] if self.watched or self.monitors else 0,
            "heard": SIZES["HeardRecord"] if self.news else 0,
            "child": SIZES["kChildRecordSize"] if self.static else 0,
        }
        return {part: size for part, size in parts.items() if size}


@dataclass(frozen=True, slots=True)
class RoleNumbers:
    """What `RoleTable` says, with sums over the trees."""

    types: tuple[TypeNumbers, ...]
    receive_buffers: int
    receive_buffer_size: int
    blobs: tuple[tuple[int, int], ...]  # how many blocks of which size
    scratch: int  # of the isolate that wants most for one handler
    children: int
    supervisors: int
    places: int
    restarts: int
    inbound: tuple[tuple[int, int], ...]  # shards that write, places of each ring


@dataclass(frozen=True, slots=True)
class Region:
    """Some bytes of the arena. `owner` is an isolate, or None for the shard as a whole."""

    part: str
    owner: str | None
    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RoleBudget:
    """One shard of a role. `exact` says whether sizes are the compiler's or bounds."""

    system: str
    role: str
    shards: int
    auto: bool
    limit: int
    exact: bool
    types: tuple[TypeNumbers, ...]
    regions: tuple[Region, ...]
    total: int

    @property
    def canaries(self) -> int:
        """The bytes between the regions: canaries, and what aligns them."""
        return self.total - sum(region.bytes for region in self.regions)


def place(role: RoleNumbers) -> tuple[tuple[Region, ...], int]:
    """The regions in order, and the arena's size. Empty parts are left out."""
    found: list[Region] = []
    at = 0
    for part, owner, size in _parts(role):
        if size:
            found.append(Region(part, owner, at, size))
            at = round_up(at + size, CACHE_LINE) + CANARY
    return tuple(found), at


def _parts(role: RoleNumbers) -> Iterator[tuple[str, str | None, int]]:
    yield "type blocks", None, len(role.types) * SIZES["kTypeBlockSize"]
    for type_ in role.types:
        for part, size in _of_type(type_):
            yield part, type_.name, size
    timers = sum(t.slots * t.timers for t in role.types)
    yield "timers", None, timers * SIZES["kTimerNodeSize"]
    yield "monitors", None, _monitors(role) * SIZES["MonitorRecord"]
    yield "receive buffers", None, role.receive_buffers * role.receive_buffer_size
    yield "blobs", None, sum(count * round_up(size, CACHE_LINE) for count, size in role.blobs)
    blocks = role.receive_buffers + sum(count for count, _ in role.blobs)
    yield "buffer records", None, blocks * SIZES["BlockRecord"]
    yield "scratch", None, role.scratch + SIZES["ScratchGuard"] if role.scratch else 0
    yield "children", None, role.children * SIZES["kChildRecordSize"]
    yield "supervisors", None, role.supervisors * SIZES["kSupervisorRecordSize"]
    yield "places", None, role.places * _NUMBER
    yield "restarts", None, role.restarts * _WORD
    yield "inbound rings", None, sum(shards * _ring(places) for shards, places in role.inbound)
    yield "log ring", None, SIZES["kLogRecords"] * SIZES["kLogRecordSize"]


def _of_type(type_: TypeNumbers) -> Iterator[tuple[str, int]]:
    slots = type_.slots
    places = slots * type_.mailbox
    yield "state", slots * (type_.state + type_.rounding)
    yield "slot meta", slots * SIZES["SlotMeta"]
    yield "slot records", slots * SIZES["SlotRecord"]
    yield "mailbox", (places + 1) * type_.entry if type_.payload and slots else 0
    yield "init", slots * round_up(type_.init, 8)
    yield "results", slots * type_.records * SIZES["ResultRecord"]
    yield "I/O objects", slots * type_.ios * SIZES["IoObject"]
    yield "operands", slots * type_.operands
    yield "ready ring", slots * _NUMBER
    yield "free ring", slots * _NUMBER
    yield "calls", slots * type_.calls * (SIZES["CallRecord"] + round_up(type_.result, 8))
    yield "open calls", slots * type_.open * SIZES["OpenCall"]
    watches = type_.watched or type_.monitors
    yield "watch lists", slots * SIZES["WatchRecord"] if watches else 0
    yield "kept blocks", slots * type_.kept * _NUMBER
    yield "heard", slots * SIZES["HeardRecord"] if type_.news else 0
    deferred = SIZES["DeferredHeader"] + type_.entry
    yield "deferred", places * deferred if type_.defers else 0


def _monitors(role: RoleNumbers) -> int:
    """Monitors of a shard's own isolates, and a place for each that another shard may have here."""
    own = sum(type_.slots * type_.monitors for type_ in role.types)
    watched = any(type_.watched and type_.slots for type_ in role.types)
    return own + (sum(shards * (places // 2) for shards, places in role.inbound) if watched else 0)


def _ring(places: int) -> int:
    return SIZES["kRingControlSize"] + places * SIZES["kRingSlotSize"]
