# SPDX-License-Identifier: Apache-2.0
"""E0809: a fault that strikes an isolate strikes one that a node of the scenario runs."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.trees import population
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import FaultSet, Model, Scenario


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per fault and scenario in which it could never happen."""
    sets = {faults.qualified: faults for package in model.packages for faults in package.faults}
    for package in model.packages:
        for scenario in package.scenarios:
            runs = _runs(model, scenario)
            for name in scenario.faults:
                yield from _strangers(sets[name], scenario, runs)


def _runs(model: Model, scenario: Scenario) -> set[str]:
    """The isolates of all nodes."""
    systems = {f"{system.package}.{system.name}": system for system in model.systems}
    nodes = [systems[node.system] for node in scenario.nodes]
    return {name for s in nodes for role in s.roles for name in population(model, role)}


def _strangers(faults: FaultSet, scenario: Scenario, runs: set[str]) -> Iterator[Diagnostic]:
    for fault in faults.faults:
        if fault.isolate is not None and fault.isolate not in runs:
            name = fault.isolate.rpartition(".")[2]
            yield Diagnostic(
                "E0809",
                fault.span,
                f"`{name}` runs on no node of scenario `{scenario.name}`",
                label="can never happen there",
                notes=(Note("the scenario", scenario.span),),
                help="add a node whose system runs it, or put the fault into faults of its own",
            )
