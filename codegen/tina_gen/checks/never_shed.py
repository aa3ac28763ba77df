# SPDX-License-Identifier: Apache-2.0
"""E0347: a call that is marked `never_shed` cannot be refused by a full mailbox."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.bounds import ASSUMPTION, CallBound, MailboxBound, mailbox_bounds
from tina_gen.checks.receivers import receivers
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import CallUse, Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per marked call and receiver of a system for which it does not hold."""
    if not any(use.never_shed for isolate in model.isolates for use in isolate.calls):
        return
    for system in model.systems:
        bounds = mailbox_bounds(model, system)
        for isolate in model.isolates:
            for use in isolate.calls:
                if not use.never_shed:
                    continue
                names = {found.qualified for found in receivers(model, use.target, use.call)}
                for bound in bounds:
                    callers = {arrival.sender for arrival in bound.arrivals}
                    if bound.isolate in names and isolate.qualified in callers:
                        yield from _broken(use, bound)


def _broken(use: CallUse, bound: MailboxBound) -> Iterator[Diagnostic]:
    for call in bound.calls:
        if call.call.qualified == use.call.qualified and not call.never_shed:
            yield _error(use, bound.isolate, bound.role, call)


def _error(use: CallUse, isolate: str, role: str, found: CallBound) -> Diagnostic:
    name = isolate.rpartition(".")[2]
    return Diagnostic(
        "E0347",
        use.span,
        f"`{use.span.text}` may be shed by the mailbox of `{name}` in role `{role}`",
        label="marked `never_shed`",
        notes=tuple(Note(obstacle.words, obstacle.span) for obstacle in found.obstacles),
        help=f"let only calls enter it, all of which fit ({ASSUMPTION}), or remove `never_shed`",
    )
