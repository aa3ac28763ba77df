# SPDX-License-Identifier: Apache-2.0
"""Random programs that are right: whole specs with every construct of the language, from one random
number each. A test compares what is drawn with the grammar, production by production.

A new construct joins by a row: types and declarations in `drawn_types.py`, items of an isolate in
`ITEMS`, clauses in `drawn_machines.py`, trees and systems in `drawn_trees.py`. What is drawn must
pass every check of the generator; the tests that use it say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import drawn_trees
import drawn_types
from drawn import Draw, Isolate, Protocol
from drawn_machines import Machine, without_machine

SHARED = "parts/shared.tina"
_NET, _SYS = 'import "tina/net.tina"', 'import "tina/sys.tina"'


@dataclass(frozen=True)
class Program:
    """A spec, and the files that it imports by their paths."""

    text: str
    others: dict[str, str] = field(default_factory=dict)


# ---- items of an isolate ----


def _timer(draw: Draw, isolate: Isolate) -> None:
    name = draw.snake()
    every = f" every {draw.time()}" if draw.some() else ""
    isolate.lines.append(f"timer {name}{every};")
    isolate.own.append([name])


def _yield(draw: Draw, isolate: Isolate) -> None:
    if draw.some(0.3) and ["sys.Yielded"] not in isolate.own:
        isolate.own.append(["sys.Yielded"])


# Each is drawn up to twice.
ITEMS: list[Callable[[Draw, Isolate], None]] = [_timer, _yield]


def _io(draw: Draw, isolate: Isolate) -> None:
    name = draw.snake()
    if isolate.sort == "listener":
        argument = draw.snake()
        isolate.init.append((argument, "u16", "port"))
        settings = draw.random.choice([" { reuse_port; }", " { reuse_port; backlog 64; }"])
        isolate.lines.append(f"io {name} : net.tcp_listener = {argument}{settings}")
        isolate.own.append([f"{name}.Accepted"])
    if isolate.sort == "stream":
        argument = draw.snake()
        isolate.init.append((argument, "net.tcp_stream", ""))
        isolate.lines.append(f"io {name} : net.tcp_stream = {argument};")
        isolate.own += [[f"{name}.{end}"] for end in ("Received", "Sent", "Finished")]


# ---- who has to do with whom ----


class Relations:
    """Decides who serves, hears, sends, calls, spawns and watches."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.routes: dict[str, tuple[Protocol, Isolate]] = {}

    def decide(self) -> None:
        """All of it. Calls lead only to protocols that are declared further on, so no circle."""
        draw = self.draw
        servers = [self._servers(protocol) for protocol in draw.protocols]
        for number, protocol in enumerate(draw.protocols):
            self._callers(protocol, servers[number], draw.protocols[number:])
            self._hearers(protocol, servers[number])
        for message in draw.messages:
            sender = draw.random.choice(draw.isolates)
            for target in draw.random.sample(draw.isolates, draw.random.randint(0, 2)):
                sender = draw.random.choice([sender, *draw.isolates])
                target.accept(message.name)
                sender.send([message.name], self._target(sender, target))
        for name in draw.moved:
            sender, target = draw.random.choices(
                [i for i in draw.isolates if i.role == "main"], k=2
            )
            sender.send([name], f"local {target.name}")
            target.accept(name)
            target.keeps = True
        self._spawns()
        self._monitors()

    def _servers(self, protocol: Protocol) -> list[Isolate]:
        most = min(len(self.draw.isolates), self.draw.random.randint(1, 2))
        servers = self.draw.random.sample(self.draw.isolates, most)
        for server in servers:
            server.implements.append(protocol)
            server.serves += protocol.calls
            for cast in protocol.casts:
                server.accept(cast)
        return servers

    def _target(self, sender: Isolate, target: Isolate) -> str:
        """The isolate's type or, for a static child, sometimes its path."""
        draw = self.draw
        here = sender.role == target.role
        local = "local " if draw.some(0.2) and here else ""
        if target.child is not None and draw.some(0.4):
            return f"{local}{target.child.supervisor}.{target.child.name}"
        return local + target.name

    def _callers(
        self, protocol: Protocol, servers: list[Isolate], following: list[Protocol]
    ) -> None:
        draw = self.draw
        free = [i for i in draw.isolates if all(one not in following for one in i.implements)]
        for caller in draw.random.sample(free, min(len(free), draw.random.randint(1, 2))):
            for call in draw.random.sample(protocol.calls, draw.random.randint(1, 2) - 1 or 1):
                where = self._served(caller, protocol, servers)
                caller.say(f"calls {call} to {where.removeprefix('local ')};")
                if call not in caller.calling:
                    caller.calling.add(call)
                    ends = ["reply", "failed"] if draw.some() else ["reply", "timeout", "rejected"]
                    caller.own.append([f"{call}.{end}" for end in ends])
            if protocol.casts:
                where = self._served(caller, protocol, servers)
                caller.send(protocol.casts, where)

    def _served(self, caller: Isolate, protocol: Protocol, servers: list[Isolate]) -> str:
        """By type, by path, by protocol or by route."""
        draw = self.draw
        server = draw.random.choice(servers)
        way = draw.random.choice(["isolate", "protocol", "route"])
        static = server.child is not None
        if way == "route" and protocol.routed and static:
            server = self.routes.setdefault(protocol.name, (protocol, server))[1]
            return f"route {protocol.name}"
        return protocol.name if way == "protocol" else self._target(caller, server)

    def _hearers(self, protocol: Protocol, servers: list[Isolate]) -> None:
        draw = self.draw
        if not protocol.events:
            return
        for hearer in draw.random.sample(draw.isolates, draw.random.randint(0, 2)):
            hearer.subscribes.append(protocol)
            for event in protocol.events:
                hearer.accept(event)
            where = protocol.name if draw.some() else hearer.name
            sender = draw.random.choice(servers)
            sender.send(protocol.events, where)

    def _spawns(self) -> None:
        draw = self.draw
        for isolate in draw.isolates:
            if isolate.dynamic:
                parents = [one for one in draw.isolates if not one.dynamic and one.role == "main"]
                draw.random.choice(parents).say(f"spawns {isolate.name} under Guests;")

    def _monitors(self) -> None:
        draw = self.draw
        for watcher in draw.isolates:
            if draw.some(0.3):
                watched = draw.random.sample(draw.isolates, draw.random.randint(1, 2))
                names = list(dict.fromkeys(isolate.name for isolate in watched))
                watcher.say(f"monitors {', '.join(names)};")
                watcher.accept("sys.Down")


