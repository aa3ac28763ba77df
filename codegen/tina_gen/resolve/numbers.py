# SPDX-License-Identifier: Apache-2.0
"""Numbers of shards: what each role of a system claims, and which numbers that gives it."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.resolve.scope import Unit
from tina_gen.resolve.values import Values
from tina_gen.syntax import declarations as d

SHARDS_MAX = 1024  # 10 bits in a handle


class Numbers:
    """`shard 3 as r` and `shard 1..3 as r` have the numbers that they say; `shards 2 as r` and
    `shards auto max 2 as r` take the lowest free ones, in the order of declaration. `total` is the
    sum at the maximum."""

    def __init__(self, values: Values, unit: Unit, items: list[d.Shards]) -> None:
        """Reports what is out of range, overlaps, or leaves a gap."""
        self._values = values
        self._sink = values.sink
        self._unit = unit
        self._items = items
        self._claims = [self._claim(item) for item in items]
        self.total = sum(claim[1] for claim in self._claims if claim)
        self._places: list[tuple[int, int] | None] = [None] * len(items)
        if None not in self._claims and self.total <= SHARDS_MAX:
            self._assign()

    def place(self, number: int) -> tuple[int, int] | None:
        """First shard and number of shards of a role; None if that cannot be said."""
        return self._places[number]

    def _claim(self, item: d.Shards) -> tuple[int | None, int] | None:
        """The first number, None if any will do, and how many."""
        if not item.numbered:
            count = self._whole(item, "the number of shards", (1, SHARDS_MAX))
            return (None, count) if count is not None else None
        first = self._whole(item, "the number of a shard", (0, SHARDS_MAX - 1))
        if item.last is None or first is None:
            return (first, 1) if first is not None else None
        bounds = (first, SHARDS_MAX - 1)
        what = "the number of the last shard"
        last = self._values.whole(item.last, self._unit, what, bounds, "E0701")
        return (first, last - first + 1) if last is not None else None

    def _whole(self, item: d.Shards, what: str, bounds: tuple[int, int]) -> int | None:
        return self._values.whole(item.count, self._unit, what, bounds, "E0701")

    def _assign(self) -> None:
        owners: dict[int, d.Shards] = {}
        auto = next((item for item in self._items if item.auto), None)
        for position, claim in enumerate(self._claims):
            if claim is None or claim[0] is None:
                continue
            item = self._items[position]
            if auto is not None:
                self._beside_auto(item, auto)
                return
            taken = next((n for n in range(claim[0], sum_of(claim)) if n in owners), None)
            if taken is not None:
                self._overlap(item, taken, owners[taken])
                return
            owners.update(dict.fromkeys(range(claim[0], sum_of(claim)), item))
            self._places[position] = (claim[0], claim[1])
        for position, claim in enumerate(self._claims):
            if claim is None or claim[0] is not None:
                continue
            first = 0
            while any(n in owners for n in range(first, first + claim[1])):
                first += 1
            owners.update(dict.fromkeys(range(first, first + claim[1]), self._items[position]))
            self._places[position] = (first, claim[1])
        gap = next(n for n in range(SHARDS_MAX + 1) if n not in owners)
        if gap < len(owners):
            self._gap(gap, owners[min(n for n in owners if n > gap)])

    def _beside_auto(self, item: d.Shards, auto: d.Shards) -> None:
        note = (Note(f"role `{auto.role.text}` has as many as the machine allows", auto.span),)
        text = f"role `{item.role.text}` numbers its shards beside an `auto` role"
        help = f"write `shards N as {item.role.text}`"
        self._sink.error("E0709", item.span, text, "cannot be numbered", help, note)

    def _overlap(self, item: d.Shards, number: int, owner: d.Shards) -> None:
        note = (Note(f"role `{owner.role.text}` has it already", owner.span),)
        text = f"shard {number} belongs to two roles"
        self._sink.error("E0709", item.span, text, "second one", "take other numbers", note)

    def _gap(self, number: int, after: d.Shards) -> None:
        text = f"no role has shard {number}"
        help = "number the shards through from 0"
        self._sink.error("E0709", after.span, text, "leaves a gap before it", help)


def sum_of(claim: tuple[int | None, int]) -> int:
    """The number behind the last shard of a claim with a first one."""
    return (claim[0] or 0) + claim[1]
