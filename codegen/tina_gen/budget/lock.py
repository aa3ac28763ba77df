# SPDX-License-Identifier: Apache-2.0
"""The lock file of a budget: what a build took when somebody last agreed to it.

It holds bytes by system, role and part, in a stable order, so that its history reads well. Growth
is what fails; what shrank or went is fine and stays in the file until it is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tina_gen.budget.regions import RoleBudget
from tina_gen.budget.table import columns, of_shard

FORMAT = 1
Lock = dict[str, dict[str, int]]


class Malformed(Exception):
    """Why a file is no lock, in one line without its name."""


def lock_of(budgets: Sequence[RoleBudget]) -> Lock:
    """`System.role` -> part -> bytes. Parts of isolates are `Isolate: states`."""
    found: Lock = {}
    for budget in budgets:
        parts: dict[str, int] = {}
        for type_ in budget.types:
            for column, size in columns(budget, type_).items():
                if size:
                    parts[f"{type_.name}: {column}"] = size
        parts.update(of_shard(budget))
        parts["total"] = budget.total
        found[f"{budget.system}.{budget.role}"] = parts
    return found


def text(lock: Lock) -> str:
    """The file: sorted, one number a line, a final line end."""
    return json.dumps({"format": FORMAT, "roles": lock}, indent=2, sort_keys=True) + "\n"


def parse(data: bytes) -> Lock:
    """The lock in a file's bytes. Raises Malformed."""
    try:
        loaded: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed("it is not JSON; write it anew with `--update`") from error
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT:
        raise Malformed(f"it is no lock of format {FORMAT}; write it anew with `--update`")
    roles = loaded.get("roles")
    good = isinstance(roles, dict) and all(
        isinstance(parts, dict) and all(type(size) is int for size in parts.values())
        for parts in roles.values()
    )
    if not good:
        raise Malformed("it is damaged; write it anew with `--update`")
    assert isinstance(roles, dict)
    return roles


def growth(old: Lock, new: Lock) -> list[str]:
    """One line for each role that is new or grew, and for each of its parts that did."""
    lines: list[str] = []
    for role, parts in new.items():
        known = old.get(role)
        if known is None:
            lines.append(f"{role} is new: {parts['total']:,} bytes")
            continue
        grown = [
            f"  {part} grew by {size - known.get(part, 0):,} bytes to {size:,}"
            for part, size in parts.items()
            if size > known.get(part, 0) and part != "canaries"  # they only round the others up
        ]
        if grown:
            lines += [f"{role}: {parts['total']:,} bytes, were {known.get('total', 0):,}", *grown]
    return lines
