# SPDX-License-Identifier: Apache-2.0
"""Specs that import others: what is generated for which package, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from specs import ROOT, analyze_text

from tina_gen.cli import main

SPEC = ROOT / "tests" / "golden" / "packages" / "packages.tina"
PACKAGES = ["kv/store", "packages", "shared/audit/log", "shared/words"]


def head(package: str, *imports: str) -> str:
    lines = "".join(f'import "{path}";\n' for path in imports)
    return f"tina 1;\npackage {package};\n{lines}"


def test_each_package_is_written_where_its_import_path_says(tmp_path: Path) -> None:
    out = tmp_path / "out"
    lists = ["--imports", f"{out}/list", "--depfile", f"{out}/d", "--stamp", f"{out}/stamp"]
    assert main(["generate", str(SPEC), "--output", str(out), *lists]) == 0
    written = {str(path.relative_to(out)) for path in out.rglob("*.tina.*")}
    assert written == {f"{name}.tina.{end}" for name in PACKAGES for end in ("h", "cc")}
    assert (out / "list").read_text().split() == [
        f"{name}.tina" for name in PACKAGES if name != "packages"
    ]
    inputs = (out / "d").read_text()
    assert all(f"packages/{name}.tina" in inputs for name in PACKAGES)


def test_a_change_of_one_package_touches_its_own_files_only(tmp_path: Path) -> None:
    (tmp_path / "base.tina").write_text(head("base") + "type Id = u32;\nmessage A {}\n")
    (tmp_path / "left.tina").write_text(head("left", "base.tina") + "message L { id: base.Id; }\n")
    app = tmp_path / "app.tina"
    app.write_text(head("app", "left.tina", "base.tina") + "message M { id: base.Id; }\n")
    out = tmp_path / "out"
    command = ["generate", str(app), "--output", str(out)]
    assert main(command) == 0
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    (tmp_path / "base.tina").write_text(head("base") + "type Id = u32;\nmessage B {}\n")
    assert main(command) == 0
    changed = {path.name for path in out.iterdir() if path.stat().st_mtime_ns != before[path]}
    assert changed == {"base.tina.h", "app.model.json"}


def test_stubs_lie_beside_the_spec_of_their_package(tmp_path: Path) -> None:
    assert main(["stub", str(SPEC), "--output", str(tmp_path)]) == 0
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.h")}
    assert found == {"front.h", "kv/store.h", "shared/audit/store.h"}
    assert '#include "kv/store.tina.h"' in (tmp_path / "kv" / "store.h").read_text()


@pytest.mark.parametrize("name", ["time", "random.one", "index"])
def test_a_package_is_not_called_as_a_function_of_the_c_library(name: str) -> None:
    (problem,) = analyze_text(head(name)).diagnostics
    assert problem.code == "E0105"
    assert not analyze_text(head(f"mine.{name}")).diagnostics


def test_two_packages_of_a_program_have_no_option_of_the_same_name() -> None:
    other = {"kv.tina": head("kv") + "config port : u16 = 1;\n"}
    text = head("app", "kv.tina") + "config port : u16 = 2;\n"
    system = (
        "isolate I { budget { slots 1; mailbox 1; state <= 8B; } }\n"
        "supervisor Root { strategy one_for_one; restarts 1 in 1s else abort;\n"
        "  child i : I() permanent; }\n"
        "system S { shards 1 as main { tick 1ms; memory <= 1MiB; root Root; } }\n"
    )
    assert not analyze_text(text, other).diagnostics  # nothing is started, so there are no options
    (problem,) = analyze_text(text + system, other).diagnostics
    assert problem.code == "E0103" and "--port" in problem.message
