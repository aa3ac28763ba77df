# SPDX-License-Identifier: Apache-2.0
"""Packages and the model as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from tina_gen.frozen import dataclass
from tina_gen.model.isolates import Isolate
from tina_gen.model.simulation import FaultSet, Property, Scenario
from tina_gen.model.systems import Supervisor, System
from tina_gen.model.types import Alias, Enumeration, Kind, Struct, Union
from tina_gen.model.values import Config, Constant, Message, Protocol
from tina_gen.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Import:
    """`import "tina/net.tina" as net;`. `alias` is the last part of the package if unstated."""

    path: str
    alias: str
    package: str
    span: Span


@dataclass(frozen=True, slots=True)
class Package:
    """One file. A standard one (`file.standard`) is implemented by the runtime's own headers."""

    name: str
    edition: int
    file: SourceFile
    doc: str
    imports: tuple[Import, ...]
    constants: tuple[Constant, ...]
    configs: tuple[Config, ...]
    enums: tuple[Enumeration, ...]
    structs: tuple[Struct, ...]
    unions: tuple[Union, ...]
    aliases: tuple[Alias, ...]
    messages: tuple[Message, ...]
    protocols: tuple[Protocol, ...]
    kinds: tuple[Kind, ...]
    isolates: tuple[Isolate, ...]
    supervisors: tuple[Supervisor, ...]
    systems: tuple[System, ...]
    faults: tuple[FaultSet, ...]
    properties: tuple[Property, ...]
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A whole spec: `root` is the file asked for; `packages` are all files in import order,
    imported ones first, `root` last."""

    root: Package
    packages: tuple[Package, ...]
    _isolates: dict[str, Isolate] = field(init=False, repr=False, compare=False)
    _protocols: dict[str, Protocol] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        isolates = {i.qualified: i for p in self.packages for i in p.isolates}
        protocols = {x.qualified: x for p in self.packages for x in p.protocols}
        object.__setattr__(self, "_isolates", isolates)
        object.__setattr__(self, "_protocols", protocols)

    @property
    def isolates(self) -> tuple[Isolate, ...]:
        """All isolates, by index."""
        return tuple(self._isolates.values())

    @property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """All supervisors, by index."""
        return tuple(s for p in self.packages for s in p.supervisors)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages and the members of all protocols."""
        declared = (m for p in self.packages for m in p.messages)
        return (*declared, *(m for p in self.protocols for m in p.members))

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """All protocols, by index."""
        return tuple(self._protocols.values())

    @property
    def systems(self) -> tuple[System, ...]:
        """All systems, by index."""
        return tuple(s for p in self.packages for s in p.systems)

    def isolate(self, qualified: str) -> Isolate:
        """Looks an isolate up; KeyError if the name is not one (a bug, never the user's fault)."""
        return self._isolates[qualified]

    def protocol(self, qualified: str) -> Protocol:
        """Looks a protocol up; KeyError if the name is not one."""
        return self._protocols[qualified]

    def implementers(self, protocol: str) -> tuple[Isolate, ...]:
        """The isolates that implement a protocol, by index."""
        return tuple(i for i in self.isolates if protocol in i.implements)

    def subscribers(self, protocol: str) -> tuple[Isolate, ...]:
        """The isolates that subscribe a protocol, by index."""
        return tuple(i for i in self.isolates if protocol in i.subscribes)

    def below(self, root: str) -> Iterator[Supervisor]:
        """A supervisor and all below it, in start order, each once: also ends in a broken tree."""
        known = {supervisor.qualified: supervisor for supervisor in self.supervisors}
        waiting = [root]
        while waiting:
            supervisor = known.pop(waiting.pop(), None)
            if supervisor is None:
                continue
            yield supervisor
            waiting += [nested.supervisor for nested in reversed(supervisor.nested)]

    def supervisor(self, qualified: str) -> Supervisor:
        """Looks a supervisor up; KeyError if the name is not one."""
        for supervisor in self.supervisors:
            if supervisor.qualified == qualified:
                return supervisor
        raise KeyError(qualified)
