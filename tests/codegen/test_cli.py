# SPDX-License-Identifier: Apache-2.0
"""The command line: silence, exit status, formats, and files that are no specs."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from specs import ECHO, ROOT

from tina_gen.cli import COMMANDS, command
from tina_gen.load import Places, Reader, read_problem
from tina_gen.pipeline import analyze

BROKEN = "tina 1;\npackage p;\nconst A : u32 = 1s;\n"


def tina_gen(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "codegen")}
    return subprocess.run(
        [sys.executable, "-m", "tina_gen", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=60,
        check=False,
    )


def test_right_spec_prints_nothing_and_exits_0() -> None:
    result = tina_gen("check", str(ECHO))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_wrong_spec_exits_1_with_span_reason_and_help(tmp_path: Path) -> None:
    (tmp_path / "a.tina").write_text(BROKEN)
    result = tina_gen("check", "a.tina", cwd=tmp_path)
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr.startswith("error[E0203]: ") and " --> a.tina:3:17\n" in result.stderr


def test_wrong_usage_exits_2() -> None:
    assert tina_gen("check").returncode == 2
    assert tina_gen("check", "--format", "html", "x").returncode == 2
    assert tina_gen().returncode == 2


def test_version_is_one_line() -> None:
    assert tina_gen("--version").stdout == "tina-gen 0.1.0\n"


def test_formats_for_machines(tmp_path: Path) -> None:
    (tmp_path / "a.tina").write_text(BROKEN)
    plain = tina_gen("check", "--format", "plain", "a.tina", cwd=tmp_path).stderr
    assert plain.startswith("a.tina:3:17: error: ") and "[E0203]\n" in plain
    records = json.loads(tina_gen("check", "--format", "json", "a.tina", cwd=tmp_path).stdout)
    assert records["diagnostics"][0]["line"] == 3
    github = tina_gen("check", "--format", "github", "a.tina", cwd=tmp_path).stdout
    assert github.startswith("::error file=a.tina,line=3,col=17,title=E0203::")


def test_sarif_is_one_document_with_rules_places_and_reasons(tmp_path: Path) -> None:
    case = ROOT / "tests" / "codegen" / "golden" / "E0301" / "fail.tina"
    (tmp_path / "a b.tina").write_bytes(case.read_bytes())
    result = tina_gen("check", "--format", "sarif", "a b.tina", "gone.tina", cwd=tmp_path)
    assert result.returncode == 1 and result.stderr == ""
    (run,) = json.loads(result.stdout)["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E0001", "E0301"]
    found, gone = run["results"]
    if found["ruleId"] != "E0301":
        found, gone = gone, found
    assert found["level"] == "error" and "help: " in found["message"]["text"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b.tina"}
    assert place["region"] == {"startLine": 18, "startColumn": 11, "endLine": 18, "endColumn": 15}
    assert found["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 7
    assert "region" not in gone["locations"][0]["physicalLocation"]
    right = tina_gen("check", "--format", "sarif", str(ECHO)).stdout
    assert json.loads(right)["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "it does not exist"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x7fELF\x02\x01\x00\x00", "NUL byte in line 1"),
        (b"tina 1;\n\xff\xfe", "not UTF-8: byte 0xff in line 2"),
        (b"x" * 10_000_000, "larger than 1 MiB"),
    ],
)
def test_file_that_is_no_spec_is_one_clear_line(
    tmp_path: Path, data: bytes | None, words: str
) -> None:
    if data is not None:
        (tmp_path / "a.tina").write_bytes(data)
    result = tina_gen("check", "a.tina", cwd=tmp_path)
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "a.tina" in result.stderr and words in result.stderr and ";" in result.stderr


def test_directory_is_one_clear_line(tmp_path: Path) -> None:
    result = tina_gen("check", str(tmp_path))
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert "it is a directory" in result.stderr


def failing(error: OSError) -> Reader:
    def read(path: str, limit: int) -> bytes:
        raise error

    return read


def test_unreadable_file_says_why() -> None:
    denied = failing(PermissionError(13, "Permission denied"))
    (only,) = analyze("a.tina", denied, Places("", ("",))).diagnostics
    assert only.message == "cannot read `a.tina`: reading it is not permitted"
    assert "too many links" in read_problem("x", OSError(40, "Too many links")).message


def test_name_that_no_terminal_can_show_is_no_traceback(tmp_path: Path) -> None:
    result = tina_gen("check", "\udcff\x1b[31m.tina", cwd=tmp_path)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "\x1b" not in result.stderr


def test_several_files_share_one_run(tmp_path: Path) -> None:
    for name in ("a.tina", "b.tina"):
        (tmp_path / name).write_text(BROKEN)
    result = tina_gen("check", "a.tina", "b.tina", "a.tina", cwd=tmp_path)
    assert result.stderr.count("error[E0203]") == 2


def test_import_path_is_searched_after_the_own_directory(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "types.tina").write_text("tina 1;\npackage types;\n")
    (tmp_path / "a.tina").write_text('tina 1;\npackage a;\nimport "types.tina" as types;\n')
    assert tina_gen("check", "-I", "lib", "a.tina", cwd=tmp_path).returncode == 0
    result = tina_gen("check", "a.tina", cwd=tmp_path)
    assert "looked for `types.tina`" in result.stderr


def test_check_does_not_import_jinja2() -> None:
    code = (
        "import sys; from tina_gen.cli import main; "
        f"main(['check', {str(ECHO)!r}]); sys.exit('jinja2' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "codegen")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_and_option_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "tina-gen.md").read_text(encoding="utf-8")
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    assert name in sections, f"write `## {name}` in docs/reference/tina-gen.md"
    parser = argparse.ArgumentParser(add_help=False)
    command(name).add_arguments(parser)
    options = set(re.findall(r"--[a-z][a-z-]*", parser.format_usage()))
    missing = [option for option in sorted(options) if option not in sections[name]]
    assert not missing, f"say what {missing} of {name} means"