# ---- the whole ----


def _names(word: str, protocols: list[Protocol]) -> str:
    names = list(dict.fromkeys(protocol.name for protocol in protocols))
    return f" {word} {', '.join(names)}" if names else ""


def _merged(lines: list[str]) -> list[str]:
    """The same messages to several targets as one line."""
    merged: dict[str, list[str]] = {}
    for line in lines:
        what, _, where = line.removesuffix(";").partition(" to ")
        plain = what.startswith("sends") and not where.startswith("local ")
        merged.setdefault(what if plain else line, []).append(where)
    return [
        f"{what} to {', '.join(where)};" if not what.endswith(";") else what
        for what, where in merged.items()
    ]


def _isolate(draw: Draw, isolate: Isolate) -> str:
    arguments = ", ".join(f"{name}: {kind}" for name, kind, _ in isolate.init)
    lines = [f"  init ({arguments});\n"] if arguments or draw.some() else []
    relations = _merged(isolate.relations) if draw.some() else isolate.relations
    lines += [f"  {line}\n" for line in [*isolate.lines, *relations]]
    if isolate.sort in ("plain", "listener"):
        clauses = without_machine(draw, isolate)
    else:
        clauses = [Machine(draw, isolate).text()]
    mailbox = draw.random.choice([1, 4, 64])
    budget = f"slots {isolate.slots}; mailbox {mailbox}; state <= 64B;"
    budget += " calls 4;" if isolate.calling and draw.some() else ""
    budget += " open 3;" if isolate.later and draw.some() else ""
    watches = any(line.startswith("monitors") for line in isolate.relations)
    budget += " monitors 5;" if watches else ""
    budget += " scratch 500B;" if draw.some(0.2) else ""
    budget += " buffers 2;" if isolate.keeps and draw.some() else ""
    budget += f" weight {draw.random.choice([1, 3, 65536])};" if draw.some() else ""
    lines.append(f"  budget {{ {budget} }}\n")
    head = _names("implements", isolate.implements) + _names("subscribes", isolate.subscribes)
    body = "".join([*lines, *clauses])
    return f"{draw.comment()}isolate {isolate.name}{head} {{\n{body}}}\n"


