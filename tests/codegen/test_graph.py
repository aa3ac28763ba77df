# SPDX-License-Identifier: Apache-2.0
"""Drawings: exactly the kept ones, complete, and safe whatever a text holds.

Run with `TINA_UPDATE_GOLDENS=1` to write `tests/golden/NAME/NAME.mmd` and `.dot` anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from emitted import CASES, GOLDEN, Case
from specs import ECHO, ROOT, good_model
from test_cli import tina_gen

from tina_gen.cli import analyze_file
from tina_gen.graph import NOTATIONS, PARTS, draw
from tina_gen.graph.drawing import Arrow, Drawing, Group, Node, Shape
from tina_gen.graph.notation import dot, mermaid
from tina_gen.model import Model

UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
SUFFIXES = {"mermaid": "mmd", "dot": "dot"}
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_notation = pytest.mark.parametrize("notation", NOTATIONS)


def model_of(spec: str) -> Model:
    model = analyze_file(str(ROOT / spec), []).model
    assert model is not None
    return model


@each_notation
@each_case
def test_the_drawings_are_the_kept_ones(case: Case, notation: str) -> None:
    text = NOTATIONS[notation](draw(model_of(case.spec), "all"))
    kept = GOLDEN / case.name / f"{case.name}.{SUFFIXES[notation]}"
    if UPDATE:
        kept.write_text(text, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == text


@each_case
def test_each_state_member_and_role_is_drawn_once_and_each_arrow_has_both_ends(case: Case) -> None:
    model = model_of(case.spec)
    drawing = draw(model, "all")
    groups = [inner for group in drawing.groups for inner in group.all()]
    nodes = [node for group in groups for node in group.nodes]
    ids = [node.id for node in nodes] + [group.id for group in groups]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z0-9_]+", id_) for id_ in ids)
    assert {a.source for g in drawing.groups for a in g.arrows} <= set(ids)
    assert {a.target for g in drawing.groups for a in g.arrows} <= set(ids)
    states = sum(len(isolate.states) for isolate in model.isolates)
    assert sum(node.shape in (Shape.STATE, Shape.FINAL) for node in nodes) == states
    assert sum(node.shape is Shape.ROLE for node in nodes) == sum(
        len(system.roles) for system in model.systems
    )


def test_timeouts_budgets_and_policies_are_on_the_drawing() -> None:
    text = mermaid(draw(model_of("examples/tcp_echo/echo.tina"), "all"))
    for words in (
        "Connection<br/>slots 1024, mailbox 4, state #lt;= 64B",
        '==>|"sys.Shutdown<br/>after 30s"|',
        "defer sys.Shutdown",
        "Root<br/>one_for_one<br/>restarts 5 in 10s else quarantine",
        "Connection, at most 1024<br/>temporary, shutdown 30s",
        "listener : Listener<br/>permanent, shutdown 2s",
        "main<br/>at most 8 shards<br/>root Root<br/>tick 1ms<br/>memory #lt;= 16MiB",
    ):
        assert words in text, text


def test_a_channel_is_an_arrow_with_its_capacity() -> None:
    drawing = draw(model_of("tests/golden/features/features.tina"), "topology")
    (group,) = drawing.groups
    assert group.arrows == (Arrow("system0_0", "system0_0", ("capacity 256",)),)


HOSTILE = '"] --> x\\"; <br/> & `end` #1; |'


def test_no_text_can_leave_its_quotes() -> None:
    nodes = (Node("a", Shape.STATE, (HOSTILE, "end")), Node("b", Shape.FINAL, ("graph",)))
    drawing = Drawing(HOSTILE, (Group("g", (HOSTILE,), nodes, (Arrow("a", "b", (HOSTILE,)),)),))
    for line in mermaid(drawing).split("\n"):
        assert line.count('"') in (0, 2) and "`" not in line and "\\" not in line
        inside = line.split('"')[1] if '"' in line else ""
        assert "<" not in inside.replace("<br/>", "") and "#1;" not in inside
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", dot(drawing))
    assert '"' not in bare and "x" not in bare.replace("box", "")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is absent")
@each_case
def test_graphviz_understands_the_drawing(case: Case) -> None:
    text = dot(draw(model_of(case.spec), "all"))
    subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def test_an_empty_program_is_an_empty_drawing() -> None:
    model = good_model("tina 1;\npackage p;\n")
    assert mermaid(draw(model, "all")) == "flowchart TD\n"
    assert dot(draw(model, "all")).startswith('digraph "p" {\n')


@pytest.mark.parametrize("what", [*PARTS, "all"])
def test_each_part_can_be_asked_for(what: str) -> None:
    result = tina_gen("graph", str(ECHO), "--what", what)
    assert result.returncode == 0 and result.stderr == ""
    assert ("Reading" in result.stdout) == (what in ("machines", "all"))
    assert ("at most 8 shards" in result.stdout) == (what in ("topology", "all"))


def test_a_wrong_spec_is_not_drawn() -> None:
    case = ROOT / "tests" / "codegen" / "golden" / "E0301" / "fail.tina"
    result = tina_gen("graph", str(case), "--format", "dot")
    assert result.returncode == 1 and result.stdout == "" and "error[E0301]" in result.stderr


def test_a_system_shows_its_settings_its_channels_and_its_routes() -> None:
    model = good_model(
        "tina 1;\npackage p;\nprotocol P { call C (key: u8) -> () timeout 1s; }\n"
        "isolate I implements P { budget { slots 2; mailbox 4; state <= 8B; } on P.C; }\n"
        "supervisor R { strategy one_for_one; restarts 1 in 1s else abort;\n"
        "  child many : I() * 2 permanent; }\n"
        "system S {\n  shards 1 as main { core 3; memory_fault shard; memory <= 1MiB; root R; }\n"
        "  shards 1 as side { memory <= 1MiB; root R; }\n"
        "  channel main -> side capacity 9; channel side -> main capacity 9;\n"
        "  route P by hash(key) over side.R.many * 2;\n}\n"
    )
    text = mermaid(draw(model, "topology"))
    assert "core 3<br/>memory_fault shard" in text and text.count("memory_fault") == 1
    assert "route P by hash(key) over side.R.many * 2" in text
    assert text.count("capacity 9") == 2
