# SPDX-License-Identifier: Apache-2.0
"""Budgets as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tina_gen.budget.regions import SIZES, RoleBudget, TypeNumbers

FORMAT = 1

# Parts of an isolate that have a column of their own; the others are summed up in `records`.
COLUMNS = {
    "state": "states",
    "mailbox": "mailbox",
    "deferred": "deferred",
    "I/O objects": "I/O",
    "calls": "calls",
    "open calls": "open calls",
    "watch lists": "monitors",
}
_REST = "records"
_TIMERS = "timers"


def columns(budget: RoleBudget, type_: TypeNumbers) -> dict[str, int]:
    """The bytes of one isolate type by column; timers are its share of the shard's."""
    found = {_TIMERS: type_.slots * type_.timers * SIZES["kTimerNodeSize"]}
    for region in budget.regions:
        if region.owner == type_.name:
            column = COLUMNS.get(region.part, _REST)
            found[column] = found.get(column, 0) + region.bytes
    return found


def of_shard(budget: RoleBudget) -> dict[str, int]:
    """The bytes of the shard as a whole by part, canaries last; timers belong to isolates."""
    found: dict[str, int] = {}
    for region in budget.regions:
        if region.owner is None and region.part != _TIMERS:
            found[region.part] = found.get(region.part, 0) + region.bytes
    return {**found, "canaries": budget.canaries}


def text(budget: RoleBudget, bounds: Sequence[str] = ()) -> str:
    """One table per role, and below it what can be in its mailboxes."""
    shards = f"at most {budget.shards} shards" if budget.auto else f"{budget.shards} shards"
    kind = "exact" if budget.exact else "upper bounds: each state as large as its `state <=`"
    lines = [f"{budget.system}, role {budget.role}: bytes per shard, {shards}; {kind}", ""]
    made = [(type_, columns(budget, type_)) for type_ in budget.types if type_.slots]
    wanted = [*dict.fromkeys(COLUMNS.values()), _TIMERS, _REST]
    shown = [column for column in wanted if any(cells.get(column) for _, cells in made)]
    weighs = any(type_.weight != 1 for type_, _ in made)
    head = ["isolate", "slots", *["weight"][:weighs], "state", "stride", *shown, "total"]
    rows = [
        [
            type_.name,
            *map(_number, (type_.slots, *(type_.weight,)[:weighs], type_.state, type_.stride)),
            *(_number(cells.get(column, 0)) for column in shown),
            _number(sum(cells.values())),
        ]
        for type_, cells in made
    ]
    lines += _aligned([head, *rows])
    lines += ["", *_aligned(_idle([type_ for type_, _ in made]))]
    lines += ["", *_aligned([["the shard", "bytes"], *_summary(budget)])]
    return "\n".join([*lines, *([""] if bounds else []), *bounds])


def _idle(types: Sequence[TypeNumbers]) -> list[list[str]]:
    """What an isolate costs that rests, beyond what its spec declares: a column for each part."""
    parts = dict.fromkeys(part for type_ in types for part in type_.idle)
    rows = [["one that rests, beyond what it declares", *parts, "sum"]]
    for type_ in types:
        cells = [type_.idle.get(part, 0) for part in parts]
        rows.append([type_.name, *map(_number, [*cells, sum(cells)])])
    return rows


def _summary(budget: RoleBudget) -> list[list[str]]:
    isolates = sum(sum(columns(budget, type_).values()) for type_ in budget.types)
    rows = [("isolates", isolates), *of_shard(budget).items()]
    rows += [("total", budget.total), ("limit (memory <=)", budget.limit)]
    rows.append(("headroom", budget.limit - budget.total))
    return [[name, _number(value)] for name, value in rows]


def _number(value: int) -> str:
    return f"{value:,}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of a table: words to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(widths[i]) if i else cell.ljust(widths[0]) for i, cell in enumerate(row)
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def document(budgets: Iterable[RoleBudget], bounds: dict[str, Any] | None = None) -> dict[str, Any]:
    """The JSON document; docs/reference/budget.md describes it."""
    return {"format": FORMAT, "roles": [_role(b, bounds) for b in budgets]}


def _role(budget: RoleBudget, bounds: dict[str, Any] | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "system": budget.system,
        "role": budget.role,
        "shards": budget.shards,
        "auto": budget.auto,
        "exact": budget.exact,
        "isolates": [_isolate(budget, t) for t in budget.types if t.slots],
        "shard": of_shard(budget),
        "regions": [
            {"part": r.part, "owner": r.owner, "offset": r.offset, "bytes": r.bytes}
            for r in budget.regions
        ],
        "total": budget.total,
        "limit": budget.limit,
        "headroom": budget.limit - budget.total,
    }
    if bounds is not None:
        made["mailboxes"] = bounds.get(f"{budget.system}.{budget.role}", [])
    return made


def _isolate(budget: RoleBudget, type_: TypeNumbers) -> dict[str, Any]:
    cells = columns(budget, type_)
    return {
        "isolate": type_.name,
        "slots": type_.slots,
        "state": type_.state,
        "stride": type_.stride,
        "weight": type_.weight,
        "bytes": cells,
        "idle": type_.idle,
        "total": sum(cells.values()),
    }
