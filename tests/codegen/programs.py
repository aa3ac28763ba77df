# SPDX-License-Identifier: Apache-2.0
"""Random programs that are right: whole specs with isolates, messages, machines, timers, I/O, a
supervision tree and a system, from one random number each.

A new construct joins by a row: field types in `FIELDS`, values in `DECLARATIONS`, items of an
isolate in `ITEMS`, clauses of a machine in `_Machine`. What is drawn must pass every check of the
generator; the tests that use it say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

HEAD = """\
tina 1;
package drawn;
import "tina/net.tina" as net;
import "tina/sys.tina" as sys;
"""
_WORDS = (
    *("Job", "Order", "HTTPConn", "Tally", "Lamp", "Meter", "Ledger", "Reply", "Courier", "Node"),
    *("AVeryLongNameThatBreaks", "AnotherNameWithManyWords"),
)
_SMALL = ("left", "sum", "at", "weight", "colour", "a_field_with_a_long_name", "x", "count")
_SCALARS = ("bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64")
_TIMES = ("1ms", "20ms", "3s", "1min", "REST")


@dataclass
class Message:
    """A declared message."""

    name: str
    fields: list[str] = field(default_factory=list)


@dataclass
class Isolate:
    """An isolate under construction. `accepts` is what others send to it."""

    name: str
    sort: str  # plain, machine, listener, stream
    role: str = "main"
    slots: int = 1
    accepts: list[str] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)
    spawns: list[str] = field(default_factory=list)
    init: list[tuple[str, str, str]] = field(default_factory=list)  # name, type, value of a child
    lines: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # timers and completions, to be listed


class Draw:
    """One program: its declarations and the names that are taken."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.taken = 0
        self.enums: list[tuple[str, list[str]]] = []
        self.messages: list[Message] = []
        self.isolates: list[Isolate] = []

    def some(self, chance: float = 0.5) -> bool:
        """True that often."""
        return self.random.random() < chance

    def pascal(self) -> str:
        """A new name of a type, message, state or isolate."""
        self.taken += 1
        return f"{self.random.choice(_WORDS)}{self.taken}"

    def snake(self) -> str:
        """A new name of a field, timer or I/O object."""
        self.taken += 1
        return f"{self.random.choice(_SMALL)}_{self.taken}"

    def comment(self, pad: str = "") -> str:
        """Sometimes a documentation comment."""
        if self.some(0.8):
            return ""
        words = self.random.choice(["Says why.", "A sentence that goes on " * 6 + "and ends."])
        return f"{pad}/// {words}\n"


# ---- values and types: what a field may be, and values of constants ----


def _scalar(draw: Draw) -> tuple[str, str]:
    kind = draw.random.choice(_SCALARS)
    value = {"bool": "true", "f32": "0.5", "f64": "RATIO"}.get(kind, "7")
    return kind, f"-{value}" if kind[0] == "i" and draw.some() else value


def _quantity(draw: Draw) -> tuple[str, str]:
    return draw.random.choice([("duration", "REST"), ("duration", "20ms"), ("size", "2 * PAGE")])


def _instant(draw: Draw) -> tuple[str, str]:
    return "instant", ""


def _enum(draw: Draw) -> tuple[str, str]:
    if not draw.enums:
        return "u8", "1"
    name, values = draw.random.choice(draw.enums)
    return name, f"{name}.{draw.random.choice(values)}"


def _ref(draw: Draw) -> tuple[str, str]:
    if not draw.isolates:
        return "u64", "LIMIT"
    return f"ref<{draw.random.choice(draw.isolates).name}>", ""


# Each gives a type and a default for it, or nothing if it can have none.
FIELDS: list[Callable[[Draw], tuple[str, str]]] = [
    _scalar,
    _scalar,
    _quantity,
    _instant,
    _enum,
    _ref,
]


def _declare_enum(draw: Draw) -> str:
    name = draw.pascal()
    values = [f"V{n}" for n in range(draw.random.randint(1, 4))]
    start = draw.random.choice(["", " = 1", " = 0x10"])
    lines = [f"  {v}{start if n == 0 else ''};" for n, v in enumerate(values)]
    draw.enums.append((name, values))
    kind = draw.random.choice(["u8", "u16", "i32"])
    return f"enum {name} : {kind} {{\n" + "\n".join(lines) + "\n}\n"


