# SPDX-License-Identifier: Apache-2.0
"""The canonical layout: the tree and all comments stay, twice is once, and errors touch nothing."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from grammar import SPECS, scattered, sentence
from hypothesis import HealthCheck, assume, given, settings
from specs import ECHO, ROOT
from test_cli import BROKEN, tina_gen

from tina_gen.format import format_file, same_program
from tina_gen.source import SourceFile, Span
from tina_gen.syntax.parser import parse

COMMAND = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.tina"]
FILES = sorted(
    ROOT / name
    for name in subprocess.run(
        COMMAND, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    if name and (ROOT / name).is_file()
)
# Specs that people read; what is written for tests may be laid out as the test likes.
READ = [p for p in FILES if p.relative_to(ROOT).parts[0] in ("examples", "idl", "bench")]
RELAXED = settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))


def shape(value: Any) -> Any:
    """A tree without its places."""
    if isinstance(value, Span):
        return "here"
    if dataclasses.is_dataclass(value):
        return type(value).__name__, {
            field.name: shape(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name not in ("span", "file")
        }
    return [shape(item) for item in value] if isinstance(value, tuple) else value


def formatted(text: str) -> str:
    result = format_file(SourceFile("a.tina", text))
    assert isinstance(result, str), result
    return result


def tree(text: str) -> Any:
    parsed, diagnostics = parse(SourceFile("a.tina", text))
    assert not diagnostics
    return shape(parsed)


def comments(text: str) -> list[str]:
    """The comments of a text without strings that look like them."""
    return [line[line.index("//") :].rstrip() for line in text.split("\n") if "//" in line]


def holds(text: str) -> None:
    """What must be true of each layout."""
    result = formatted(text)
    assert tree(result) == tree(text)
    assert formatted(result) == result
    assert same_program(SourceFile("a.tina", text), result)
    lines = result.split("\n")
    assert all(line == line.rstrip() and "\t" not in line for line in lines)
    assert result.endswith("\n") and "\n\n\n" not in result and not result.startswith("\n")


def right(text: str) -> bool:
    return not parse(SourceFile("a.tina", text))[1]


@RELAXED
@given(SPECS)
def test_any_sentence_of_the_grammar_keeps_its_tree(random: Random) -> None:
    text = scattered(sentence(random), random)
    assume(right(text))
    holds(text)


@RELAXED
@given(SPECS)
def test_comments_stay_in_order_wherever_they_stand(random: Random) -> None:
    words = [word for word in sentence(random) if "//" not in word]
    text = scattered(words, random)
    assume(right(text))
    assert comments(formatted(text)) == comments(text.replace("\r", ""))


def test_the_grammar_gives_right_specs_of_every_kind() -> None:
    """The property above would be empty if nothing parsed."""
    seen: set[str] = set()

    for seed in range(300):
        text = " ".join(sentence(Random(seed)))
        if right(text):
            parsed, _ = parse(SourceFile("a.tina", text))
            seen.update(type(decl).__name__ for decl in parsed.decls)
    assert len(seen) >= 9, seen


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_of_the_project_keeps_its_tree_and_comments(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    if right(text):
        holds(text)
        if '"//' not in text:
            assert comments(formatted(text)) == comments(text)
    else:
        assert not isinstance(format_file(SourceFile("a.tina", text)), str)


@pytest.mark.parametrize("path", READ, ids=lambda path: path.name)
def test_each_spec_that_people_read_is_in_canonical_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text, f"run tina-gen fmt {path.relative_to(ROOT)}"
    assert ECHO in READ


UGLY = """\


tina 1;package   p ;// head
const A:u32=1; config   longer_name : duration=2s ; // why
/// Doc.
/// Second line.
message M{a:u8;b:list<u8,4>;}   message Empty {
}
message Long{the_first_field:u64;the_second_field:u64;the_third_field:u64;the_fourth_field:u64;}
isolate I{init(a:u32,b:[u8;4]);// args


io one:net.x=a{flag;size 3;} io second:net.long_kind=b;
budget{slots 1;mailbox 4;state<=64B;}
machine{initial S;on A,B->stay|T;on C
// inside
=>T;state S{enter;}final state T;

// last
}}
supervisor R{strategy one_for_one;child c:I(a=1,b=-2)*2 permanent shutdown 2s;}
faults F{io_error 1/1000;io_delay 0ms..20ms;}
// end"""

