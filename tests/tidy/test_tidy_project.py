# SPDX-License-Identifier: Apache-2.0
"""The project keeps its own rules. Each failure lists every `file:line` and how to mend it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tidy_edges
import tidy_history
import tidy_size
import tidy_text
from tidy_tree import ROOT, Finding, Tree, project, report

RULES: tuple[Callable[[Tree], list[Finding]], ...] = (
    tidy_size.long_files,
    tidy_size.long_functions,
    tidy_text.banned_words,
    tidy_text.licence_lines,
    tidy_text.machine_paths,
    tidy_text.sleeping_tests,
    tidy_text.bare_todos,
    tidy_edges.upward_includes,
    tidy_edges.simulator_switches,
    tidy_edges.impure_sources,
    tidy_edges.eager_imports,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Callable[[Tree], list[Finding]]) -> None:
    findings = rule(project())
    assert not findings, report(findings)


def test_the_project_has_files_of_every_kind_that_the_rules_look_at() -> None:
    names = project().names
    for suffix in (".h", ".cc", ".py", ".tina", ".cmake", ".md"):
        assert any(name.endswith(suffix) for name in names), f"no {suffix} file is seen"


def test_commits_say_room_and_reason() -> None:
    findings = [f for commit in tidy_history.commits(ROOT) for f in tidy_history.judge(commit)]
    assert not findings, report(findings)
