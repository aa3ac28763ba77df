# SPDX-License-Identifier: Apache-2.0
"""E0705: a message to an isolate that lives only in other roles has a channel to travel in, and a
call one for its answer as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tina_gen.checks.receivers import receivers
from tina_gen.checks.trees import population
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import Isolate, Message, Model, Role, System, Target
from tina_gen.source import Span


@dataclass(frozen=True, slots=True)
class _Use:
    """A `sends` or `calls`."""

    message: Message
    target: Target
    span: Span


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per send or call and pair of roles."""
    for system in model.systems:
        runs = {role.name: population(model, role) for role in system.roles}
        for isolate in model.isolates:
            for use in _uses(isolate):
                names = {one.qualified for one in receivers(model, use.target, use.message)}
                homes = [role for role in system.roles if names & runs[role.name].keys()]
                for role in system.roles:
                    if isolate.qualified in runs[role.name] and role not in homes:
                        yield from _from(system, use, role, homes)


def _uses(isolate: Isolate) -> Iterator[_Use]:
    for send in isolate.sends:
        yield _Use(send.message, send.target, send.span)
    for use in isolate.calls:
        yield _Use(use.call, use.target, use.span)


def _from(system: System, use: _Use, role: Role, homes: list[Role]) -> Iterator[Diagnostic]:
    """What is missing on the way from a role to those where the receivers live."""
    channels = {(channel.source, channel.target) for channel in system.channels}
    if use.target.isolate is None and any((role.name, home.name) in channels for home in homes):
        return  # whom a protocol's reference leads to is known at run time
    for home in homes:
        if use.target.local or (role.name, home.name) not in channels:
            yield _error(system, use, role, home)
        elif use.message.is_call and (home.name, role.name) not in channels:
            yield _no_way_back(system, use, role, home)


def _name(use: _Use) -> str:
    return (use.target.isolate or use.target.protocol or "").rpartition(".")[2]


def _no_way_back(system: System, use: _Use, source: Role, target: Role) -> Diagnostic:
    return Diagnostic(
        "E0705",
        use.span,
        f"role `{target.name}` has no channel back to role `{source.name}`",
        label="is answered from another role",
        notes=(Note(f"`{_name(use)}` lives in role `{target.name}` only", target.span),),
        help=f"add `channel {target.name} -> {source.name} capacity N;` to `{system.name}`",
    )


def _error(system: System, use: _Use, source: Role, target: Role) -> Diagnostic:
    name = _name(use)
    note = Note(f"`{name}` lives in role `{target.name}` only", target.span)
    if use.target.local:
        return Diagnostic(
            "E0705",
            use.span,
            f"`{name}` is never on the same shard as role `{source.name}`",
            label="promises the same shard",
            notes=(note,),
            help=f"remove `local` and add `channel {source.name} -> {target.name} capacity N;`",
        )
    return Diagnostic(
        "E0705",
        use.span,
        f"role `{source.name}` has no channel to role `{target.name}`",
        label=f"leaves role `{source.name}`",
        notes=(note,),
        help=f"add `channel {source.name} -> {target.name} capacity N;` to `{system.name}`",
    )