NEAT = """\
tina 1;
package p;                                // head
const  A           : u32      = 1;
config longer_name : duration = 2s;       // why
/// Doc.
/// Second line.
message M { a: u8; b: list<u8, 4>; }
message Empty {}
message Long {
  the_first_field: u64;
  the_second_field: u64;
  the_third_field: u64;
  the_fourth_field: u64;
}
isolate I {
  init (a: u32, b: [u8; 4]);              // args

  io one    : net.x         = a { flag; size 3; }
  io second : net.long_kind = b;
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
    initial S;
    on A, B -> stay | T;
    on C
        // inside
        => T;
    state S { enter; }
    final state T;

    // last
  }
}
supervisor R {
  strategy one_for_one;
  child c : I(a = 1, b = -2) * 2 permanent shutdown 2s;
}
faults F { io_error 1/1000; io_delay 0ms..20ms; }
// end
"""


def test_the_layout_is_the_one_of_the_example() -> None:
    assert formatted(UGLY) == NEAT


def test_a_clause_that_does_not_fit_is_broken_at_a_blank() -> None:
    names = ", ".join(f"TheMessageNumber{n}" for n in range(9))
    text = f"tina 1;\npackage p;\nisolate I {{\n  on {names};\n}}\n"
    lines = formatted(text).split("\n")
    assert all(len(line) <= 100 for line in lines)
    assert lines[4].startswith("      TheMessageNumber")


@pytest.mark.parametrize("clause", ['import "a.tina";', 'isolate A {\n  allow W0321 "x";\n}'])
def test_no_blank_stands_between_a_string_and_the_semicolon(clause: str) -> None:
    text = f"tina 1;\npackage p;\n{clause}\n"
    assert formatted(text.replace('";', '"  ;')) == text


def test_fmt_writes_only_what_changes_and_keeps_the_mode(tmp_path: Path) -> None:
    ugly, neat = tmp_path / "ugly.tina", tmp_path / "neat.tina"
    ugly.write_text(UGLY)
    ugly.chmod(0o640)
    neat.write_text(NEAT)
    os.utime(neat, (1, 1))
    result = tina_gen("fmt", "ugly.tina", "neat.tina", cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert ugly.read_text() == NEAT and ugly.stat().st_mode & 0o777 == 0o640
    assert neat.stat().st_mtime == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["neat.tina", "ugly.tina"]


def test_check_and_diff_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.tina").write_text("tina 1;\npackage  p;\n")
    check = tina_gen("fmt", "--check", "a.tina", cwd=tmp_path)
    assert check.returncode == 1
    assert check.stdout == "a.tina: not in canonical layout; run tina-gen fmt\n"
    diff = tina_gen("fmt", "--diff", "a.tina", cwd=tmp_path)
    assert diff.returncode == 0 and "\n-package  p;\n+package p;\n" in diff.stdout
    assert tina_gen("fmt", "--diff", "--check", "a.tina", cwd=tmp_path).returncode == 1
    assert (tmp_path / "a.tina").read_text() == "tina 1;\npackage  p;\n"
    assert tina_gen("fmt", "--check", str(ECHO)).returncode == 0


def test_one_file_with_an_error_and_no_file_is_touched(tmp_path: Path) -> None:
    (tmp_path / "good.tina").write_text(UGLY)
    (tmp_path / "bad.tina").write_text("tina 1;\npackage p\nconst;\n")
    result = tina_gen("fmt", "good.tina", "bad.tina", "gone.tina", cwd=tmp_path)
    assert result.returncode == 1 and result.stdout == ""
    assert "bad.tina:2:" in result.stderr and "gone.tina" in result.stderr
    assert (tmp_path / "good.tina").read_text() == UGLY


def test_what_is_wrong_behind_the_syntax_is_laid_out_anyway(tmp_path: Path) -> None:
    (tmp_path / "a.tina").write_text(BROKEN.replace(" =", "="))
    assert tina_gen("fmt", "a.tina", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.tina").read_text() == BROKEN
