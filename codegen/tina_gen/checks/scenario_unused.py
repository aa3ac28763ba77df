# SPDX-License-Identifier: Apache-2.0
"""W0810: faults and properties are there for scenarios."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model


def check(model: Model) -> Iterator[Diagnostic]:
    """One warning per property, and per set of faults of the root file, that nothing uses. Those of
    an imported file may be there for others."""
    scenarios = [scenario for package in model.packages for scenario in package.scenarios]
    expected = {name for scenario in scenarios for name in scenario.properties}
    used = {name for scenario in scenarios for name in scenario.faults}
    for found in model.root.properties:
        if found.qualified not in expected:
            yield Diagnostic(
                "W0810",
                found.span,
                f"property `{found.name}` is expected by no scenario",
                label="never looked at",
                help=f"add `expect {found.name};` to a scenario, or remove it",
            )
    for faults in model.root.faults:
        if faults.qualified not in used:
            yield Diagnostic(
                "W0810",
                faults.span,
                f"faults `{faults.name}` are used by no scenario",
                label="never happen",
                help=f"add `with {faults.name};` to a scenario, or remove them",
            )
