# SPDX-License-Identifier: Apache-2.0
"""Faults, scenarios and properties: names, units and ranges of what a simulated run is told."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tina_gen.diagnostics import Note
from tina_gen.model.simulation import (
    EXPECTED,
    FAULTS,
    Delay,
    Fault,
    FaultSet,
    Node,
    Property,
    Quantifier,
    Ratio,
    Scenario,
)
from tina_gen.names import suggestion
from tina_gen.resolve.evaluate import Other
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Lookup, Sort, Symbol, Unit
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

RATIO_PARTS_MAX = (1 << 32) - 1  # of numerator and denominator in lowest terms
DELAY_BOUNDS_NS = (0, 3_600_000_000_000)
TIME_BOUNDS_NS = (1_000_000, 24 * 3_600_000_000_000)
SEED_BOUNDS = (0, (1 << 64) - 1)


class SimulationResolver:
    """Resolves what scenarios are made of. Looks isolates and systems up by name only, so it works
    beside broken ones."""

    def __init__(self, values: Values) -> None:
        """Uses constants of all files."""
        self.values = values
        self.sink = values.sink

    # ------------------------------------------------------------ faults

    def faults(self, symbol: Symbol, decl: d.Faults) -> FaultSet | None:
        """A set of faults, None if any of it is broken (already reported)."""
        before = len(self.sink.diagnostics)
        found: list[Fault] = []
        seen: dict[tuple[str, str], Span] = {}
        for item in decl.items:
            fault = self._fault(len(found), item, symbol.unit)
            first = seen.setdefault(
                (item.name.text, fault.isolate or "" if fault else ""), item.span
            )
            if first is not item.span:
                self._twice(f"faults `{symbol.name}`", item.name.text, item.span, first)
            if fault is not None:
                found.append(fault)
        if not decl.items:
            text = f"faults `{symbol.name}` has no fault"
            help = f"add one, such as `{FAULTS['io_error'].example}`"
            self.sink.error("E0805", symbol.span, text, "empty", help)
        if len(self.sink.diagnostics) > before:
            return None
        index, package = self.values.indices[symbol], symbol.unit.package
        return FaultSet(index, package, symbol.name, tuple(found), decl.doc, decl.name.span)

    def _twice(self, whose: str, what: str, second: Span, first: Span) -> None:
        note = (Note("it is written here", first),)
        text = f"{whose} says `{what}` twice"
        self.sink.error("E0805", second, text, "second time", "keep one", note)

    def _fault(self, index: int, item: d.Fault, unit: Unit) -> Fault | None:
        name = item.name.text
        rule = FAULTS.get(name)
        if rule is None:
            close = suggestion(name, list(FAULTS))
            known = ", ".join(f"`{word}`" for word in FAULTS)
            help = f"did you mean `{close}`?" if close else f"the faults are {known}"
            self.sink.error("E0801", item.name.span, f"there is no fault `{name}`", "unknown", help)
            return None
        measure: Ratio | Delay | None
        if rule.measure is Delay:
            measure = self._delay(item, unit)
        elif item.to is not None:
            self._malformed(item, "is a ratio, not a range", item.to.span)
            measure = None
        else:
            measure = self.ratio(item.value, unit, f"`{name}`")
        isolate: str | None = None
        if rule.strikes_isolate:
            isolate = self._isolate(item, unit)
        elif item.subject is not None:
            self._malformed(item, "names no isolate", item.subject.span)
            return None
        if measure is None or (rule.strikes_isolate and isolate is None):
            return None
        return Fault(index, name, isolate, measure, item.span)

    def _malformed(self, item: d.Fault, why: str, span: Span) -> None:
        text = f"fault `{item.name.text}` {why}"
        help = f"write it like `{FAULTS[item.name.text].example}`"
        self.sink.error("E0804", span, text, "malformed", help)

    def _isolate(self, item: d.Fault, unit: Unit) -> str | None:
        if item.subject is None:
            self._malformed(item, "does not say which isolate", item.name.span)
            return None
        found = Lookup(unit, self.sink).find(item.subject, (Sort.ISOLATE,))
        return found.qualified if found else None

    def _delay(self, item: d.Fault, unit: Unit) -> Delay | None:
        what = f"`{item.name.text}`"
        bounds, time = DELAY_BOUNDS_NS, Dimension.DURATION
        low = self.values.whole(item.value, unit, what, bounds, "E0808", time)
        if item.to is None or low is None:
            return Delay(low, low) if low is not None else None
        high = self.values.whole(item.to, unit, what, bounds, "E0808", time)
        if high is None:
            return None
        if high < low:
            span = item.value.span.to(item.to.span)
            help = "write the smaller time first"
            self.sink.error("E0803", span, f"{what} ends before it begins", "reversed", help)
            return None
        return Delay(low, high)

    def ratio(self, node: a.Expr, unit: Unit, what: str) -> Ratio | None:
        """A number from 0 to 1 as a ratio, None with a diagnostic (E0201, E0203, E0802)."""
        known = self.values.evaluate(node, unit)
        if known is None:
            return None
        if known.sort is not Dimension.NUMBER or not isinstance(known.value, Fraction):
            code = "E0201" if isinstance(known.sort, Other) else "E0203"
            text = f"{what} is a ratio, not {known.sort.value}"
            self.sink.error(code, node.span, text, "needs a ratio", "write it like `1/1000`")
            return None
        value = known.value
        if not 0 <= value <= 1:
            text = f"{what} is a ratio between 0 and 1, not {float(value):g}"
            help = "write one in so many, such as `1/1000`"
            self.sink.error("E0802", node.span, text, "out of range", help)
            return None
        if max(value.numerator, value.denominator) > RATIO_PARTS_MAX:
            text = f"{what} is finer than one in {RATIO_PARTS_MAX}"
            help = "write a simpler ratio, such as `1/1000`"
            self.sink.error("E0802", node.span, text, "too fine", help)
            return None
        return Ratio(value.numerator, value.denominator)

    # ------------------------------------------------------------ properties

    def property(self, symbol: Symbol, decl: d.Property) -> Property | None:
        """A property, None if it is broken (already reported)."""
        within: int | None = None
        if decl.within is not None:
            what, time = "the time of `eventually`", Dimension.DURATION
            bounds = TIME_BOUNDS_NS
            within = self.values.whole(decl.within, symbol.unit, what, bounds, "E0808", time)
            if within is None:
                return None
        if symbol.name in EXPECTED:
            text = f"`{symbol.name}` is a word of scenarios"
            self.sink.error("E0105", symbol.span, text, "reserved", "choose another name")
            return None
        index, package = self.values.indices[symbol], symbol.unit.package
        quantifier = Quantifier(decl.word)
        return Property(index, package, symbol.name, quantifier, within, decl.doc, decl.name.span)

    # ------------------------------------------------------------ scenarios

    def scenarios(self, unit: Unit, first: int) -> list[Scenario]:
        """The intact scenarios of a file; their indices start at `first`."""
        seen: dict[str, Span] = {}
        found: list[Scenario] = []
        for decl in unit.tree.decls:
            if not isinstance(decl, d.Scenario):
                continue
            name, span = decl.title.value, decl.title.span
            known = seen.setdefault(name, span)
            if known is not span:
                note = (Note("the other one", known),)
                text = f'scenario "{name}" is declared twice'
                self.sink.error("E0102", span, text, "second declaration", "rename one", note)
            scenario = self._scenario(first + len(found), unit, decl)
            if scenario is not None and known is span:
                found.append(scenario)
        return found

    def _scenario(self, index: int, unit: Unit, decl: d.Scenario) -> Scenario | None:
        before = len(self.sink.diagnostics)
        name, span = decl.title.value, decl.title.span
        if not name.strip() or not name.isprintable():
            text = "the name of a scenario is one line of printable text"
            help = 'name what it shows, such as `"survives flaky I/O"`'
            self.sink.error("E0806", span, text, "cannot be a name", help)
        nodes = self._nodes(unit, decl)
        faults = self._used(unit, decl)
        seeds = self._seeds(unit, decl)
        time = self._time(unit, decl)
        expected = self._expected(unit, decl)
        if len(self.sink.diagnostics) > before or seeds is None or time is None:
            return None
        return Scenario(
            index,
            unit.package,
            name,
            nodes,
            faults,
            *seeds,
            time,
            "quiescent" in expected,
            "no_leak" in expected,
            tuple(f"{unit.package}.{word}" for word in expected if word not in EXPECTED),
            decl.doc,
            span,
        )

    def _nodes(self, unit: Unit, decl: d.Scenario) -> tuple[Node, ...]:
        names = Names(self.sink, f'in scenario "{decl.title.value}"')
        found: list[Node] = []
        for item in decl.nodes:
            check_name(self.sink, item.name, "nodes", SNAKE)
            names.add(item.name)
            system = Lookup(unit, self.sink).find(item.system, (Sort.SYSTEM,))
            if system is not None:
                found.append(Node(len(found), item.name.text, system.qualified, item.span))
        if not decl.nodes:
            self._absent(decl, "node", "node server : System;")
        return tuple(found)

    def _absent(self, decl: d.Scenario, word: str, help: str) -> None:
        text = f'scenario "{decl.title.value}" does not say `{word}`'
        self.sink.error("E0805", decl.title.span, text, f"no `{word}`", f"add `{help}`")

    def _used(self, unit: Unit, decl: d.Scenario) -> tuple[str, ...]:
        seen: dict[str, Span] = {}
        for name in decl.faults:
            found = Lookup(unit, self.sink).find(name, (Sort.FAULTS,))
            if found is None:
                continue
            first = seen.setdefault(found.qualified, name.span)
            if first is not name.span:
                self._twice(f'scenario "{decl.title.value}"', name.text, name.span, first)
        return tuple(seen)

    def _one(self, decl: d.Scenario, word: str, help: str, spans: Sequence[Span]) -> bool:
        for second in spans[1:]:
            self._twice(f'scenario "{decl.title.value}"', word, second, spans[0])
        if not spans:
            self._absent(decl, word, help)
        return len(spans) == 1

    def _seeds(self, unit: Unit, decl: d.Scenario) -> tuple[int, int] | None:
        spans = [low.span.to(high.span) for low, high in decl.seeds]
        if not self._one(decl, "seeds", "seeds 1..64;", spans):
            return None
        low, high = decl.seeds[0]
        first = self.values.whole(low, unit, "a seed", SEED_BOUNDS, "E0808")
        last = self.values.whole(high, unit, "a seed", SEED_BOUNDS, "E0808")
        if first is None or last is None:
            return None
        if last < first:
            text = f"`seeds {first}..{last}` has no seed"
            help = "write the smaller seed first"
            self.sink.error("E0803", spans[0], text, "reversed", help)
            return None
        return first, last

    def _time(self, unit: Unit, decl: d.Scenario) -> int | None:
        if not self._one(decl, "time", "time 60s;", [node.span for node in decl.times]):
            return None
        what, time = "the time of a scenario", Dimension.DURATION
        return self.values.whole(decl.times[0], unit, what, TIME_BOUNDS_NS, "E0808", time)

    def _expected(self, unit: Unit, decl: d.Scenario) -> list[str]:
        seen: dict[str, Span] = {}
        known = [s.name for s in unit.symbols.values() if s.sort is Sort.PROPERTY]
        for name in decl.expects:
            first = seen.setdefault(name.text, name.span)
            if first is not name.span:
                self._twice(f'scenario "{decl.title.value}"', name.text, name.span, first)
            elif name.text not in EXPECTED and name.text not in known:
                close = suggestion(name.text, [*EXPECTED, *known])
                words = ", ".join(f"`{word}`" for word in [*EXPECTED, *known][:8])
                help = f"did you mean `{close}`?" if close else f"expect one of {words}"
                text = f"`{name.text}` is nothing that can be expected"
                self.sink.error("E0807", name.span, text, "unknown", help)
        if not decl.expects:
            self._absent(decl, "expect", "expect quiescent, no_leak;")
        return list(seen)
