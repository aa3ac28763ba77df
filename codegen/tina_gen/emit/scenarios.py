# SPDX-License-Identifier: Apache-2.0
"""Views of scenarios: tables for the simulator, and checks of the predicates that the user writes.

They stand in `<system>.system.h`, in the system of their nodes: what a binary simulates is itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, integer
from tina_gen.emit.records import Block
from tina_gen.emit.tables import Table, text_table
from tina_gen.frozen import dataclass
from tina_gen.model import (
    Delay,
    Fault,
    FaultSet,
    Model,
    Package,
    Property,
    Quantifier,
    Ratio,
    Scenario,
    System,
)

_QUANTIFIERS = {
    Quantifier.ALWAYS: "kAlways",
    Quantifier.SOMETIMES: "kSometimes",
    Quantifier.EVENTUALLY: "kEventually",
}
_VIEW = "const tina::sim::View& world"


@dataclass(frozen=True, slots=True)
class PredicateView:
    """One property: the concept that its predicate satisfies, and the assertion at its line."""

    concept: Block
    line: int
    check: Block


@dataclass(frozen=True, slots=True)
class ScenariosView:
    """All scenarios of one system. `header` is the user's, if there are properties to declare."""

    header: Sequence[str]
    predicates: Sequence[PredicateView]
    tables: Sequence[Block]
    scenarios: str  # what the system's table holds


def properties_header(source: str) -> str:
    """The user's header that declares the predicates of a spec: `echo_properties.h`."""
    return f"{source.removesuffix('.tina')}_properties.h"


def scenarios_view(
    scope: Scope, model: Model, package: Package, system: System, source: str
) -> ScenariosView:
    """The view of the scenarios of `package` that have a node of `system`."""
    qualified = f"{system.package}.{system.name}"
    own = [s for s in package.scenarios if any(n.system == qualified for n in s.nodes)]
    expected = {name for scenario in own for name in scenario.properties}
    properties = [p for p in package.properties if p.qualified in expected]
    sets = {faults.qualified: faults for p in model.packages for faults in p.faults}
    tables: list[Block] = []
    rows: list[Table] = []
    for number, scenario in enumerate(own):
        parts = _parts(scope, scenario, sets, properties)
        row = [("name", quoted(scenario.name))]
        for member, items in parts:
            name = f"kScenario{number}{member.capitalize()}"
            tables.append(text_table(name, items))
            row.append((member, name if items else "{}"))
        rows.append(Table("ScenarioTable", _in_order(row, scenario)))
    tables.append(text_table("kScenarios", rows))
    return ScenariosView(
        header=["tina/sim.h", properties_header(source)] if properties else [],
        predicates=[_predicate(found, source) for found in properties],
        tables=tables,
        scenarios="kScenarios" if rows else "{}",
    )


def quoted(text: str) -> str:
    """A string literal of one printable line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _parts(
    scope: Scope, scenario: Scenario, sets: dict[str, FaultSet], properties: Sequence[Property]
) -> Iterator[tuple[str, list[Table]]]:
    nodes = [
        Table(
            "NodeTable", [("name", f'"{n.name}"'), ("system", f'"{n.system.rpartition(".")[2]}"')]
        )
        for n in scenario.nodes
    ]
    yield "nodes", nodes
    faults = [_fault(scope, fault) for name in scenario.faults for fault in sets[name].faults]
    yield "faults", faults
    expected = [_property(p) for p in properties if p.qualified in scenario.properties]
    yield "properties", expected


def _in_order(parts: list[tuple[str, str]], scenario: Scenario) -> list[tuple[str, str]]:
    """The members in the order of `ScenarioTable`."""
    return [
        *parts[:3],
        ("first_seed", integer(scenario.first_seed)),
        ("last_seed", integer(scenario.last_seed)),
        ("time_ns", integer(scenario.time_ns)),
        ("quiescent", "true" if scenario.quiescent else "false"),
        ("no_leak", "true" if scenario.no_leak else "false"),
        *parts[3:],
    ]


def _fault(scope: Scope, fault: Fault) -> Table:
    kind = "".join(word.capitalize() for word in fault.name.split("_"))
    members = [("kind", f"tina::internal::FaultKind::k{kind}")]
    if fault.isolate is not None:
        members.append(("type", scope.contract(fault.isolate)))
    match fault.measure:
        case Ratio(numerator=part, denominator=whole):
            members += [("numerator", integer(part)), ("denominator", integer(whole))]
        case Delay(low_ns=low, high_ns=high):
            members += [("low_ns", integer(low)), ("high_ns", integer(high))]
    return Table("FaultTable", members)


def _property(found: Property) -> Table:
    return Table(
        "PropertyTable",
        [
            ("name", f'"{found.name}"'),
            ("quantifier", f"tina::internal::Quantifier::{_QUANTIFIERS[found.quantifier]}"),
            ("within_ns", integer(found.within_ns or 0)),
            ("holds", found.name),
        ],
    )


def _predicate(found: Property, source: str) -> PredicateView:
    concept = f"Has{''.join(word.capitalize() for word in found.name.split('_'))}"
    text = f"[E0414] declare in {properties_header(source)}: bool {found.name}({_VIEW});"
    return PredicateView(
        concept=[
            "template <class View>",
            f"concept {concept} = requires(const View& world) {{",
            f"  {{ {found.name}(world) }} -> std::same_as<bool>;",
            "};",
        ],
        line=found.span.line,
        check=wrap.with_string(0, "static_assert", [f"{concept}<tina::sim::View>"], text),
    )
