# SPDX-License-Identifier: Apache-2.0
"""E0504: the memory limit of a role holds at least the states, mailboxes and receive buffers that
its tree reserves. The exact sum, with everything the runtime adds, is asserted in C++."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import isolates_of
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Isolate, Model, Role
from tina_gen.resolve.evaluate import quantity
from tina_gen.syntax.tokens import Dimension


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per role whose limit cannot hold the parts that are known here."""
    for system in model.systems:
        for role in system.roles:
            parts = [(isolate, _reserved(isolate)) for isolate in isolates_of(model, role)]
            total = sum(size for _, size in parts) + _buffers(role)
            if total > role.memory:
                yield _error(role, parts, total)


def _reserved(isolate: Isolate) -> int:
    budget = isolate.budget
    return budget.slots * (budget.state + budget.mailbox * isolate.message_size)


def _buffers(role: Role) -> int:
    pool = role.receive_buffers
    return pool.count * pool.size if pool else 0


def _error(role: Role, parts: list[tuple[Isolate, int]], total: int) -> Diagnostic:
    def shown(size: int) -> str:
        return quantity(size, Dimension.SIZE)

    parts = sorted(parts, key=lambda part: -part[1])
    notes = [
        Note(f"`{i.name}` reserves {shown(size)} for states and mailboxes", i.budget.span)
        for i, size in parts[:3]
        if size
    ]
    if role.receive_buffers:
        text = f"the receive buffers take {shown(_buffers(role))}"
        notes.append(Note(text, role.receive_buffers.span))
    return Diagnostic(
        "E0504",
        role.span,
        f"role `{role.name}` needs at least {shown(total)} and may take {shown(role.memory)}",
        label="the memory limit is too small",
        notes=tuple(notes),
        help="raise `memory <=`, or lower the slots, mailboxes or buffers",
    )
