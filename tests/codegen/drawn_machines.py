# SPDX-License-Identifier: Apache-2.0
"""Clauses of a random program: machines whose states nest, and isolates without one."""

from __future__ import annotations

from drawn import Draw, Isolate


def without_machine(draw: Draw, isolate: Isolate) -> list[str]:
    """The clauses of an isolate with one implicit state."""
    lines = [draw.allow("  ")]
    for name in isolate.accepts:
        word = draw.random.choice(["on", "on", "ignore"])
        lines.append(f"  {word} {name}{' -> stay' if word == 'on' and draw.some(0.3) else ''};\n")
    for call in isolate.serves:
        lines.append(f"  {_served(draw, isolate, call, ' -> stay' if draw.some(0.3) else '')}\n")
    lines += [f"  on {', '.join(group)};\n" for group in isolate.own]
    lines += ["  on sys.Shutdown;\n"] if draw.some() else []
    return lines


def _served(draw: Draw, isolate: Isolate, call: str, arrow: str, leaf: bool = True) -> str:
    """A clause that answers a call, sooner or later, or rejects it; only that of a leaf is sure
    to apply."""
    if draw.some(0.25):
        return f"reject {call};"
    later = draw.some(0.4)
    isolate.later |= later and leaf
    return f"on {call}{' later' if later else ''}{arrow};"


class Machine:
    """The states of one isolate. Every state leads on to the next one, so all can be reached and
    left; what others send is covered at the top or in each state."""

    def __init__(self, draw: Draw, isolate: Isolate) -> None:
        self.draw = draw
        self.isolate = isolate
        self.states = [draw.pascal() for _ in range(draw.random.randint(1, 5))]
        self.final = draw.pascal() if draw.some() else ""
        self.shutdown = draw.some()
        self.incoming = [*isolate.accepts, *isolate.serves]
        self.at_top = {name for name in self.incoming if draw.some(0.3)}
        self.own_at_top = [group for group in isolate.own if draw.some(0.3)]
        self.left = [group for group in isolate.own if group not in self.own_at_top]

    def targets(self, first: str, handled: bool = False) -> str:
        """`-> …` or, unless it must be handled, `=> …`, leading to `first` too."""
        names = [first, *(s for s in self.everywhere() if s != first and self.draw.some(0.3))]
        self.draw.random.shuffle(names)
        if len(names) == 1 and self.draw.some() and not handled:
            return f" => {first}" if first != "stay" else ""
        return " -> " + " | ".join(names)

    def everywhere(self) -> list[str]:
        """What a clause may lead to."""
        return ["stay", *self.states, *([self.final] if self.final else [])]

    def anywhere(self) -> str:
        """One of them."""
        return self.draw.random.choice(self.everywhere())

    def incoming_at(self, name: str, target: str, leaf: bool = False) -> str:
        """A clause that settles something from others."""
        if name in self.isolate.serves:
            return _served(self.draw, self.isolate, name, self.targets(target, True), leaf)
        if self.draw.some(0.3):
            return f"ignore {name};"
        return f"on {name}{self.targets(target)};"

    def text(self) -> str:
        """`machine { … }`."""
        draw = self.draw
        lines = [f"    initial {self.states[0]};\n", draw.allow("    ")]
        for name in sorted(self.at_top):
            lines.append(f"    {self.incoming_at(name, self.anywhere())}\n")
        for group in self.own_at_top:
            lines.append(f"    on {', '.join(group)}{self.targets(self.anywhere())};\n")
        if self.shutdown:
            lines.append(f"    on sys.Shutdown{self.targets(draw.random.choice(self.states))};\n")
        states = [self.state(i, name) for i, name in enumerate(self.states)]
        last = f"    final state {self.final};\n" if self.final else ""
        if last and draw.some():
            states[-1] += last
            last = ""
        lines += self.nested(states)
        return "  machine {\n" + "".join(lines) + last + "  }\n"

    def nested(self, states: list[str]) -> list[str]:
        """Sometimes the last states below one of their own, and this below another."""
        for start in range(len(states) - 1, 0, -1):
            if not self.draw.some(0.3):
                continue
            inner = "".join(states[start:])
            name = self.draw.pascal()
            head = f"      initial {self.states[start]};\n"
            if self.draw.some():
                head += f"      after {self.draw.time()} => {self.states[0]};\n"
            head += "      enter;\n" if self.draw.some(0.3) else ""
            for message in self.incoming:
                if self.draw.some(0.15):
                    head += f"      {self.incoming_at(message, 'stay')}\n"
            body = "".join(f"  {line}\n" for line in inner.rstrip("\n").split("\n"))
            states = [*states[:start], f"    state {name} {{\n{head}{body}    }}\n"]
        return states

    def state(self, index: int, name: str) -> str:
        """One leaf."""
        draw = self.draw
        following = self.states[(index + 1) % len(self.states)]
        way_out = self.final if self.final and index + 1 == len(self.states) else following
        lines = ["      enter;\n"] if draw.some(0.4) else []
        ends = way_out != name  # a state that only leads to itself may not make anybody wait
        others = ends and draw.some(0.2)
        deferred = ["sys.Shutdown"] if ends and self.shutdown and draw.some(0.2) else []
        for message in self.incoming:
            if (others or message in self.at_top) and draw.some():
                continue
            if ends and draw.some(0.3):
                deferred.append(message)
            else:
                lines.append(f"      {self.incoming_at(message, way_out, True)}\n")
        if deferred:
            lines.append(f"      defer {', '.join(deferred)};\n")
        lines += ["      defer others;\n"] if others else []
        last = index + 1 == len(self.states)
        for group in self.isolate.own:
            if (group in self.left and (last or draw.some())) or draw.some(0.1):
                self.left = [other for other in self.left if other != group]
                lines += self.results(group, way_out)
        draw.random.shuffle(lines)
        lines.append(f"      after {draw.time()}{self.after(way_out)};\n")
        body = draw.allow("      ") + "".join(lines)
        return f"{draw.comment('    ')}    state {name} {{\n{body}    }}\n"

    def results(self, group: list[str], way_out: str) -> list[str]:
        """Results of one's own actions, in one clause or each in its own."""
        if self.draw.some():
            return [f"      on {', '.join(group)}{self.targets(way_out)};\n"]
        return [f"      on {name}{self.targets(way_out)};\n" for name in group]

    def after(self, way_out: str) -> str:
        """Where a timeout leads."""
        if self.draw.some():
            return f" => {way_out}"
        others = [s for s in self.states if s != way_out and self.draw.some(0.3)]
        return " -> " + " | ".join([way_out, *others])
