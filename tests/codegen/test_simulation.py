# SPDX-License-Identifier: Apache-2.0
"""Faults, scenarios and properties: resolved exactly, emitted for the system of their nodes."""

from __future__ import annotations

from specs import good_model

from tina_gen.emit import generate
from tina_gen.model import Delay, Quantifier, Ratio

TREE = """tina 1;
package demo;
isolate Worker { budget { slots 1; mailbox 4; state <= 64B; } }
supervisor Root {
  strategy one_for_one; restarts 5 in 10s else quarantine;
  child worker : Worker() permanent;
}
system Demo { shards 1 as main { memory <= 1MiB; root Root; } }
system Other { shards 1 as main { memory <= 1MiB; root Root; } }
"""


def text_of(text: str, path: str) -> str:
    """One generated file of a spec."""
    files = {file.path: file.text for file in generate(good_model(text), "spec.tina")}
    return files[path]


def test_ratios_are_exact_and_in_lowest_terms() -> None:
    text = TREE + "const RATE : f64 = 0.5;\n"
    text += "faults F { io_error 2/2000; reset RATE / 2; short_read 1; short_write 0; }\n"
    text += 'scenario "s" { node n : Demo; with F; seeds 1..1; time 1s; expect quiescent; }\n'
    faults = good_model(text).root.faults[0].faults
    ratios = [Ratio(1, 1000), Ratio(1, 4), Ratio(1, 1), Ratio(0, 1)]
    assert [fault.measure for fault in faults] == ratios


def test_a_single_delay_is_a_range_of_one() -> None:
    text = TREE + "faults F { io_delay 5ms; }\n"
    text += 'scenario "s" { node n : Demo; with F; seeds 1..1; time 1s; expect quiescent; }\n'
    assert good_model(text).root.faults[0].faults[0].measure == Delay(5_000_000, 5_000_000)


def test_a_property_knows_when_it_must_hold() -> None:
    text = TREE + "property a : always;\nproperty b : eventually within 2 * 5s;\n"
    text += 'scenario "s" { node n : Demo; seeds 1..1; time 1s; expect a, b; }\n'
    a, b = good_model(text).root.properties
    assert (a.quantifier, a.within_ns) == (Quantifier.ALWAYS, None)
    assert (b.quantifier, b.within_ns) == (Quantifier.EVENTUALLY, 10_000_000_000)


def test_a_scenario_is_emitted_for_the_systems_of_its_nodes_only() -> None:
    text = TREE + 'scenario "s" { node n : Demo; seeds 1..4; time 1s; expect quiescent; }\n'
    assert '.name = "s"' in text_of(text, "demo.system.h")
    assert ".scenarios = kScenarios" in text_of(text, "demo.system.h")
    assert ".scenarios = {}" in text_of(text, "other.system.h")


def test_a_missing_predicate_is_named_at_its_property() -> None:
    text = TREE + "property calm_day : always;\n"
    text += 'scenario "s" { node n : Demo; seeds 1..4; time 1s; expect calm_day; }\n'
    made = text_of(text, "demo.system.h")
    assert '#include "spec_properties.h"' in made
    assert '#line 10 "spec.tina"\nstatic_assert(HasCalmDay<tina::sim::View>,' in made
    assert "declare in spec_properties.h: bool calm_day(const tina::sim::View& world);" in made


def test_the_complete_spec_of_the_reference_has_its_scenario() -> None:
    text = TREE + "faults Flaky { io_error 1/1000; io_delay 0ms..20ms; crash Worker 1/5000; }\n"
    text += (
        'scenario "survives flaky I/O" {\n  node server : Demo; node clients : Other; with Flaky;\n'
    )
    text += "  seeds 1..64; time 60s; expect quiescent, no_leak;\n}\n"
    scenario = good_model(text).root.scenarios[0]
    assert [node.system for node in scenario.nodes] == ["demo.Demo", "demo.Other"]
    assert (scenario.first_seed, scenario.last_seed, scenario.time_ns) == (1, 64, 60_000_000_000)
    assert scenario.quiescent and scenario.no_leak and scenario.faults == ("demo.Flaky",)