def _declare_constants(draw: Draw) -> str:
    return (
        "const LIMIT : u32 = 70_000;\nconst REST : duration = 1500ms;\n"
        "const RATIO : f64 = 0.5;\nconst PAGE : size = 4KiB;\n"
        "config port : u16 = 8080;\n" + draw.comment() + "config delay : duration = 2s;\n"
    )


# Written in this order behind the head, each as often as it says.
DECLARATIONS: list[tuple[int, Callable[[Draw], str]]] = [
    (1, _declare_constants),
    (2, _declare_enum),
]


def _fields(draw: Draw) -> list[str]:
    found = []
    for _ in range(draw.random.randint(0, 6)):
        kind, default = draw.random.choice(FIELDS)(draw)
        value = f" = {default}" if default and draw.some(0.3) else ""
        found.append(f"{draw.comment('  ')}  {draw.snake()}: {kind}{value};\n")
    return found


# ---- items of an isolate ----


def _timer(draw: Draw, isolate: Isolate) -> None:
    name = draw.snake()
    every = f" every {draw.random.choice(_TIMES)}" if draw.some() else ""
    isolate.lines.append(f"timer {name}{every};")
    isolate.own.append(name)


def _argument(draw: Draw, isolate: Isolate) -> None:
    kind, value = draw.random.choice([_scalar, _quantity, _enum])(draw)
    isolate.init.append((draw.snake(), kind, value))


# Each is drawn up to twice.
ITEMS: list[Callable[[Draw, Isolate], None]] = [_timer, _argument]


def _io(draw: Draw, isolate: Isolate) -> None:
    name = draw.snake()
    if isolate.sort == "listener":
        argument = draw.snake()
        isolate.init.append((argument, "u16", "port"))
        settings = draw.random.choice([";", " { reuse_port; backlog 64; }"])
        isolate.lines.append(f"io {name} : net.tcp_listener = {argument}{settings}")
        isolate.own.append(f"{name}.Accepted")
    if isolate.sort == "stream":
        argument = draw.snake()
        isolate.init.append((argument, "net.tcp_stream", ""))
        isolate.lines.append(f"io {name} : net.tcp_stream = {argument};")
        isolate.own += [f"{name}.{end}" for end in ("Received", "Sent", "Finished")]


# ---- machines ----


class _Machine:
    """The states of one isolate. Every state leads on to the next one, so all can be reached and
    left; what others send is covered at the top or in each state."""

    def __init__(self, draw: Draw, isolate: Isolate) -> None:
        self.draw = draw
        self.isolate = isolate
        self.states = [draw.pascal() for _ in range(draw.random.randint(1, 4))]
        self.final = draw.pascal() if draw.some() else ""
        self.shutdown = draw.some()
        own = isolate.own
        self.at_top = {m for m in [*isolate.accepts, *own] if draw.some(0.3)}
        self.left = set(own) - self.at_top  # to be listed in some state

    def targets(self, first: str) -> str:
        """`-> …` or `=> …`, leading to `first` too."""
        names = [first, *(s for s in self.everywhere() if s != first and self.draw.some(0.3))]
        self.draw.random.shuffle(names)
        if len(names) == 1 and self.draw.some():
            return f" => {first}" if first != "stay" else ""
        return " -> " + " | ".join(names)

    def everywhere(self) -> list[str]:
        return ["stay", *self.states, *([self.final] if self.final else [])]

    def text(self) -> str:
        lines = [f"    initial {self.states[0]};\n"]
        for name in sorted(self.at_top):
            lines.append(
                f"    on {name}{self.targets(self.draw.random.choice(self.everywhere()))};\n"
            )
        if self.shutdown:
            lines.append(
                f"    on sys.Shutdown{self.targets(self.draw.random.choice(self.states))};\n"
            )
        lines += self.nested([self.state(i, name) for i, name in enumerate(self.states)])
        if self.final:
            lines.append(f"    final state {self.final};\n")
        return "  machine {\n" + "".join(lines) + "  }\n"

    def nested(self, states: list[str]) -> list[str]:
        """Sometimes the last states below one of their own, and this below another."""
        for start in range(len(states) - 1, 0, -1):
            if not self.draw.some(0.3):
                continue
            inner = "".join(states[start:])
            name = self.draw.pascal()
            head = f"      initial {self.states[start]};\n"
            if self.draw.some():
                head += f"      after {self.draw.random.choice(_TIMES)} => {self.states[0]};\n"
            head += "      enter;\n" if self.draw.some(0.3) else ""
            body = "".join(f"  {line}\n" for line in inner.rstrip("\n").split("\n"))
            states = [*states[:start], f"    state {name} {{\n{head}{body}    }}\n"]
        return states

    def state(self, index: int, name: str) -> str:
        draw = self.draw
        following = self.states[(index + 1) % len(self.states)]
        way_out = self.final if self.final and index + 1 == len(self.states) else following
        lines = ["      enter;\n"] if draw.some(0.4) else []
        ends = way_out != name  # a state that only leads to itself may not make anybody wait
        deferred = ["sys.Shutdown"] if ends and self.shutdown and draw.some(0.2) else []
        for message in self.isolate.accepts:
            covered = message in self.at_top
            match draw.random.choice(["on", "ignore", "defer", "top" if covered else "on"]):
                case "on":
                    lines.append(f"      on {message}{self.targets(way_out)};\n")
                case "ignore":
                    lines.append(f"      ignore {message};\n")
                case "defer" if ends:
                    deferred.append(message)
                case "defer":
                    lines.append(f"      ignore {message};\n")
        if deferred:
            lines.append(f"      defer {', '.join(deferred)};\n")
        last = index + 1 == len(self.states)
        for own in sorted(self.isolate.own):
            if (own in self.left and (last or draw.some())) or draw.some(0.1):
                self.left.discard(own)
                lines.append(f"      on {own}{self.targets(way_out)};\n")
        draw.random.shuffle(lines)
        lines.append(f"      after {draw.random.choice(_TIMES)}{self.after(way_out)};\n")
        return f"{draw.comment('    ')}    state {name} {{\n{''.join(lines)}    }}\n"

    def after(self, way_out: str) -> str:
        if self.draw.some():
            return f" => {way_out}"
        others = [s for s in self.states if s != way_out and self.draw.some(0.3)]
        return " -> " + " | ".join([way_out, *others])


