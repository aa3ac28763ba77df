# SPDX-License-Identifier: Apache-2.0
"""The model on the command line: the emitted bytes, the published schema, and changes in words.

With `TINA_UPDATE_GOLDENS=1` the schema in the reference is written anew.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from emitted import CASES, GOLDEN, Case
from specs import ROOT
from test_cli import tina_gen

from tina_gen.cli import analyze_file
from tina_gen.emit.model_json import model_json
from tina_gen.model_diff import differences
from tina_gen.model_schema import model_schema

UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
SCHEMA = ROOT / "docs" / "reference" / "model.schema.json"
PASSING = sorted((ROOT / "tests" / "codegen" / "golden").glob("*/pass.tina"))
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)

SPEC = """\
tina 1;
package p;
import "tina/sys.tina" as sys;
const MAX : u32 = 8;
enum Color : u8 { RED = 0; GREEN = 1; }
message Kick { a: u64; b: u32; }
message Poke {}
isolate Admin {
  sends Kick, Poke to Door;
  budget { slots 1; mailbox 4; state <= 64B; }
}
isolate Door {
  budget { slots MAX; mailbox 4; state <= 64B; }
  machine {
    initial Open;
    on sys.Shutdown => Gone;
    on Poke -> stay;
    state Open {
      on Kick -> Shut;
      after 30s => Gone;
    }
    state Shut {
      ignore Kick;
      after 5s -> Open | Gone;
    }
    final state Gone;
  }
}
supervisor Root {
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  dynamic Door max MAX temporary shutdown 1s;
  child admin : Admin() permanent shutdown 2s;
}
system Demo {
  shards 1 as main { tick 1ms; memory <= 1MiB; root Root; }
}
"""


def model_of(path: Path) -> dict[str, Any]:
    model = analyze_file(str(path), []).model
    assert model is not None
    loaded: dict[str, Any] = json.loads(model_json(model, path.name))
    return loaded


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@each_case
def test_the_command_prints_the_bytes_that_generate_writes(case: Case) -> None:
    result = tina_gen("model", case.spec)
    (kept,) = (GOLDEN / case.name / "generated").glob("*.model.json")
    assert result.returncode == 0 and result.stdout == kept.read_text(encoding="utf-8")


def test_the_published_schema_is_the_one_of_the_classes() -> None:
    text = model_schema()
    if UPDATE:
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text, "run this with TINA_UPDATE_GOLDENS=1"
    assert tina_gen("model", "--schema").stdout == text
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


@each_case
def test_each_emitted_model_follows_the_schema(case: Case) -> None:
    (kept,) = (GOLDEN / case.name / "generated").glob("*.model.json")
    validator().validate(json.loads(kept.read_text(encoding="utf-8")))


def test_the_model_of_each_passing_case_follows_the_schema() -> None:
    judge = validator()
    for path in PASSING:
        errors = [
            f"{path.parent.name}: {error.message}" for error in judge.iter_errors(model_of(path))
        ]
        assert not errors, errors


@pytest.mark.parametrize("member", ["name", "states", "budget"])
def test_a_model_that_lacks_or_invents_a_member_breaks_the_schema(member: str) -> None:
    good = model_of(ROOT / "examples" / "tcp_echo" / "echo.tina")
    lacking, inventing = copy.deepcopy(good), copy.deepcopy(good)
    del lacking["packages"][-1]["isolates"][0][member]
    inventing["packages"][-1]["isolates"][0]["more"] = 1
    assert not validator().is_valid(lacking) and not validator().is_valid(inventing)


def changes(tmp_path: Path, *edits: tuple[str, str]) -> list[str]:
    """What is said when these words of the spec are replaced."""
    (tmp_path / "old.tina").write_text(SPEC)
    text = SPEC
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "new.tina").write_text(text)
    return differences(model_of(tmp_path / "old.tina"), model_of(tmp_path / "new.tina"))


DOOR = "package p, isolate Door"


CHANGES = (
    (
        "mailbox 4; state <= 64B; }\n  m",
        "mailbox 8; state <= 64B; }\n  m",
        "isolate Door, budget: `mailbox` is 8, was 4",
    ),
    (
        "state <= 64B; }\n  m",
        "state <= 1KiB; }\n  m",
        "isolate Door, budget: `state` is 1KiB, was 64B",
    ),
    (
        "after 30s",
        "after 1min",
        "isolate Door, state Open, after: `duration` is 1min, was 30s",
    ),
    (
        "-> Shut;",
        "-> Shut | Gone;",
        "isolate Door, state Open, clause on Kick: `reaction` is `-> Shut | Gone`, was `-> Shut`",
    ),
    (
        "ignore Kick",
        "defer Kick",
        "isolate Door, state Shut, clause on Kick: `reaction` is `defer`, was `ignore`",
    ),
    (
        "restarts 5",
        "restarts 6",
        "supervisor Root: `restarts` is 6, was 5",
    ),
    (
        "in 10s",
        "in 1min",
        "supervisor Root: `window` is 1min, was 10s",
    ),
    (
        "else quarantine",
        "else abort",
        "supervisor Root: `limit` is `abort`, was `quarantine`",
    ),
    (
        "permanent",
        "transient",
        "supervisor Root, member admin: `restart` is `transient`, was `permanent`",
    ),
    (
        "memory <= 1MiB",
        "memory <= 2MiB",
        "system Demo, role main: `memory` is 2MiB, was 1MiB",
    ),
    (
        "GREEN = 1",
        "GREEN = 2",
        "enum Color, value GREEN: `value` is 2, was 1",
    ),
)


@pytest.mark.parametrize(("old", "new", "line"), CHANGES, ids=[row[2] for row in CHANGES])
def test_a_change_is_one_line_in_words(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert changes(tmp_path, (old, new)) == [f"package p, {line}"]


def test_what_is_new_is_said_with_what_it_is(tmp_path: Path) -> None:
    blue = changes(tmp_path, ("GREEN = 1;", "GREEN = 1; BLUE = 2;"))
    assert blue == ["package p, enum Color: value BLUE is new: 2"]
    prod = changes(tmp_path, ("message Poke {}", "message Poke {}\nmessage Prod {}"))
    assert prod == ["package p: message Prod is new"]


def test_a_field_at_the_end_is_compatible(tmp_path: Path) -> None:
    lines = changes(tmp_path, ("b: u32;", "b: u32; c: u8 = 3;"))
    assert lines == [
        "package p, message Kick, field c: is new, of type `u8`",
        "package p, message Kick: compatible: every old field keeps its place",
    ]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("b: u32; a: u64;", "field b: offset is 0, was 8"),
        ("a: u64;", "field b: is gone"),
        ("a: u32; b: u32;", "field a: type is `u32`, was `u64`"),
    ],
)
def test_a_field_that_moves_goes_or_turns_is_not_compatible(
    tmp_path: Path, new: str, said: str
) -> None:
    lines = changes(tmp_path, ("a: u64; b: u32;", new))
    assert f"package p, message Kick, {said}" in lines
    assert lines[-1] == "package p, message Kick: not compatible: old fields changed"


def test_isolates_and_states_come_and_go(tmp_path: Path) -> None:
    lines = changes(
        tmp_path,
        ("on Kick -> Shut;", "on Kick -> Shut | Ajar;"),
        ("    final state", "    state Ajar { ignore Kick; after 1s => Gone; }\n    final state"),
    )
    assert f"{DOOR}: state Ajar is new" in lines
    whole = tmp_path / "whole.tina"
    whole.write_text("tina 1;\npackage p;\n")
    gone = differences(model_of(tmp_path / "old.tina"), model_of(whole))
    assert "package p: isolate Door is gone" in gone
    assert "package p: supervisor Root is gone" in gone


def test_the_start_order_is_part_of_the_meaning(tmp_path: Path) -> None:
    dynamic, child = [
        line + "\n" for line in SPEC.split("\n") if "dynamic" in line or "child" in line
    ]
    lines = changes(tmp_path, (dynamic + child, child + dynamic))
    assert lines == ["package p, supervisor Root: the start order is admin, p.Door"]


def test_comments_places_and_documentation_change_nothing(tmp_path: Path) -> None:
    edits = [("message Kick", "\n\n/// A kick.\nmessage Kick"), ("const MAX", "// x\nconst MAX")]
    assert changes(tmp_path, *edits) == []


def test_diff_exits_as_diff_does_and_takes_specs_and_models(tmp_path: Path) -> None:
    (tmp_path / "a.tina").write_text(SPEC)
    (tmp_path / "a.model.json").write_text(tina_gen("model", "a.tina", cwd=tmp_path).stdout)
    (tmp_path / "b.tina").write_text(SPEC.replace("restarts 5", "restarts 7"))
    same = tina_gen("model", "--diff", "a.model.json", "a.tina", cwd=tmp_path)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    other = tina_gen("model", "--diff", "a.tina", "b.tina", cwd=tmp_path)
    assert other.returncode == 1
    assert other.stdout == "package p, supervisor Root: `restarts` is 7, was 5\n"


HOLLOW = (
    '{"format": 1, "packages": [{"name": "p", "messages": [{"name": "Kick", "fields": [{}]}]}]}'
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot read `x.json`: no such file"),
        ("{", "`x.json` is not JSON"),
        ("[]", "`x.json` is not a model"),
        ('{"format": 99, "packages": []}', "a model of format 99"),
        ('{"format": 1, "packages": [{"name": "p", "messages": 3, "isolates": [[]]}]}', ""),
        (HOLLOW, "does not follow the schema"),
        ("[" * 5000, "not JSON"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_2(
    tmp_path: Path, text: str | None, words: str
) -> None:
    (tmp_path / "a.tina").write_text(SPEC)
    if text is not None:
        (tmp_path / "x.json").write_text(text)
    result = tina_gen("model", "--diff", "a.tina", "x.json", cwd=tmp_path)
    assert "Traceback" not in result.stderr
    if words:
        assert result.returncode == 2 and result.stderr.count("\n") == 1
        assert words in result.stderr


def test_a_wrong_spec_has_no_model(tmp_path: Path) -> None:
    (tmp_path / "a.tina").write_text("tina 1;\npackage p;\nconst A : u32 = 1s;\n")
    result = tina_gen("model", "a.tina", cwd=tmp_path)
    assert result.returncode == 1 and result.stdout == "" and "E0203" in result.stderr
    both = tina_gen("model", "--diff", "a.tina", "a.tina", cwd=tmp_path)
    assert both.returncode == 2 and "E0203" in both.stderr
    assert tina_gen("model").returncode == 2
