# SPDX-License-Identifier: Apache-2.0
"""One wrong line in the handlers of a right program is one error with its code, at the clause in
the spec or at the line itself, on both compilers. A row of `CASES` is one wrong line."""

from __future__ import annotations

import functools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from emitted import COMPILERS, ROOT, Finding, compiled, files, findings, write
from specs import good_model

from tina_gen.codes import COMPILED
from tina_gen.emit import GeneratedFile, generate

STREET = ROOT / "tests" / "compile_fail" / "street"
SPEC = "tests/compile_fail/street/street.tina"
TEXT = (STREET / "street.tina").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Case:
    """`old` becomes `new` in a file. The error stands at the line of the spec that has the words
    `clause`; without those, at the line of `old` in the file."""

    name: str
    code: str
    file: str
    old: str
    new: str
    clause: str = ""
    says: str = ""


ACCEPTED = "on_door_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx)"
SENT = "on_peer_sent(in<Writing>, const net::tcp_stream::Sent&, Context&)"
AFTER = "Then<Gone> on_after(in<Writing>, Context&) { return to<Gone>(); }"
HELLO = "add to Desk: Effect on_hello(const Hello&, Context&);"
# Calls, properties and blobs are not in this program; their codes have golden cases.
GOLDEN_ONLY = {"E0410", "E0411", "E0412", "E0413", "E0414", "E0415", "E0416", "E0417", "E0418"}
CASES = (
    Case("missing", "E0401", "guest.h", AFTER, "", "after 10s", "Then<Gone> on_after(in<Writing>"),
    Case("misspelt", "E0401", "desk.h", "on_hello(", "on_helo(", "on Hello", HELLO),
    Case(
        "misspelt_init",
        "E0401",
        "desk.h",
        "on_init(",
        "on_int(",
        "isolate Desk",
        "on_init(DeskInit&&",
    ),
    Case("misspelt_enter", "E0401", "guest.h", "on_enter(", "enter(", "enter;", "Entry<Reading>"),
    Case("by_value", "E0401", "desk.h", "const Hello& hello", "Hello hello", "on Hello", HELLO),
    Case(
        "by_reference", "E0401", "desk.h", "const Hello& hello", "Hello& hello", "on Hello", HELLO
    ),
    Case(
        "of_another",
        "E0401",
        "desk.h",
        "const Hello& hello",
        "const Wave& hello",
        "on Hello",
        HELLO,
    ),
    Case("not_moved", "E0401", "porter.h", "Accepted&& acc", "Accepted& acc", "on door.Accepted"),
    Case(
        "no_context",
        "E0401",
        "desk.h",
        "const Hello& hello, Context&",
        "const Hello& hello",
        "on Hello",
    ),
    Case("returns_another", "E0401", "desk.h", "Effect on_hello", "auto on_hello", "on Hello"),
    Case(
        "returns_less",
        "E0401",
        "guest.h",
        "Then<Reading, Stay<Writing>>",
        "Then<Reading>",
        "on peer.Sent",
    ),
    Case(
        "returns_more", "E0401", "guest.h", "Then<Gone> on", "Then<Gone, Reading> on", "after 10s"
    ),
    Case(
        "other_order",
        "E0401",
        "guest.h",
        "Then<Writing, Gone>",
        "Then<Gone, Writing>",
        "on peer.Received",
    ),
    Case(
        "other_state",
        "E0401",
        "guest.h",
        "on_peer_sent(in<Writing>",
        "on_peer_sent(in<Reading>",
        "on peer.Sent",
    ),
    Case("top_in_a_leaf", "E0401", "guest.h", "in<Machine>", "in<Reading>", "on sys.Shutdown"),
    Case(
        "constant",
        "E0401",
        "desk.h",
        "Context&) {\n    greeted += hello.times;",
        "Context&) const {\n    static_cast<void>(hello);",
        "on Hello",
    ),
    Case(
        "static",
        "E0401",
        "desk.h",
        "Effect on_hello(const Hello& hello, Context&) {\n    greeted += hello.times;",
        "static Effect on_hello(const Hello&, Context&) {",
        "on Hello",
    ),
    Case("hidden", "E0401", "guest.h", AFTER, "private:\n" + AFTER, "after 10s"),
    Case(
        "no_base",
        "E0402",
        "desk.h",
        "struct Desk : DeskBase",
        "struct Desk : private DeskBase",
        "isolate Desk",
    ),
    Case(
        "destructor",
        "E0403",
        "desk.h",
        "greeted = 0;",
        "greeted = 0;\n  ~Desk() {}",
        "isolate Desk",
    ),
    Case(
        "container",
        "E0403",
        "desk.h",
        "std::uint64_t greeted = 0;",
        "struct S { ~S() {} int s = 0; } s;\n  std::uint32_t greeted = 0;",
        "isolate Desk",
    ),
    Case(
        "virtual",
        "E0403",
        "desk.h",
        "greeted = 0;",
        "greeted = 0;\n  virtual void f() {}",
        "isolate Desk",
    ),
    Case(
        "no_default",
        "E0403",
        "desk.h",
        "greeted = 0;",
        "greeted = 0;\n  explicit Desk(int) {}",
        "isolate Desk",
    ),
    Case("unlisted_target", "E0404", "guest.h", "return to<Reading>();", "return to<Gone>();"),
    Case("unlisted_after", "E0404", "guest.h", AFTER, AFTER.replace("to<Gone>", "to<Reading>")),
    Case(
        "unlisted_stay",
        "E0405",
        "guest.h",
        "if (!got.ok()) return to<Gone>();",
        "if (!got.ok()) return stay();",
    ),
    Case(
        "unheard_there",
        "E0406",
        "guest.h",
        "return to<Reading>();",
        "return to<Reading>(io(peer.finish()));",
    ),
    Case(
        "unheard_here",
        "E0406",
        "guest.h",
        "return to<Reading>();",
        "return stay(io(peer.receive()));",
    ),
    Case("unheard_entry", "E0406", "guest.h", "start(peer.receive())", "start(peer.finish())"),
    Case("unheard_init", "E0406", "guest.h", "return ok();", "return ok(io(peer.finish()));"),
    Case("unheard_close", "E0406", "guest.h", "return ok();", "return ok(io(peer.close()));"),
    Case("unheard_connect", "E0406", "guest.h", "return ok();", "return ok(io(peer.connect({})));"),
    Case(
        "unlisted_message",
        "E0407",
        "porter.h",
        "ctx.send(desk, Hello{.times = 1})",
        "ctx.send(desk, Bye{})",
    ),
    Case(
        "unlisted_receiver",
        "E0407",
        "porter.h",
        "ctx.send(desk, Hello{.times = 1})",
        "ctx.send(ctx.self(), Hello{})",
    ),
    Case(
        "sends_nothing",
        "E0407",
        "guest.h",
        "return to<Reading>();",
        "static_cast<void>(ctx.send(tina::Ref<Desk>{}, Hello{})); return stay();",
    ),
    Case(
        "unlisted_child",
        "E0408",
        "porter.h",
        "ctx.spawn({.conn = std::move(accepted.stream)}).status",
        "ctx.spawn(DeskInit{})",
    ),
    Case(
        "too_many",
        "E0409",
        "guest.h",
        "start(peer.receive())",
        "start(peer.receive(), peer.receive(), peer.receive())",
    ),
    Case(
        "too_large",
        "E0510",
        "desk.h",
        "greeted = 0;",
        "greeted = 0;\n  char more[40] = {};",
        "budget { slots 1; mailbox 4; state <= 32B",
    ),
    Case(
        "no_memory",
        "E0511",
        "street.tina",
        "memory <= 1MiB",
        "memory <= 320KiB",
        "shards 1 as main",
    ),
)


