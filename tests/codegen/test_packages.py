# SPDX-License-Identifier: Apache-2.0
"""Specs that import others: what is generated for which package, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from specs import ROOT, analyze_text, good_model

from tina_gen.cli import main
from tina_gen.emit import generate

SPEC = ROOT / "tests" / "golden" / "packages" / "packages.tina"
FILES = {
    str(path.relative_to(SPEC.parent)): path.read_text(encoding="utf-8")
    for path in SPEC.parent.glob("*/**/*.tina")
}
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
    assert found == {"front.h", "store.h", "kv/store.h", "shared/audit/store.h"}
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


@pytest.mark.parametrize("name", ["kv.Store", "packages.Store"])
def test_isolates_of_one_name_are_told_apart_by_their_packages(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stub", str(SPEC), "--isolate", name]) == 0
    package = name.partition(".")[0]
    printed = capsys.readouterr().out
    assert f"namespace {package} {{" in printed and printed.count("// ---- ") == 2
    assert main(["stub", str(SPEC), "--isolate", "Store"]) == 2
    refused = capsys.readouterr().err
    assert "shared.audit.Store, kv.Store, packages.Store" in refused and refused.count("\n") == 1
    assert main(["stub", str(SPEC), "--isolate", "Stor"]) == 1
    assert main(["stub", str(SPEC), "--isolate", "Fron"]) == 1
    assert "did you mean `Front`" in capsys.readouterr().err


def test_handlers_go_into_the_struct_of_their_own_package(tmp_path: Path) -> None:
    header = tmp_path / "store.h"
    kept = (SPEC.parent / "handlers" / "kv" / "store.h").read_text(encoding="utf-8")
    forget = "  Effect on_log_forget(const Log::Forget&, Context&);\n"
    header.write_text(kept.replace(forget, ""), encoding="utf-8")
    assert main(["stub", str(SPEC), "--into", str(header)]) == 0
    completed = header.read_text(encoding="utf-8")
    assert completed.count(forget) == 1 and "on_put(in<Machine>" not in completed
    assert completed.count("on_log_get") == 1


def test_a_protocol_is_called_and_served_across_packages() -> None:
    """What C++ sees: names of other packages by the short name of their import, and the tags of
    whoever takes part, from whichever package."""
    model = good_model(SPEC.read_text(encoding="utf-8"), FILES)
    headers = {file.path: file.text for file in generate(model, "packages.tina")}
    store, front = headers["kv/store.tina.h"], headers["packages.tina.h"]
    assert "namespace audit = shared::audit;" in store
    assert '#include "shared/audit/log.tina.h"' in store
    assert "words::Level level" in store and "audit::Mark mark" in store
    assert "struct LogCalls" in store and "call_path" in store  # of the audit, by its place
    assert "tina::Ref<kv::Store> callee" in front and "tina::ProtocolRef<kv::Log> callee" in front
    numbers = {isolate.qualified: isolate.index for isolate in model.isolates}
    served = [numbers["kv.Store"], numbers["packages.Store"]]
    table = next(line for line in store.split("\n") if "kLogGetTags" in line)
    assert [f".with({number}, " in table for number in served] == [True, True]
    assert f".with({numbers['shared.audit.Store']}, " not in table