# ---- the whole ----


def _isolate(draw: Draw, isolate: Isolate) -> str:
    for item in ITEMS:
        for _ in range(draw.random.randint(0, 2)):
            item(draw, isolate)
    _io(draw, isolate)
    arguments = ", ".join(f"{name}: {kind}" for name, kind, _ in isolate.init)
    lines = [f"  init ({arguments});\n", *(f"  {line}\n" for line in isolate.lines)]
    lines += [f"  sends {line};\n" for line in isolate.sends]
    lines += [f"  spawns {name} under Guests;\n" for name in isolate.spawns]
    isolate.slots = draw.random.choice([1, 8, 100])
    mailbox = draw.random.choice([1, 4, 64])
    lines.append(f"  budget {{ slots {isolate.slots}; mailbox {mailbox}; state <= 64B; }}\n")
    if isolate.sort in ("machine", "stream"):
        lines.append(_Machine(draw, isolate).text())
    else:
        lines += [f"  {_clause(draw, name)}\n" for name in isolate.accepts]
        lines += [f"  on {name};\n" for name in isolate.own]
        lines += ["  on sys.Shutdown;\n"] if draw.some() else []
    return f"{draw.comment()}isolate {isolate.name} {{\n{''.join(lines)}}}\n"


def _clause(draw: Draw, message: str) -> str:
    return draw.random.choice([f"on {message};", f"on {message} -> stay;", f"ignore {message};"])


def _connect(draw: Draw) -> None:
    """Decides who sends what to whom and who spawns whom."""
    for message in draw.messages:
        for target in draw.random.sample(draw.isolates, draw.random.randint(0, 2)):
            sender = draw.random.choice(draw.isolates)
            local = "local " if draw.some(0.2) and sender.role == target.role else ""
            sender.sends.append(f"{message.name} to {local}{target.name}")
            target.accepts.append(message.name)
    for isolate in draw.isolates:
        if isolate.sort == "stream":
            parents = [other for other in draw.isolates if other.sort != "stream"]
            parents = [other for other in parents if other.role == "main"]
            draw.random.choice(parents).spawns.append(isolate.name)


_RESTARTS = ("permanent", "transient", "temporary")
_STRATEGIES = ("one_for_one", "one_for_all", "rest_for_one")


