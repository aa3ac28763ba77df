# SPDX-License-Identifier: Apache-2.0
"""E0716: an address belongs to one socket, unless those that stand there share it."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.frozen import dataclass
from tina_gen.model import (
    Argument,
    Child,
    Config,
    IoObject,
    IoType,
    Isolate,
    Model,
    Role,
    System,
    Value,
    ValueList,
)

_SHARED = "reuse_port"


@dataclass(frozen=True, slots=True)
class _Opener:
    """A static child that opens a socket when it starts."""

    role: Role
    child: Child
    isolate: Isolate
    io: IoObject

    @property
    def count(self) -> int:
        """How many sockets that are, on all shards."""
        return self.role.shards * self.child.count

    @property
    def shares(self) -> bool:
        return any(setting.name == _SHARED for setting in self.io.settings)


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per address of a system, at the first socket that does not share it."""
    done: set[int] = set()
    for system in model.systems:
        places: dict[tuple[str, object], list[_Opener]] = {}
        for opener, place in _openers(model, system):
            places.setdefault((opener.io.kind.qualified, place), []).append(opener)
        for openers in places.values():
            alone = [opener for opener in openers if not opener.shares]
            if not alone or sum(opener.count for opener in openers) == 1 or id(alone[0].io) in done:
                continue
            done.add(id(alone[0].io))
            yield _finding(alone[0], openers)


def _openers(model: Model, system: System) -> Iterator[tuple[_Opener, object]]:
    """The sockets of a system, each with what says where it stands."""
    for role in system.roles:
        for supervisor in model.below(role.root):
            for child in supervisor.children:
                isolate = model.isolate(child.isolate)
                given = {argument.target.name: argument for argument in child.arguments}
                for io in isolate.io:
                    if io.source is None or isinstance(io.source.type, IoType):
                        continue
                    place = _place(given[io.source.name])
                    if place is not None:
                        yield _Opener(role, child, isolate, io), place


def _place(argument: Argument) -> object:
    """What is the same for sockets that stand at one place; None if the kernel chooses one."""
    match argument.value:
        case Config(package=package, name=name, default=default):
            return (package, name) if _port(default) != 0 else None
        case value:
            return value if _port(value) != 0 else None


def _port(value: object) -> Value | None:
    """The port of an argument, None if it has none."""
    match value:
        case ValueList(items=(_, port, int())):
            return port
        case int():
            return value
        case _:
            return None


def _finding(alone: _Opener, openers: list[_Opener]) -> Diagnostic:
    count = sum(opener.count for opener in openers)
    most = "up to " if any(opener.role.auto for opener in openers) else ""
    shared = any(rule.name == _SHARED for rule in alone.io.kind.settings)
    other = "start it once: give it a role with `shards 1`, or other addresses"
    return Diagnostic(
        "E0716",
        alone.io.span,
        f"`{alone.io.name}` of `{alone.isolate.name}` stands where {most}{count} sockets want to",
        label="has its address for itself",
        notes=tuple(note for opener in openers for note in _notes(opener)),
        help=f"add `{_SHARED};` to its settings" if shared else other,
    )


def _notes(opener: _Opener) -> Iterator[Note]:
    role = opener.role
    times = f", on {role.shards} shards of role `{role.name}`" if role.shards > 1 else ""
    many = (
        f"`{opener.child.name}` is {opener.child.count} children" if opener.child.count > 1 else ""
    )
    yield Note(f"{many or f'`{opener.child.name}` starts one'}{times}", opener.child.span)
