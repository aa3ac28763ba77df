# SPDX-License-Identifier: Apache-2.0
"""Every rule sees the violation that is planted for it, at its line, and passes the mended text."""

from __future__ import annotations

import graphlib
from collections.abc import Callable
from pathlib import Path

import pytest
import tidy_edges
import tidy_history
import tidy_size
import tidy_text
from tidy_tree import Finding, Tree, planted

Rule = Callable[[Tree], list[Finding]]

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CLOCK = "auto now = std::chrono::steady_clock::now();\n"
LONG_CPP = "void f(int a) {\n" + "  a += 1;\n" * 69 + "}\n"
ABSEIL = "#include <absl/flags/flag.h>\n"
LONG_PY = "def f(a):\n" + "    a += 1\n" * 70

# rule, file, text, line at which the violation is found
VIOLATIONS: tuple[tuple[Rule, str, str, int], ...] = (
    (tidy_size.long_files, "runtime/src/ring.h", "//\n" * 401, 401),
    (tidy_size.long_files, "runtime/src/ring.cc", "//\n" * 501, 501),
    (tidy_size.long_files, "codegen/tina_gen/a.py", "#\n" * 401, 401),
    (tidy_size.long_files, "codegen/tina_gen/templates/a.j2", "x\n" * 121, 121),
    (tidy_size.long_files, "tests/runtime/ring_test.cc", "//\n" * 601, 601),
    (tidy_size.long_files, tidy_size.EXCEPTIONS, "runtime/src/gone.h 900 it is a table\n", 1),
    (tidy_size.long_files, tidy_size.EXCEPTIONS, "runtime/src/ring.h because\n", 1),
    (tidy_size.long_functions, "runtime/src/ring.cc", "namespace a {\n" + LONG_CPP, 2),
    (tidy_size.long_functions, "codegen/tina_gen/a.py", LONG_PY, 1),
    (tidy_text.banned_words, "runtime/src/ring.h", "int a;\nint inbox_size;\n", 2),
    (tidy_text.banned_words, "runtime/src/ring.h", "struct EventLoop {};\n", 1),
    (tidy_text.banned_words, "runtime/src/ring.h", "// a worker thread\n", 1),
    (tidy_text.banned_words, "runtime/src/ring.h", "struct ShardManager {};\n", 1),
    (tidy_text.banned_words, "runtime/src/ring.h", "int CommonState;\n", 1),
    (tidy_text.banned_words, "runtime/src/string_util.h", "int a;\n", 1),
    (tidy_text.banned_words, "README.md", "An actor.\nAnother actor.\n", 2),
    (tidy_text.licence_lines, "runtime/src/ring.h", "#pragma once\n", 1),
    (tidy_text.licence_lines, "runtime/src/ring.h", SPDX + "#pragma once\n", 2),
    (tidy_text.licence_lines, "dev", "#!/usr/bin/env bash\nset -e\n", 2),
    (tidy_text.machine_paths, "CMakeLists.txt", 'set(A "/home/jane/x")\n', 1),
    (tidy_text.machine_paths, "docs/a.md", "\nsee ../shared/design\n", 2),
    (tidy_text.sleeping_tests, "tests/runtime/a_test.cc", "int a;\nsleep_for(1ms);\n", 2),
    (tidy_text.sleeping_tests, "tests/codegen/test_a.py", "time.sleep(1)\n", 1),
    (tidy_text.bare_todos, "runtime/src/ring.h", "// TODO: faster\n", 1),
    (tidy_edges.upward_includes, "runtime/src/base.h", '#include "src/os.h"\n', 1),
    (tidy_edges.upward_includes, "runtime/src/ring.h", '#include "wheel.h"\n', 1),
    (tidy_edges.upward_includes, "runtime/src/trap.h", '#include "src/isolate.h"\n', 1),
    (tidy_edges.upward_includes, "runtime/src/shard.cc", '#include "sim/clock.h"\n', 1),
    (tidy_edges.upward_includes, "runtime/src/gizmo.h", "int a;\n", 1),
    (tidy_edges.upward_includes, "runtime/include/tina/a.h", '#include "src/os.h"\n', 1),
    (tidy_edges.upward_includes, "runtime/include/tina/a.h", "#include <liburing.h>\n", 1),
    (tidy_edges.upward_includes, "examples/echo/a.cc", '#include "runtime/src/os.h"\n', 1),
    (tidy_edges.upward_includes, "codegen/tina_gen/templates/a.j2", '#include "src/os.h"\n', 1),
    (tidy_edges.upward_includes, "codegen/tina_gen/templates/system.h.j2", ABSEIL, 1),
    (tidy_edges.simulator_switches, "runtime/src/shard.cc", "int a;\n#ifdef TINA_SIM\n", 2),
    (tidy_edges.simulator_switches, "runtime/src/shard.cc", "#if defined(SIMULATED)\n", 1),
    (tidy_edges.impure_sources, "examples/echo/connection.cc", "int a;\n" + CLOCK, 2),
    (tidy_edges.impure_sources, "runtime/src/shard.cc", "std::thread t(run);\n", 1),
    (tidy_edges.impure_sources, "runtime/sim/network.cc", "std::random_device seed;\n", 1),
    (tidy_edges.eager_imports, "codegen/tina_gen/a.py", "import os\nimport jinja2\n", 2),
    (tidy_edges.eager_imports, "codegen/tina_gen/a.py", "from jinja2 import Environment\n", 1),
)