def _child(draw: Draw, isolate: Isolate, ends: bool) -> str:
    """A static child; `ends` if its supervisor ends with it."""
    values = ", ".join(f"{name} = {value}" for name, _, value in isolate.init)
    stop = draw.random.choice(["", " shutdown 250ms", " brutal"])
    restart = draw.random.choice(_RESTARTS[1:] if ends else _RESTARTS)
    many = " * 2" if isolate.sort == "plain" and isolate.slots > 1 and draw.some() else ""
    end = f"{many} {restart}{stop}{' significant' if ends else ''};\n"
    return f"  child {draw.snake()} : {isolate.name}({values}){end}"


def _supervisor(draw: Draw, name: str, members: list[str], dynamic: bool = False) -> str:
    draw.random.shuffle(members)
    strategy = "one_for_one" if dynamic else draw.random.choice(_STRATEGIES)
    limit = draw.random.choice([" else quarantine", " else abort", " else escalate", ""])
    lines = [f"  strategy {strategy};\n", f"  restarts 3 in 1min{limit};\n"]
    lines += ["  backoff 10ms..2s;\n"] if draw.some(0.3) else []
    if any("significant" in member for member in members):
        lines.append(f"  auto_shutdown {draw.random.choice(['any', 'all'])};\n")
    return f"{draw.comment()}supervisor {name} {{\n{''.join(lines + members)}}}\n"


def _trees(draw: Draw) -> list[str]:
    """The supervisors: a root for each role, groups of streams, and sometimes one more."""
    found, members = [], []
    streams = [isolate for isolate in draw.isolates if isolate.sort == "stream"]
    stop = draw.random.choice(["", " shutdown 250ms", " brutal"])
    groups = [f"  dynamic {stream.name} max 1 temporary{stop};\n" for stream in streams]
    if groups:
        found.append(_supervisor(draw, "Guests", groups, dynamic=True))
        members.append("  child guests : Guests permanent shutdown 2s;\n")
    own = [i for i in draw.isolates if i.sort != "stream" and i.role == "main"]
    below = own[:1] if len(own) > 1 and draw.some() else []
    if below:
        ends = draw.some()
        inner = [_child(draw, isolate, ends) for isolate in below]
        found.append(_supervisor(draw, "Below", inner))
        members.append("  child below : Below transient;\n")
    members += [_child(draw, isolate, False) for isolate in own if isolate not in below]
    found.append(_supervisor(draw, "Root", members))
    side = [_child(draw, isolate, False) for isolate in draw.isolates if isolate.role == "side"]
    return [*found, *([_supervisor(draw, "Side", side)] if side else [])]


def _system(draw: Draw) -> str:
    shards = draw.random.choice(["1", "4", "auto max 8"])
    settings = "tick 1ms; receive_buffers 64 x PAGE; memory <= 64MiB;"
    lines = [f"  shards {shards} as main {{ {settings} root Root; }}\n"]
    roles = ["main"]
    if any(isolate.role == "side" for isolate in draw.isolates):
        roles.append("side")
        fault = draw.random.choice(["", " memory_fault shard;"])
        lines.append(f"  shards 2 as side {{ tick 1ms;{fault} memory <= 64MiB; root Side; }}\n")
    if len(roles) > 1 or draw.some():
        lines += [f"  channel {a} -> {b} capacity 128;\n" for a in roles for b in roles]
    return f"system Whole {{\n{''.join(lines)}}}\n"


def program(random: Random) -> str:
    """The text of one right program."""
    draw = Draw(random)
    parts = [HEAD]
    for count, declare in DECLARATIONS:
        parts += [declare(draw) for _ in range(count)]
    sorts: Sequence[str] = ("plain", "machine", "machine", "listener", "stream")
    draw.isolates = [Isolate(draw.pascal(), "plain")]
    for _ in range(random.randint(1, 4)):
        draw.isolates.append(Isolate(draw.pascal(), random.choice(sorts)))
    if draw.some():
        draw.isolates.append(Isolate(draw.pascal(), random.choice(["plain", "machine"]), "side"))
    for _ in range(random.randint(1, 6)):
        draw.messages.append(Message(draw.pascal(), _fields(draw)))
    _connect(draw)
    for message in draw.messages:
        body = "".join(message.fields)
        inner = f"{{\n{body}}}" if body else "{}"
        parts.append(f"{draw.comment()}message {message.name} {inner}\n")
    parts += [_isolate(draw, isolate) for isolate in draw.isolates]
    parts += [*_trees(draw), _system(draw)]
    return "\n".join(parts)
