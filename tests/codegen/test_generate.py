# SPDX-License-Identifier: Apache-2.0
"""`tina-gen generate`: what it writes, when, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tina_gen.cli import main
from tina_gen.cli_generate import depfile, spec_name

SPEC = """\
tina 1;
package tiny;
message Ping {}
isolate Echo {
  init ();
  sends Ping to Echo;
  budget { slots 1; mailbox 1; state <= 8B; }
  on Ping;
}
supervisor Root {
  strategy one_for_one;
  restarts 1 in 1s else abort;
  child echo : Echo() permanent;
}
system Tiny { shards 1 as main { tick 1ms; memory <= 1MiB; root Root; } }
"""
OUTPUT = ["tiny.model.json", "tiny.system.cc", "tiny.system.h", "tiny.tina.cc", "tiny.tina.h"]


def run(folder: Path, *more: str) -> int:
    (folder / "out").mkdir(exist_ok=True)
    spec, out = folder / "tiny.tina", folder / "out"
    options = ["--depfile", f"{out}/tiny.d", "--stamp", f"{out}/tiny.stamp"]
    return main(["generate", str(spec), "--output", str(out), *options, *more])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.tina").write_text(SPEC, encoding="utf-8")
    return tmp_path


def ages(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "out").iterdir()}


def test_everything_is_written_and_the_stamp_is_last(folder: Path) -> None:
    assert run(folder) == 0
    found = ages(folder)
    assert sorted(found) == sorted([*OUTPUT, "tiny.d", "tiny.stamp"])
    assert max(found, key=lambda name: found[name]) == "tiny.stamp"


def test_a_changed_comment_touches_the_stamp_alone(folder: Path) -> None:
    run(folder)
    for path in (folder / "out").iterdir():
        os.utime(path, ns=(1, 1))
    changed = SPEC.replace("package tiny;", "package tiny;  // a comment")
    (folder / "tiny.tina").write_text(changed, encoding="utf-8")
    assert run(folder) == 0
    assert [name for name, age in ages(folder).items() if age != 1] == ["tiny.stamp"]


def test_a_wrong_spec_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tiny.tina").write_text(SPEC.replace("on Ping;", "on Pong;"), encoding="utf-8")
    assert run(folder) == 1
    assert list((folder / "out").iterdir()) == []
    assert "error[" in capsys.readouterr().err


def test_an_unwritable_folder_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    status = main(["generate", str(folder / "tiny.tina"), "--output", str(folder / "file" / "out")])
    assert status == 1
    error = capsys.readouterr().err
    assert error.startswith("tina-gen: cannot write ") and error.count("\n") == 1


def test_the_depfile_lists_spec_imports_and_generator(folder: Path) -> None:
    imports = 'package tiny;\nimport "tina/sys.tina" as sys;'
    (folder / "tiny.tina").write_text(SPEC.replace("package tiny;", imports), encoding="utf-8")
    run(folder)
    text = (folder / "out" / "tiny.d").read_text(encoding="utf-8")
    assert text.startswith(f"{folder}/out/tiny.stamp:")
    for name in ("/tiny.tina", "tina/sys.tina", "templates/header.h.j2", "emit/wrap.py"):
        assert name in text


def test_the_depfile_escapes_what_make_reads_otherwise() -> None:
    assert depfile("a b", ["c$d", "e#f"]) == "a\\ b: \\\n  c$$d \\\n  e\\#f\n"


def test_generated_files_name_the_spec_from_the_source_root(folder: Path) -> None:
    assert run(folder, "--source-root", str(folder)) == 0
    contract = (folder / "out" / "tiny.tina.cc").read_text(encoding="utf-8")
    assert '"tiny.tina"' in contract and str(folder) not in contract


def test_a_spec_outside_of_the_root_has_its_bare_name() -> None:
    assert spec_name("/a/b/c.tina", "/a") == "b/c.tina"
    assert spec_name("/a/b/c.tina", "/x") == "c.tina"


def test_a_route_needs_its_system_to_be_generated(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SPEC.split("supervisor")[0].replace("to Echo", "to Echo, route Kv")
    text = text.replace("sends Ping", "sends Kv.Put").replace("on Ping", "on Kv.Put")
    protocol = "package tiny;\nprotocol Kv { cast Put (key: u64); }"
    text = text.replace("package tiny;", protocol).replace("Echo {", "Echo implements Kv {", 1)
    (folder / "tiny.tina").write_text(text, encoding="utf-8")
    assert main(["check", str(folder / "tiny.tina")]) == 0
    assert run(folder) == 1
    said = capsys.readouterr().err
    assert "error[E0713]: no system has a route for `Kv`" in said and "it imports this one" in said
    assert not list((folder / "out").iterdir())
