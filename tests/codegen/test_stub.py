# SPDX-License-Identifier: Apache-2.0
"""Skeletons compile against the contract as they are, and inserting changes nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from emitted import CASES, ROOT, Case, compiled, files, write
from test_cli import tina_gen

from tina_gen.cli import analyze_file
from tina_gen.stub import Insertion, Refused, Skeleton, insert, skeletons

ECHO = "examples/tcp_echo/echo.tina"
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def stubs(spec: str) -> list[Skeleton]:
    model = analyze_file(str(ROOT / spec), []).model
    assert model is not None
    return skeletons(model, Path(spec).name)


def connection() -> Skeleton:
    return next(s for s in stubs(ECHO) if s.isolate == "Connection")


def inserted(text: str) -> str:
    result = insert(text, "Connection", connection().handlers)
    assert isinstance(result, Insertion), result
    return result.text


def refused(text: str) -> str:
    result = insert(text, "Connection", connection().handlers)
    assert isinstance(result, Refused), result
    return result.reason


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is absent")
@each_case
def test_each_skeleton_compiles_against_the_contract(case: Case, tmp_path: Path) -> None:
    write(tmp_path, files(case.spec))
    for skeleton in stubs(case.spec):
        (tmp_path / skeleton.header_path).write_text(skeleton.header)
        (tmp_path / skeleton.source_path).write_text(skeleton.source)
    # Predicates over the world are no handlers: the user writes them, and a case keeps its own.
    for kept in (ROOT / case.spec).parent.glob("handlers/*_properties.h"):
        predicates = re.sub(r"\)( \{[^}]*\}|;)", ") { return true; }", kept.read_text())
        predicates = re.sub(r"\binline \b", "", predicates).replace("& world)", "&)")
        (tmp_path / kept.name).write_text(predicates.replace("bool ", "inline bool "))
    for source in sorted(tmp_path.glob("*.cc")):
        done = compiled("g++", source, [tmp_path])
        assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.skipif(shutil.which("clang-format-19") is None, reason="clang-format-19 is absent")
@each_case
def test_each_skeleton_is_formatted(case: Case) -> None:
    for skeleton in stubs(case.spec):
        for name, text in (
            (skeleton.header_path, skeleton.header),
            (skeleton.source_path, skeleton.source),
        ):
            style = ["clang-format-19", f"--style=file:{ROOT}/.clang-format"]
            command = [*style, f"--assume-filename={name}"]
            done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
            assert text == done.stdout


def test_only_init_and_entry_go_on_and_every_other_handler_says_that_it_is_missing() -> None:
    skeleton = connection()
    assert skeleton.source.count('crash("to be written")') == len(skeleton.handlers) - 2
    assert "return ok();" in skeleton.source and "return start();" in skeleton.source


KEPT = (ROOT / "examples" / "tcp_echo" / "connection.h").read_text(encoding="utf-8")
ENTER = "  Entry<Reading> on_enter(in<Reading>, Context&);\n"
SENT = "  Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent&, Context&);\n"


def test_a_complete_file_stays_as_it_is() -> None:
    assert inserted(KEPT) == KEPT


def test_missing_handlers_go_before_the_closing_brace_and_nothing_else_changes() -> None:
    without = KEPT.replace(ENTER, "").replace(SENT, "")
    assert inserted(without) == without.replace("};", ENTER + SENT + "};")
    assert inserted(inserted(without)) == inserted(without)


def test_handlers_with_bodies_in_other_words_count() -> None:
    text = KEPT.replace(
        SENT,
        "  auto on_peer_sent( in< Echoing >, const net::tcp_stream::Sent& s, Context& c)\n"
        "      -> Then<Reading, Gone> { if (s.ok()) { return to<Gone>(); } return stay(); }\n",
    )
    assert inserted(text) == text


def test_what_comments_and_literals_say_is_not_code() -> None:
    text = KEPT.replace(ENTER, "").replace(
        "  std::uint64_t bytes_echoed = 0;\n",
        "  // };  Entry<Reading> on_enter(in<Reading>, Context&);\n"
        '  const char* a = "struct Connection : ConnectionBase { };";  /* } */\n'
        "  char brace = '}'; char quote = '\"'; int many = 1'000'000;\n"
        '  const char* raw = R"x(}}} " )x";\n',
    )
    assert inserted(text) == text.replace("};\n\n}  //", ENTER + "};\n\n}  //")


def test_a_handler_of_another_state_does_not_count() -> None:
    text = KEPT.replace("on_enter(in<Reading>", "on_enter(in<Echoing>")
    assert inserted(text) == text.replace("};", ENTER + "};")


@pytest.mark.parametrize("margin", ["", "    "])
def test_an_empty_struct_is_opened(margin: str) -> None:
    text = f"namespace echo {{\n{margin}struct Connection : ConnectionBase {{}};\n}}\n"
    lines = inserted(text).split("\n")
    assert lines[1] == f"{margin}struct Connection : ConnectionBase {{"
    assert lines[2].startswith(f"{margin}  InitResult on_init(")
    assert lines[-3:] == [f"{margin}}};", "}", ""]


def test_line_ends_stay_what_they_are() -> None:
    text = KEPT.replace(ENTER, "").replace("\n", "\r\n")
    result = inserted(text)
    assert result.count("\r\n") == result.count("\n") == KEPT.count("\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("int a;\n", "there is no `struct Connection : ConnectionBase {`"),
        ("struct Connection;\nConnection* c;\n", "there is no `struct Connection"),
        ("// struct Connection : ConnectionBase {\n// };\n", "there is no `struct"),
        ("struct Connection {};\nstruct Connection {};\n", "more than once"),
        ("struct Connection : ConnectionBase {\n  void f() {\n};\n", "has no closing brace"),
        ("struct Connection : ConnectionBase {\n private:\n  int a;\n};\n", "private part"),
    ],
)
def test_a_file_that_is_not_plain_is_refused_with_the_reason(text: str, words: str) -> None:
    assert words in refused(text)


def test_into_writes_once_and_prints_what_is_to_be_defined(tmp_path: Path) -> None:
    header = tmp_path / "connection.h"
    header.write_text(KEPT.replace(SENT, ""))
    result = tina_gen("stub", str(ROOT / ECHO), "--into", str(header))
    assert result.returncode == 0 and header.read_text() == KEPT.replace(SENT, "").replace(
        "};", SENT + "};"
    )
    assert result.stdout.startswith("// to define in connection.cc:\n\nConnection::Then<")
    assert result.stdout.count("crash(") == 1
    again = tina_gen("stub", str(ROOT / ECHO), "--into", str(header))
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_into_refuses_in_one_line_and_touches_nothing(tmp_path: Path) -> None:
    other = tmp_path / "other.h"
    other.write_text("int a;\n")
    for arguments in ([], ["--isolate", "Connection"]):
        result = tina_gen("stub", str(ROOT / ECHO), *arguments, "--into", str(other))
        assert result.returncode == 1 and result.stderr.count("\n") == 1
        assert "other.h" in result.stderr and "stub" in result.stderr
    assert other.read_text() == "int a;\n"
    gone = tina_gen("stub", str(ROOT / ECHO), "--into", str(tmp_path / "gone.h"))
    assert gone.returncode == 1 and "cannot read" in gone.stderr


def test_output_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "listener.h").write_text("mine\n")
    result = tina_gen("stub", str(ROOT / ECHO), "--output", ".", cwd=tmp_path)
    assert result.returncode == 0 and (tmp_path / "listener.h").read_text() == "mine\n"
    assert "kept listener.h" in result.stdout and "wrote connection.cc" in result.stdout
    assert (tmp_path / "connection.h").read_text() == connection().header


def test_an_unknown_isolate_is_one_line(tmp_path: Path) -> None:
    result = tina_gen("stub", str(ROOT / ECHO), "--isolate", "Conection")
    assert result.returncode == 1 and result.stdout == ""
    assert "has no isolate `Conection`; did you mean `Connection`?" in result.stderr


def test_all_skeletons_are_printed_with_their_names() -> None:
    result = tina_gen("stub", ECHO)
    for name in ("listener.h", "listener.cc", "connection.h", "connection.cc"):
        assert f"// ---- {name}\n" in result.stdout
