# SPDX-License-Identifier: Apache-2.0
"""Supervision trees, systems and scenarios of a random program."""

from __future__ import annotations

from drawn import Child, Draw, Isolate, Protocol
from drawn_types import enum, quantity, scalar

_RESTARTS = ("permanent", "transient", "temporary")
_STRATEGIES = ("one_for_one", "one_for_all", "rest_for_one")


def place(draw: Draw, isolate: Isolate, supervisor: str) -> None:
    """Decides where a static child stands and what it is given."""
    many = isolate.sort in ("plain", "machine") and isolate.slots > 1 and draw.some()
    isolate.child = Child(draw.snake(), supervisor, 2 if many else 1)
    if draw.some(0.4):
        values = ["shard.index", "shard.count", *(["child.index"] if many else [])]
        isolate.init.append((draw.snake(), "u32", draw.random.choice(values)))


def argument(draw: Draw, isolate: Isolate) -> None:
    """An argument of `init`, with the value that a child gives it."""
    kind, value = draw.random.choice([scalar, quantity, enum])(draw)
    isolate.init.append((draw.snake(), kind, value))


def _child(draw: Draw, isolate: Isolate, ends: bool) -> str:
    """A static child; `ends` if its supervisor ends with it."""
    assert isolate.child is not None
    values = ", ".join(f"{name} = {value}" for name, _, value in isolate.init)
    arguments = f"({values}{',' if values and draw.some(0.1) else ''})"
    arguments = "" if not values and draw.some() else arguments
    stop = draw.random.choice(["", " shutdown 250ms", " brutal"])
    restart = draw.random.choice(_RESTARTS[1:] if ends else _RESTARTS)
    many = f" * {isolate.child.count}" if isolate.child.count > 1 else ""
    end = f"{many} {restart}{stop}{' significant' if ends else ''};\n"
    return f"  child {isolate.child.name} : {isolate.name}{arguments}{end}"


def _supervisor(draw: Draw, name: str, members: list[str], dynamic: bool = False) -> str:
    draw.random.shuffle(members)
    strategy = "one_for_one" if dynamic else draw.random.choice(_STRATEGIES)
    limit = draw.random.choice([" else quarantine", " else abort", " else escalate", ""])
    lines = [f"  strategy {strategy};\n", f"  restarts 3 in 1min{limit};\n"]
    lines += ["  backoff 10ms..2s;\n"] if draw.some(0.3) else []
    if any("significant" in member for member in members):
        lines.append(f"  auto_shutdown {draw.random.choice(['any', 'all'])};\n")
    return f"{draw.comment()}supervisor {name} {{\n{''.join(lines + members)}}}\n"


class Trees:
    """The supervisors: a root for each role, a group of guests, and sometimes one more."""

    def __init__(self, draw: Draw) -> None:
        """Places every isolate; what they are given is known from here on."""
        self.draw = draw
        own = [i for i in draw.isolates if not i.dynamic and i.role == "main"]
        self.below = own[:1] if len(own) > 1 and draw.some() else []
        self.own = [isolate for isolate in own if isolate not in self.below]
        self.more: list[str] = []  # children of the root without arguments
        self.side = [isolate for isolate in draw.isolates if isolate.role == "side"]
        for isolates, name in ((self.below, "Below"), (self.own, "Root"), (self.side, "Side")):
            for isolate in isolates:
                place(draw, isolate, name)

    def text(self) -> list[str]:
        """All of them."""
        draw, found, members = self.draw, [], []
        stop = draw.random.choice(["", " shutdown 250ms", " brutal"])
        guests = [isolate for isolate in draw.isolates if isolate.dynamic]
        groups = [f"  dynamic {guest.name} max 1 temporary{stop};\n" for guest in guests]
        if groups:
            found.append(_supervisor(draw, "Guests", groups, dynamic=True))
            members.append("  child guests : Guests permanent shutdown 2s;\n")
        if self.below:
            inner = [_child(draw, isolate, draw.some()) for isolate in self.below]
            found.append(_supervisor(draw, "Below", inner))
            members.append("  child below : Below transient;\n")
        members += [_child(draw, isolate, False) for isolate in self.own]
        members += [f"  child {child} permanent;\n" for child in self.more]
        found.append(_supervisor(draw, "Root", members))
        side = [_child(draw, isolate, False) for isolate in self.side]
        return [*found, *([_supervisor(draw, "Side", side)] if side else [])]


