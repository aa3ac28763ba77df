# SPDX-License-Identifier: Apache-2.0
"""The budget as JSON follows its published schema, and its numbers add up, whatever the spec."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from programs import program
from specs import ECHO, ROOT

from tina_gen.cli import main

SCHEMA = json.loads((ROOT / "docs" / "reference" / "budget.schema.json").read_text("utf-8"))
# Parts of an isolate that rests which are regions of their own.
REGIONS = {
    "slot meta": "slot meta",
    "slot record": "slot records",
    "ready ring": "ready ring",
    "free ring": "free ring",
    "watch list": "watch lists",
    "heard": "heard",
}
SPECS = [
    ECHO,
    Path(__file__).with_name("budget_everything.tina"),
    ROOT / "tests" / "runtime" / "calls" / "calls.tina",
    ROOT / "tests" / "golden" / "packages" / "packages.tina",
]


def printed(spec: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command prints, which follows the schema."""
    assert main(["budget", str(spec), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found


def adds_up(role: Any) -> None:
    """What must be true of each role."""
    isolates = sum(isolate["total"] for isolate in role["isolates"])
    assert isolates + sum(role["shard"].values()) == role["total"]
    assert role["total"] + role["headroom"] == role["limit"]
    for isolate in role["isolates"]:
        assert sum(isolate["bytes"].values()) == isolate["total"]
        assert isolate["stride"] >= isolate["state"]
        mine = {r["part"]: r["bytes"] for r in role["regions"] if r["owner"] == isolate["isolate"]}
        for part, region in REGIONS.items():
            assert isolate["idle"].get(part, 0) * isolate["slots"] == mine.get(region, 0)
    for mailbox in role["mailboxes"]:
        assert mailbox["worst"] <= mailbox["capacity"]
        for call in mailbox["calls"]:
            assert call["never_shed"] == (not call["obstacles"]) == bool(call["assumption"])


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_the_budget_of_a_spec_follows_the_schema(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for role in printed(spec, capsys)["roles"]:
        adds_up(role)


@pytest.mark.parametrize("seed", range(20))
def test_the_budget_of_any_program_follows_the_schema(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = program(Random(seed))
    for name, text in {"spec.tina": drawn.text, **drawn.others}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for role in printed(tmp_path / "spec.tina", capsys)["roles"]:
        adds_up(role)


def test_a_budget_that_lacks_or_invents_a_member_breaks_the_schema(
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = printed(SPECS[1], capsys)
    validator = jsonschema.Draft202012Validator(SCHEMA)

    def parts(document: Any) -> list[dict[str, Any]]:
        role = document["roles"][0]
        mailboxes = [one for other in document["roles"] for one in other["mailboxes"]]
        mailbox = next(one for one in mailboxes if one["arrivals"] and one["calls"])
        called = [mailbox, mailbox["arrivals"][0], mailbox["calls"][0]]
        return [document, role, role["isolates"][0], role["regions"][0], *called]

    for number, part in enumerate(parts(good)):
        for name in part:
            broken = copy.deepcopy(good)
            del parts(broken)[number][name]
            optional = name == "mailboxes"  # a program that is compiled has none
            assert validator.is_valid(broken) == optional, name
        broken = copy.deepcopy(good)
        parts(broken)[number]["invented"] = 1
        assert not validator.is_valid(broken)


def test_the_page_of_budgets_names_each_member_of_a_role() -> None:
    page = (ROOT / "docs" / "reference" / "budget.md").read_text(encoding="utf-8")
    table = page[page.index("## JSON") : page.index("## The lock file")]
    assert "budget.schema.json" in table
    for name in SCHEMA["$defs"]["role"]["properties"]:
        assert f"`{name}`" in table, name