NEIGHBOURS = {
    "runtime/src/os.h": "",
    "runtime/src/isolate.h": "",
    "runtime/src/wheel.h": "",
    "runtime/sim/clock.h": "",
}

MENDED: tuple[tuple[Rule, str, str], ...] = (
    (tidy_size.long_files, "runtime/src/ring.h", "//\n" * 400),
    (tidy_size.long_functions, "runtime/src/ring.cc", LONG_CPP.replace("  a += 1;\n", "", 1)),
    (tidy_text.banned_words, "runtime/src/ring.h", "std::common_type_t<int> factor;  // common\n"),
    (tidy_text.banned_words, "README.md", "Also called an actor.\n"),
    (tidy_text.banned_words, "bench/peers/peer.cc", "caf::actor_system system{config};\n"),
    (tidy_text.licence_lines, "runtime/src/ring.h", SPDX + "// A ring.\n"),
    (tidy_text.licence_lines, "tests/codegen/echo.tina", "tina 1;\n"),
    (tidy_text.machine_paths, "docs/a.md", "see build/gcc/work/a\n"),
    (tidy_text.sleeping_tests, "tests/runtime/a_test.cc", "wait_until(ready);\n"),
    (tidy_text.bare_todos, "runtime/src/ring.h", "// TODO(perf): one publish a pass\n"),
    (tidy_edges.upward_includes, "runtime/src/shard.cc", '#include "src/wheel.h"\n'),
    (tidy_edges.upward_includes, "runtime/src/trap.cc", '#include "src/isolate.h"\n'),
    (tidy_edges.upward_includes, "runtime/include/tina/a.h", '#include "tina/base.h"\n'),
    (tidy_edges.upward_includes, "examples/echo/a.cc", '#include "a.h"\n#include <vector>\n'),
    (tidy_edges.upward_includes, "codegen/tina_gen/templates/system.cc.j2", ABSEIL),
    (tidy_edges.simulator_switches, "runtime/src/shard.cc", "#ifdef NDEBUG\n"),
    (tidy_edges.impure_sources, "runtime/src/os_clock.cc", CLOCK),
    (tidy_edges.impure_sources, "runtime/src/shard.cc", "// not " + CLOCK),
    (tidy_edges.eager_imports, "codegen/tina_gen/a.py", "def f():\n    import jinja2\n"),
)


@pytest.mark.parametrize(("rule", "name", "text", "line"), VIOLATIONS)
def test_the_rule_finds_what_is_planted(
    tmp_path: Path, rule: Rule, name: str, text: str, line: int
) -> None:
    findings = rule(planted(tmp_path, {**NEIGHBOURS, name: text}))
    own = [finding for finding in findings if finding.path == name]
    assert [finding.line for finding in own] == [line], findings
    assert str(own[0]).startswith(f"{name}:{line}: ")
    assert own[0].mend


@pytest.mark.parametrize(("rule", "name", "text"), MENDED)
def test_the_rule_passes_what_is_right(tmp_path: Path, rule: Rule, name: str, text: str) -> None:
    findings = rule(planted(tmp_path, {**NEIGHBOURS, name: text}))
    assert [finding for finding in findings if finding.path == name] == []


def test_an_exception_with_a_reason_lifts_the_ceiling(tmp_path: Path) -> None:
    name = "runtime/src/ring.h"
    reason = f"# comment\n{name} 450 one table that is read as a whole\n"
    files = {name: "//\n" * 450, tidy_size.EXCEPTIONS: reason}
    assert tidy_size.long_files(planted(tmp_path, files)) == []


def test_sideways_edges_have_an_order_and_stay_on_one_level() -> None:
    assert tidy_edges.order(tidy_edges.SIDEWAYS)
    for user, used in tidy_edges.SIDEWAYS | tidy_edges.CALLS_BACK:
        assert tidy_edges.level(user) == tidy_edges.level(used)


def test_a_cycle_of_sideways_edges_is_refused() -> None:
    with pytest.raises(graphlib.CycleError):
        tidy_edges.order({("isolate", "trap"), ("trap", "isolate")})


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("ring: publish once per pass", "Why.", 0),
        ("ring: publish once per pass", "", 1),
        ("Publish once per pass", "Why.", 1),
        ("ring: published once", "Why.", 1),
        ("ring: adds a test", "Why.", 1),
        ("ring: embed the sequence word", "Why.", 0),
        ("ring: " + "a" * 60, "Why.", 1),
    ],
)
def test_a_subject_is_judged(subject: str, body: str, expected: int) -> None:
    assert len(tidy_history.judge(tidy_history.Commit("abc", subject, body))) == expected
