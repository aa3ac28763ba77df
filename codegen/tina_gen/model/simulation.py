# SPDX-License-Identifier: Apache-2.0
"""Faults, scenarios and properties of the resolved model: what a simulated run does and expects."""

from __future__ import annotations

from enum import Enum

from tina_gen.frozen import dataclass
from tina_gen.source import Span


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many, in lowest terms: 0/1 is never, 1/1 always."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Delay:
    """A time between two bounds, both included."""

    low_ns: int
    high_ns: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of `faults`: what goes wrong, and how often or for how long. `isolate` (qualified)
    is whom it strikes, None for a fault of the machine."""

    index: int
    name: str  # one of FAULTS
    isolate: str | None
    measure: Ratio | Delay
    span: Span


@dataclass(frozen=True, slots=True)
class FaultSet:
    """`faults F { … }`."""

    index: int
    package: str
    name: str
    faults: tuple[Fault, ...]
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.package}.{self.name}"


class Quantifier(Enum):
    """When the predicate of a property must hold."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    EVENTUALLY = "eventually"


@dataclass(frozen=True, slots=True)
class Property:
    """`property name : always | sometimes | eventually within D;`. `within_ns` belongs to
    `eventually`; the predicate is a C++ function of the same name."""

    index: int
    package: str
    name: str
    quantifier: Quantifier
    within_ns: int | None
    doc: str
    span: Span

    @property
    def qualified(self) -> str:
        """`package.name`."""
        return f"{self.package}.{self.name}"


@dataclass(frozen=True, slots=True)
class Node:
    """`node name : System;`, one machine of a scenario."""

    index: int
    name: str
    system: str  # qualified
    span: Span


@dataclass(frozen=True, slots=True)
class Scenario:
    """`scenario "…" { … }`. Seeds run from the first to the last, both included. What it expects:
    that the run comes to rest, that nothing is leaked, and properties by qualified name."""

    index: int
    package: str
    name: str
    nodes: tuple[Node, ...]
    faults: tuple[str, ...]  # qualified fault sets
    first_seed: int
    last_seed: int
    time_ns: int
    quiescent: bool
    no_leak: bool
    properties: tuple[str, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class FaultRule:
    """What a fault of this name is measured in, and whether it names an isolate."""

    measure: type[Ratio] | type[Delay]
    strikes_isolate: bool
    example: str


# Every fault by name. The simulator's list is FaultKind in runtime/include/tina/scenario.h.
FAULTS: dict[str, FaultRule] = {
    "io_error": FaultRule(Ratio, False, "io_error 1/1000;"),
    "io_delay": FaultRule(Delay, False, "io_delay 0ms..20ms;"),
    "accept_error": FaultRule(Ratio, False, "accept_error 1/100;"),
    "connect_error": FaultRule(Ratio, False, "connect_error 1/100;"),
    "resolve_error": FaultRule(Ratio, False, "resolve_error 1/50;"),
    "resolve_change": FaultRule(Ratio, False, "resolve_change 1/4;"),
    "datagram_loss": FaultRule(Ratio, False, "datagram_loss 1/50;"),
    "datagram_twice": FaultRule(Ratio, False, "datagram_twice 1/50;"),
    "datagram_late": FaultRule(Ratio, False, "datagram_late 1/50;"),
    "disk_full": FaultRule(Ratio, False, "disk_full 1/100;"),
    "power_loss": FaultRule(Ratio, False, "power_loss 1/1000;"),
    "reset": FaultRule(Ratio, False, "reset 1/50;"),
    "short_read": FaultRule(Ratio, False, "short_read 1/4;"),
    "short_write": FaultRule(Ratio, False, "short_write 1/4;"),
    "crash": FaultRule(Ratio, True, "crash Isolate 1/5000;"),
}

# What a scenario may expect beside properties.
EXPECTED = ("quiescent", "no_leak")