@functools.cache
def broken_spec(text: str) -> tuple[GeneratedFile, ...]:

    return tuple(generate(good_model(text), SPEC))


def made(case: Case, folder: Path) -> str:
    """Writes the program with one wrong line; the spec as it is then."""
    for name in ("porter.h", "desk.h", "guest.h"):
        shutil.copy(STREET / name, folder / name)
    spec, generated = TEXT, files(SPEC)
    if case.file == "street.tina":
        assert TEXT.count(case.old) == 1
        spec = TEXT.replace(case.old, case.new)
        generated = broken_spec(spec)
    else:
        path = folder / case.file
        text = path.read_text(encoding="utf-8")
        assert text.count(case.old) == 1, case.name
        text = text.replace(case.old, case.new)
        if "ctx.send" in case.new and case.file == "guest.h":
            text = text.replace("Sent&, Context&)", "Sent&, Context& ctx)")
        path.write_text(text, encoding="utf-8")
    write(folder, generated)
    return spec


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def expected_place(case: Case, spec: str) -> str:
    if case.clause:
        return f"{SPEC}:{line_of(spec, case.clause)}"
    return f"{case.file}:{line_of((STREET / case.file).read_text(encoding='utf-8'), case.old)}"


def errors(compiler: str, folder: Path, *sources: str) -> list[Finding]:
    found: list[Finding] = []
    for source in sources:
        done = compiled(compiler, folder / source, [folder])
        said = findings(done.stderr, folder)
        assert bool(said) == (done.returncode != 0), done.stderr
        found += said
    return found


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_line_is_one_error_at_its_place(case: Case, compiler: str, tmp_path: Path) -> None:
    spec = made(case, tmp_path)
    # The tables are the only other file that checks anything: the memory of a role.
    found = errors(compiler, tmp_path, f"street.{'system' if case.code == 'E0511' else 'tina'}.cc")
    coded = [finding for finding in found if finding.code]
    assert [finding.code for finding in coded] == [case.code], found
    assert coded[0].place == expected_place(case, spec)
    assert case.says in coded[0].message
    assert found == coded, "the mistake has a second error, which nobody can mend"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_program_is_right_without_a_wrong_line(compiler: str, tmp_path: Path) -> None:
    made(Case("none", "", "desk.h", "greeted = 0", "greeted = 0"), tmp_path)
    assert errors(compiler, tmp_path, "street.tina.cc", "street.system.cc") == []


def test_every_code_of_the_compiler_has_a_wrong_line() -> None:
    assert {case.code for case in CASES} == set(COMPILED) - GOLDEN_ONLY
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)
