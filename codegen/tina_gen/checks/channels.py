# SPDX-License-Identifier: Apache-2.0
"""E0705: a message to an isolate that lives only in other roles has a channel to travel in."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import population
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Model, Role, Send, System


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per send and pair of roles."""
    for system in model.systems:
        runs = {role.name: population(model, role) for role in system.roles}
        channels = {(channel.source, channel.target) for channel in system.channels}
        for isolate in model.isolates:
            for send in isolate.sends:
                homes = [r for r in system.roles if send.target.isolate in runs[r.name]]
                for role in system.roles:
                    if isolate.qualified not in runs[role.name] or role in homes:
                        continue
                    for home in homes:
                        if send.target.local or (role.name, home.name) not in channels:
                            yield _error(system, send, role, home)


def _error(system: System, send: Send, source: Role, target: Role) -> Diagnostic:
    name = (send.target.isolate or "").rpartition(".")[2]
    note = Note(f"`{name}` lives in role `{target.name}` only", target.span)
    if send.target.local:
        return Diagnostic(
            "E0705",
            send.span,
            f"`{name}` is never on the same shard as role `{source.name}`",
            label="promises the same shard",
            notes=(note,),
            help=f"remove `local` and add `channel {source.name} -> {target.name} capacity N;`",
        )
    return Diagnostic(
        "E0705",
        send.span,
        f"role `{source.name}` has no channel to role `{target.name}`",
        label=f"leaves role `{source.name}`",
        notes=(note,),
        help=f"add `channel {source.name} -> {target.name} capacity N;` to `{system.name}`",
    )
