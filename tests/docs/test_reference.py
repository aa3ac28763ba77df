# SPDX-License-Identifier: Apache-2.0
"""The pages of the reference name what the code has, all of it and nothing else."""

from __future__ import annotations

import re
import sys

from blocks import ROOT

sys.path.insert(0, str(ROOT / "codegen"))

from dev_tasks import reference
from tina_gen import cli
from tina_gen.lsp import words
from tina_gen.names import PROGRAM_OPTIONS

PAGES = ROOT / "docs" / "reference"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def code(*patterns: str) -> str:
    """The text of sources of the project, in order of their names."""
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def first_cells(text: str) -> set[str]:
    """The words in backticks in the first cell of each row of a table."""
    rows = re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)
    return {word for cell in rows for word in re.findall(r"`([^`]+)`", cell)}


def differences(documented: set[str], real: set[str]) -> str:
    """What a page leaves out or invents; empty if nothing."""
    assert real, "nothing was found in the code: this test looks in the wrong place"
    missing, invented = sorted(real - documented), sorted(documented - real)
    return "; ".join(f"{what}: {n}" for what, n in (("missing", missing), ("gone", invented)) if n)


def test_the_generated_pages_are_current() -> None:
    for path, generated in reference.PAGES.items():
        assert path.read_text(encoding="utf-8") == generated(), (
            f"./dev docs writes {path.name} anew"
        )


def test_a_code_that_changes_makes_the_page_old() -> None:
    assert dict(reference.codes())["E0301"] in page("codes")
    assert "| E0001 | another meaning |" not in page("codes")


def test_the_counters_are_those_of_the_runtime() -> None:
    text = code("runtime/src/observe.h")
    names = re.findall(r"k(?:Shard|Type)CounterNames = \{(.*?)\}", text, re.DOTALL)
    real = {word for group in names for word in re.findall(r'"(\w+)"', group)}
    assert not (said := differences(first_cells(page("counters")), real)), said


def test_the_log_events_are_those_of_the_runtime() -> None:
    text = code("runtime/src/*.cc")
    called = re.findall(r'log_(?:event|child)\([^;"]*((?:"[a-z_]+"[^;"]*?)+)[,)]', text)
    real = {word for part in called for word in re.findall(r'"([a-z_]+)"', part)}
    real |= set(re.findall(r"event=([a-z_]+)", text))
    real -= {"child", "restarts", "window_ms", "errno"}  # fields of such lines
    assert not (said := differences(first_cells(page("log-events")), real)), said


def test_the_options_of_a_program_are_those_of_its_main() -> None:
    flags = re.findall(r"ABSL_FLAG\(([\w:<>]+), (\w+),", code("runtime/src/boot_main.cc"))
    real = {f"--{name}" for _, name in flags}
    cells = first_cells(page("command-line"))
    documented = {match[0] for cell in cells for match in [re.match(r"--[a-z]+", cell)] if match}
    documented.discard("--noprefault")
    assert not (said := differences(documented, real)), said
    assert {name for _, name in flags} <= PROGRAM_OPTIONS, "a config of that name would clash"


def test_the_commands_of_a_program_are_those_of_its_main() -> None:
    real = set(re.findall(r'command == "(\w+)"', code("runtime/src/boot_main.cc")))
    cells = {cell.split()[0] for cell in first_cells(page("command-line"))}
    documented = {cell for cell in cells if not cell.startswith(("-", "tina"))}
    assert not (said := differences(documented, real)), said


def test_the_commands_of_the_generator_are_those_of_its_parser() -> None:
    real = set(cli.COMMANDS)
    cells = first_cells(page("command-line"))
    documented = {cell.split()[1] for cell in cells if cell.startswith("tina-gen ")}
    assert not (said := differences(documented, real)), said


def test_every_word_of_the_language_is_on_its_page() -> None:
    """Whatever may begin an item, and whatever is a setting, is said on the page that leads."""
    text = re.sub(r"```.*?```", "", page("language"), flags=re.DOTALL)
    spoken = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    spoken |= set(re.findall(r"[a-z_]+", page("language-simulation")))
    tables = (*words.ITEMS.values(), *words.SETTINGS.values())
    wanted = {word for table in tables for word in table} - {"kind", "lane", "setting", "op"}
    wanted |= {*words.STRATEGIES, *words.LIMITS, *words.BOUNDS}
    assert not (missing := sorted(wanted - spoken)), f"{missing} in docs/reference/language.md"


def test_a_page_that_leaves_out_or_invents_is_seen() -> None:
    assert differences({"a"}, {"a", "b"}) == "missing: ['b']"
    assert differences({"a", "c"}, {"a"}) == "gone: ['c']"
    assert not differences({"a"}, {"a"})
