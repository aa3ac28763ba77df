# SPDX-License-Identifier: Apache-2.0
"""What a random program is drawn from: the source of chance, the names that are taken, and what has
been declared so far.

A name that may be declared in another file begins with `§`; the program decides at its end what
stands there, nothing or the short name of the import.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

_WORDS = (
    *("Job", "Order", "HTTPConn", "Tally", "Lamp", "Meter", "Ledger", "Reply", "Courier", "Node"),
    *("AVeryLongNameThatBreaks", "AnotherNameWithManyWords"),
)
_SMALL = ("left", "sum", "at", "weight", "colour", "a_field_with_a_long_name", "x", "count")
TIMES = ("1ms", "20ms", "3s", "1min", "§REST")


@dataclass
class Message:
    """A declared message."""

    name: str
    fields: list[str] = field(default_factory=list)


@dataclass
class Protocol:
    """A protocol by the names of its members, `P.C`; `routed` says that all take a `key`."""

    name: str
    calls: list[str] = field(default_factory=list)
    casts: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    routed: bool = False


@dataclass
class Child:
    """Where a static child stands."""

    name: str
    supervisor: str
    count: int


@dataclass
class Isolate:
    """An isolate under construction. `accepts` is what others send to it, `serves` are calls."""

    name: str
    sort: str  # plain, machine, listener, stream or guest; the last two are dynamic
    role: str = "main"
    slots: int = 1
    accepts: list[str] = field(default_factory=list)
    serves: list[str] = field(default_factory=list)
    implements: list[Protocol] = field(default_factory=list)
    subscribes: list[Protocol] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)  # sends, calls, spawns, monitors
    init: list[tuple[str, str, str]] = field(default_factory=list)  # name, type, value of a child
    lines: list[str] = field(default_factory=list)
    own: list[list[str]] = field(default_factory=list)  # results; a group is listed together
    sent: list[tuple[str, str]] = field(default_factory=list)
    calling: set[str] = field(default_factory=set)  # the calls whose ends are in `own`
    child: Child | None = None
    later: bool = False  # it takes calls `later`
    keeps: bool = False  # it may keep buffers and blobs

    @property
    def dynamic(self) -> bool:
        """Whether it is spawned."""
        return self.sort in ("stream", "guest")

    def accept(self, name: str) -> None:
        """Something that others send to it, once."""
        if name not in self.accepts:
            self.accepts.append(name)

    def say(self, line: str) -> None:
        """A relation, once."""
        if line not in self.relations:
            self.relations.append(line)

    def send(self, messages: list[str], where: str) -> None:
        """`sends`, each message once to each target."""
        local = "local " if where.startswith("local ") else ""
        for target in where.removeprefix("local ").split(", "):
            new = [name for name in messages if (name, target) not in self.sent]
            self.sent += [(name, target) for name in new]
            if new:
                self.relations.append(f"sends {', '.join(new)} to {local}{target};")


class Draw:
    """One program: its declarations and the names that are taken."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.taken = 0
        self.shared = self.some(0.4)  # values, types, messages and protocols are another file
        self.enums: list[tuple[str, list[str]]] = []
        self.flags: list[tuple[str, list[str]]] = []
        self.types: list[tuple[str, str]] = []  # structs, unions and aliases, with a value or ""
        self.messages: list[Message] = []
        self.moved: list[str] = []  # messages with a buffer or a blob
        self.protocols: list[Protocol] = []
        self.isolates: list[Isolate] = []

    def some(self, chance: float = 0.5) -> bool:
        """True that often."""
        return self.random.random() < chance

    def pascal(self, short: bool = False) -> str:
        """A new name of a type, message, state or isolate."""
        self.taken += 1
        return f"{self.random.choice(_WORDS[:-2] if short else _WORDS)}{self.taken}"

    def snake(self) -> str:
        """A new name of a field, timer or I/O object."""
        self.taken += 1
        return f"{self.random.choice(_SMALL)}_{self.taken}"

    def time(self) -> str:
        """A duration that no tick is coarser than."""
        return self.random.choice(TIMES)

    def comment(self, pad: str = "") -> str:
        """Sometimes a documentation comment."""
        if self.some(0.8):
            return ""
        words = self.random.choice(["Says why.", "A sentence that goes on " * 6 + "and ends."])
        return f"{pad}/// {words}\n"

    def allow(self, pad: str) -> str:
        """Sometimes a finding is waived, also one that is not there."""
        if self.some(0.9):
            return ""
        code = self.random.choice(["W0320", "W0321", "W0363", "W0505"])
        return f'{pad}allow {code} "drawn";\n'