def system(draw: Draw, routes: dict[str, tuple[Protocol, Isolate]], alone: bool) -> str:
    """The system that runs it all, with the routes that are used; `alone` asks for one shard."""
    several = any(isolate.role == "side" for isolate in draw.isolates)
    numbered = draw.some(0.4)
    shards = draw.random.choice(["shards 1", "shards 4", "shards auto max 8"])
    if numbered:
        shards = draw.random.choice(["shard 0", "shard 0..2"])
    if alone:
        shards = draw.random.choice(["shard 0", "shards 1"])
    settings = "tick 1ms; receive_buffers 64 x §PAGE; memory <= 256MiB;"
    settings += " blobs 8 x 64B; blobs 4 x §PAGE;" if draw.moved or draw.some(0.2) else ""
    settings += " spin 20us;" if draw.some(0.3) else ""
    settings += " core 1;" if draw.some(0.3) and shards in ("shards 1", "shard 0") else ""
    lines = ["  memory_fault isolate;\n  handler_slow 50ms;\n"] if draw.some(0.3) else []
    lines.append(f"  {shards} as main {{ {settings} root Root; }}\n")
    roles = ["main"]
    if several:
        roles.append("side")
        fault = draw.random.choice(["", " memory_fault shard; handler_limit 2s;"])
        lines.append(f"  shards 2 as side {{ tick 1ms;{fault} memory <= 256MiB; root Side; }}\n")
    if several or routes or draw.some():
        lines += [f"  channel {a} -> {b} capacity 128;\n" for a in roles for b in roles]
    for protocol, isolate in routes.values():
        assert isolate.child is not None
        path = f"{isolate.role}.{isolate.child.supervisor}.{isolate.child.name}"
        many = f" * {isolate.child.count}" if isolate.child.count > 1 else ""
        lines.append(f"  route {protocol.name} by hash(key) over {path}{many};\n")
    return f"system Whole {{\n{''.join(lines)}}}\n"


_FAULTS = (
    *("io_error 1/1000;", "io_delay 0ms..20ms;", "io_delay 3ms;", "accept_error 1/100;"),
    *("reset 0.5;", "short_read 3/4;", "short_write 0;"),
)
_PROPERTIES = ("always", "sometimes", "eventually within 5s")


def scenarios(draw: Draw) -> list[str]:
    """Sometimes faults, properties and a scenario that uses them."""
    if draw.some(0.6):
        return []
    faults = draw.random.sample(_FAULTS, draw.random.randint(1, 3))
    struck = draw.random.choice(draw.isolates)
    lines = [line for line in faults if line.split()[0] != "io_delay"]
    lines += [line for line in faults if line.split()[0] == "io_delay"][:1]
    lines.append(f"crash {struck.name} 1/50;")
    parts = [f"faults Weather {{ {' '.join(lines)} }}\n"]
    names = [draw.snake() for _ in range(draw.random.randint(0, 3))]
    for name in names:
        parts.append(f"{draw.comment()}property {name} : {draw.random.choice(_PROPERTIES)};\n")
    expected = ", ".join(["quiescent", "no_leak", *names])
    strikes = "  with Weather;\n" if draw.some(0.8) else ""
    parts.append(
        f'scenario "drawn" {{\n  node one : Whole;\n{strikes}  seeds 1..4;\n  time 1s;\n'
        f"  expect {expected};\n}}\n"
    )
    return parts