def _isolates(draw: Draw) -> None:
    """Names the isolates, and says what each of them is."""
    random = draw.random
    sorts: Sequence[str] = ("plain", "machine", "machine", "listener", "stream", "guest")
    draw.isolates = [Isolate(draw.pascal(), "plain")]
    for _ in range(random.randint(1, 4)):
        draw.isolates.append(Isolate(draw.pascal(), random.choice(sorts)))
    if draw.some():
        draw.isolates.append(Isolate(draw.pascal(), random.choice(["plain", "machine"]), "side"))
    for isolate in draw.isolates:
        isolate.slots = random.choice([1, 8, 100])


def _vault(draw: Draw) -> list[str]:
    """Sometimes a server whose mailbox takes nothing but one call, so that it is never shed."""
    if draw.some(0.7):
        return []
    where = draw.random.choice(["Strongbox", "Root.strongbox"])
    budget = "budget { slots 1; mailbox 16; state <= 8B; }"
    waits = draw.random.choice(
        ["on Vault.Open.reply, Vault.Open.failed;", "machine { initial A0; state A0 { enter; on"]
    )
    if waits.endswith("on"):
        waits += " Vault.Open.reply -> stay | A0; on Vault.Open.timeout, Vault.Open.rejected; } }"
    return [
        "protocol Vault { call Open () -> (gold: u64) timeout 1s; }\n",
        f"isolate Strongbox implements Vault {{ {budget} on Vault.Open; }}\n",
        f"isolate Owner {{ calls Vault.Open to {where} never_shed; {budget} {waits} }}\n",
    ]


def program(random: Random) -> Program:
    """One right program."""
    draw = Draw(random)
    shared = [declare(draw) for count, declare in drawn_types.DECLARATIONS for _ in range(count)]
    _isolates(draw)
    shared += [drawn_types.protocol(draw) for _ in range(random.randint(0, 3))]
    shared += [drawn_types.message(draw) for _ in range(random.randint(1, 6))]
    shared.append(drawn_types.moved(draw))
    trees = drawn_trees.Trees(draw)
    for isolate in draw.isolates:
        for _ in range(random.randint(0, 2)):
            drawn_trees.argument(draw, isolate)
        for item in ITEMS:
            for _ in range(random.randint(0, 2)):
                item(draw, isolate)
        _io(draw, isolate)
    relations = Relations(draw)
    relations.decide()
    own = ["config port : u16 = 8080;\nconfig delay : duration = 2s;\n"]
    own += [_isolate(draw, isolate) for isolate in draw.isolates]
    own += (vault := _vault(draw))
    trees.more = ["strongbox : Strongbox", "owner : Owner"] if vault else []
    own += [*trees.text(), drawn_trees.system(draw, relations.routes, bool(vault))]
    own += drawn_trees.scenarios(draw)
    return _written(draw, shared, own)


def _written(draw: Draw, shared: list[str], own: list[str]) -> Program:
    """The files: one, or the types, messages and protocols in one of their own."""
    sys, net = draw.random.choice([("sys", "net"), ("runtime", "sockets")])
    imports = f"{_NET}{'' if net == 'net' else ' as sockets'};\n"
    imports += f"{_SYS}{'' if sys == 'sys' else ' as runtime'};\n"

    def file(package: str, more: str, parts: list[str], before: str) -> str:
        text = "\n".join(parts).replace("§", before)
        text = re.sub(r"\bsys\.(?=[A-Z])", f"{sys}.", text)
        text = re.sub(r"\bnet\.(?=[a-z])", f"{net}.", text)
        return f"tina 1;\npackage {package};\n{imports}{more}\n{text}"

    if not draw.shared:
        return Program(file("drawn", "", [*shared, *own], ""))
    short = draw.random.choice(["shared", "base"])
    more = f'import "{SHARED}"{"" if short == "shared" else " as base"};\n'
    main = file("drawn", more, own, f"{short}.")
    return Program(main, {SHARED: file("parts.shared", "", shared, "")})
