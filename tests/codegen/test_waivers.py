# SPDX-License-Identifier: Apache-2.0
"""`allow`: what it is about, what it waives, and what it cannot."""

from __future__ import annotations

import pytest
from specs import analyze_text

from tina_gen.codes import CODES
from tina_gen.waivers import WAIVABLE

# One state that cannot be reached, one without a way out, and one that may wait for ever.
SPEC = """\
tina 1;
package demo;
message Kick {}
isolate Door {
  budget { slots 1; mailbox 4; state <= 64B; }
@isolate@  machine {
    initial Open;
@machine@    state Open {
@state@@clause@      defer Kick;
    }
    state Old { on Kick -> Open; }
  }
}
"""
FIND = {"E0302", "E0303", "E0314"}


def filled(**lines: str) -> str:
    """The spec with lines at its four places."""
    text = SPEC
    for place in ("isolate", "machine", "state", "clause"):
        text = text.replace(f"@{place}@", lines.get(place, ""))
    return text


def left(isolate: str = "", machine: str = "", state: str = "", clause: str = "") -> set[str]:
    """The codes that remain with these lines put in."""
    text = filled(isolate=isolate, machine=machine, state=state, clause=clause)
    return {diagnostic.code for diagnostic in analyze_text(text).diagnostics}


def test_without_an_allow_all_is_said() -> None:
    assert left() == FIND


@pytest.mark.parametrize("code", sorted(FIND))
def test_in_an_isolate_it_is_about_all_of_it(code: str) -> None:
    assert left(isolate=f'  allow {code} "it is so";\n') == FIND - {code}


def test_above_a_state_it_is_about_that_state() -> None:
    assert left(machine='    allow E0303 "it is so";\n') == FIND - {"E0303"}
    assert left(machine='    allow E0302 "it is so";\n') == FIND | {"W0350"}, "that is Old"


def test_above_a_clause_it_is_about_that_clause() -> None:
    assert left(clause='      allow E0314 "it is so";\n') == FIND - {"E0314"}
    assert left(clause='      allow E0303 "it is so";\n') == FIND | {"W0350"}, "that is the state"


def test_several_stand_above_one_another() -> None:
    lines = '    allow E0303 "it is so";\n    allow E0314 "it is so";\n'
    assert left(machine=lines) == {"E0302"}


def test_last_in_a_state_it_is_about_the_state() -> None:
    text = filled().replace("defer Kick;\n", 'defer Kick;\n      allow E0303 "it is so";\n')
    assert {d.code for d in analyze_text(text).diagnostics} == FIND - {"E0303"}


def test_all_errors_but_a_few_stay_errors() -> None:
    for code in CODES:
        said = left(isolate=f'  allow {code} "it is so";\n')
        assert ("E0351" in said) == (code.startswith("E") and code not in WAIVABLE)


def test_whether_it_is_useful_is_said_only_of_a_whole_model() -> None:
    broken = filled(isolate='  allow W0321 "x";\n')
    assert "W0350" in {d.code for d in analyze_text(broken).diagnostics}
    broken += "message Bad { field: nothing; }\n"
    assert "W0350" not in {d.code for d in analyze_text(broken).diagnostics}


def test_a_finding_about_several_isolates_is_waived_by_one_of_them() -> None:
    text = """\
tina 1;
package demo;
protocol AP { call X () -> () timeout 1s; }
protocol BP { call X () -> () timeout 1s; }
isolate A implements AP {
  calls BP.X to B;
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
    initial Idle;
    state Idle { on AP.X -> Busy; }
    state Busy { on BP.X.reply, BP.X.failed -> Idle; defer AP.X; }
  }
}
isolate B implements BP {
  calls AP.X to A;
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
    initial Idle;
    state Idle { on BP.X -> Busy; }
    state Busy { on AP.X.reply, AP.X.failed -> Idle; %sdefer BP.X; }
  }
}
"""
    assert [d.code for d in analyze_text(text % "").diagnostics] == ["E0330"]
    assert analyze_text(text % 'allow E0330 "they take turns"; ').diagnostics == ()
