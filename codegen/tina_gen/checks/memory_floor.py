# SPDX-License-Identifier: Apache-2.0
"""E0504: the memory limit of a role holds at least the states, mailboxes, receive buffers, blobs
and scratch memory that its tree reserves. The exact sum, with everything the runtime adds, is
asserted in C++."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import isolates_of
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import BufferPool, Isolate, Model, Role
from tina_gen.resolve.evaluate import quantity
from tina_gen.syntax.tokens import Dimension


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per role whose limit cannot hold the parts that are known here."""
    for system in model.systems:
        for role in system.roles:
            parts = [(isolate, _reserved(isolate)) for isolate in isolates_of(model, role)]
            scratch = max((isolate.budget.scratch for isolate, _ in parts), default=0)
            total = sum(size for _, size in parts) + _buffers(role) + scratch
            if total > role.memory:
                yield _error(role, parts, total)


def _reserved(isolate: Isolate) -> int:
    budget = isolate.budget
    return budget.slots * (budget.state + budget.mailbox * isolate.message_size)


def _buffers(role: Role) -> int:
    return sum(pool.count * pool.size for pool in _pools(role))


def _pools(role: Role) -> list[BufferPool]:
    return [*([role.receive_buffers] if role.receive_buffers else []), *role.blobs]


def _error(role: Role, parts: list[tuple[Isolate, int]], total: int) -> Diagnostic:
    def shown(size: int) -> str:
        return quantity(size, Dimension.SIZE)

    parts = sorted(parts, key=lambda part: -part[1])
    notes = [
        Note(f"`{i.name}` reserves {shown(size)} for states and mailboxes", i.budget.span)
        for i, size in parts[:3]
        if size
    ]
    for pool in _pools(role):
        what = "receive buffers" if pool is role.receive_buffers else "blobs"
        notes.append(Note(f"the {what} take {shown(pool.count * pool.size)}", pool.span))
    return Diagnostic(
        "E0504",
        role.span,
        f"role `{role.name}` needs at least {shown(total)} and may take {shown(role.memory)}",
        label="the memory limit is too small",
        notes=tuple(notes),
        help="raise `memory <=`, or lower the slots, mailboxes or buffers",
    )
