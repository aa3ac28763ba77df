# SPDX-License-Identifier: Apache-2.0
"""The parts of the language server without its protocol: words, places, and any text at all."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs import ECHO, ROOT

from tina_gen.cli_io import library, read_file
from tina_gen.diagnostics import Diagnostic
from tina_gen.load import Places
from tina_gen.lsp import words
from tina_gen.lsp.repairs import repairs
from tina_gen.lsp.session import Session, path_of, uri_of
from tina_gen.lsp.study import study
from tina_gen.lsp.text import UNITS, Lines, Position
from tina_gen.model import Scalar
from tina_gen.source import SourceFile, Span

GRAMMAR = (ROOT / "idl" / "grammar.ebnf").read_text(encoding="utf-8")
QUOTED = set(re.findall(r'"([a-z][a-z_0-9]*)"', GRAMMAR))
TEXT = ECHO.read_text(encoding="utf-8")
URI = ECHO.as_uri()


def session(text: str, uri: str = URI) -> Session:
    """A session with one open document."""
    found = Session(read_file, library())
    found.set_text(uri, text)
    return found


def test_every_proposed_word_is_one_of_the_grammar() -> None:
    proposed = {
        word for table in (words.ITEMS, words.FOLLOWING) for t in table.values() for word in t
    }
    assert proposed <= QUOTED


def test_every_word_of_the_grammar_that_begins_or_joins_is_proposed() -> None:
    proposed = {
        word for table in (words.ITEMS, words.FOLLOWING) for t in table.values() for word in t
    }
    elsewhere = {"tina", "package", "others", "local", "route", "stay", "true", "false", "x"}
    assert QUOTED - proposed <= elsewhere


def test_every_built_in_type_is_proposed() -> None:
    assert {scalar.value for scalar in Scalar} <= set(words.TYPES)


@given(st.text(alphabet="ab\n\ré\U0001f600\u2028", max_size=40), st.sampled_from(sorted(UNITS)))
def test_an_offset_survives_the_way_to_a_place_and_back(text: str, encoding: str) -> None:
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        if text[max(0, offset - 1) : offset + 1] != "\r\n":
            assert lines.offset(lines.position(offset)) == offset


def test_a_place_outside_of_the_text_is_its_end() -> None:
    lines = Lines("ab\ncd")
    assert lines.offset(Position(0, 99)) == 2 and lines.offset(Position(9, 0)) == 5
    assert lines.offset(Position(-1, 0)) == 0 and lines.position(99) == Position(1, 2)


@pytest.mark.parametrize("path", ["/a/b.tina", "/a b/ü%20+#?.tina", "untitled:Untitled-1"])
def test_a_path_survives_the_way_to_a_uri_and_back(path: str) -> None:
    assert path_of(uri_of(path)) == path
    assert path_of("file:///c%3A/a.tina") == "c:/a.tina"


def test_every_name_of_the_echo_spec_has_a_declaration_and_a_hover() -> None:
    known = session(TEXT)
    unknown = set()
    quiet = re.sub(r"//.*|\"[^\"]*\"", lambda found: " " * len(found[0]), TEXT)
    for found in re.finditer(r"(?<![\w.])[A-Za-z_][\w.]*", quiet):
        last = found.end() - 1
        if known.definition(URI, last) is None and known.hover(URI, last) is None:
            unknown.add(found[0])
    grammar = QUOTED | set(words.STRATEGIES) | set(words.LIMITS) | set(words.EXPECTED)
    grammar |= {"io_error", "io_delay", "reset", "crash"}  # faults
    own = {"echo", "slots", "mailbox", "state", "tick", "receive_buffers", "memory"}
    assert unknown <= grammar | own


MIXED = st.text(alphabet='abP{}();:=|<>-.,"/ \n0s', max_size=30)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(TEXT)), st.integers(0, 200), MIXED)
def test_any_edit_of_a_spec_gets_answers(start: int, cut: int, new: str) -> None:
    text = TEXT[:start] + new + TEXT[start + cut :]
    known = session(text)
    known.refresh()
    for offset in {0, start, start + len(new), len(text)}:
        known.completion(URI, offset)
        known.hover(URI, offset)
        known.definition(URI, offset)
    known.repairs(URI, 0, len(text))
    for entry in known.outline(URI):
        assert entry.start <= entry.name_start <= entry.name_end <= entry.end <= len(text)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_at_all_gets_answers(text: str) -> None:
    known = session(text)
    known.refresh()
    known.completion(URI, len(text))
    known.outline(URI)


STORE = """\
tina 1;
package kv;
enum Color : u8 { RED = 0; }
protocol Store { call Get (key: u64) -> (value: u64) timeout 1s; cast Put (); }
message Kick { c: Color = Color.RED; }
isolate Client {
  calls Store.Get to Root.store;
  timer beat every 5s;
  machine {
    initial Outer;
    state Outer { initial Inner; state Inner { on Store.Get.failed; on beat; on Kick; } }
  }
}
isolate Server implements Store { on Store.Get; }
supervisor Root { child store : Server permanent; child client : Client; }
system S { shards 1 as main { root Root; } route Store by hash(key) over main.Root.store; }
"""


@pytest.mark.parametrize(
    ("words", "last", "line"),
    [
        ("Color.RED", "RED", 3),
        ("on Store.Get.failed", "failed", 4),
        ("to Root.store", "store", 15),
        ("initial Inner", "Inner", 11),
        ("on beat", "beat", 8),
        ("implements Store", "Store", 4),
        ("hash(key", "key", 4),
        ("over main", "main", 16),
        ("over main.Root", "Root", 15),
        ("over main.Root.store", "store", 15),
    ],
)
def test_names_are_found_along_any_path(words: str, last: str, line: int) -> None:
    found = session(STORE).definition(URI, STORE.index(words) + len(words) - len(last))
    assert found is not None and found[1].line == line


@pytest.mark.parametrize(
    ("old", "new", "proposed"),
    [
        ("Color.RED", "^", "Color.RED"),
        ("calls Store.Get", "calls ^", "Store.Get"),
        ("Root.store;", "Root.^", "store"),
        ("on Store.Get.failed", "on Store.Get.^", "timeout"),
        ("on Store.Get;", "on ^", "Store.Get"),
        ("implements Store", "implements ^", "Store"),
        ("over main", "over ^", "main"),
        ("root Root", "root ^", "Root"),
        ("to Root.store;", "to ^", "Root.store"),
        ("to Root.store;", "to ^", "Store"),
        ("timer beat", "sends ^", "Store.Put"),
        ("timer beat", "allow ^", "W0321"),
        ("timer beat", "allow ^", "E0330"),
        ("c: Color = Color.RED", "c: subscriber<^", "Store"),
    ],
)
def test_names_are_proposed_along_any_path(old: str, new: str, proposed: str) -> None:
    text = STORE.replace(old, new.replace("^", ""), 1)
    known = session(text)
    found = known.completion(URI, STORE.index(old) + new.index("^"))
    assert proposed in [proposal.label for proposal in found]


KV = """\
tina 1;
package kv;
/// A store.
protocol Store {
  /// Reads.
  call Get (key: u64) -> (value: u64, found: bool) timeout 1s;
  event Changed (key: u64);
}
isolate Shelf implements Store {
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
    initial Open;
    state Open { on Store.Get later -> stay; }
  }
}
isolate Client subscribes Store {
  calls Store.Get to Shelf;
  budget { slots 1; mailbox 4; state <= 64B; calls 2; }
  on Store.Get.reply, Store.Get.failed, Store.Changed;
}
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Store {", ["A store.", "implemented by `Shelf`", "subscribed by `Client`"]),
        ("Get (", ["limit 1s", "**32 bytes** in a mailbox", "results: **16 bytes**", "Reads."]),
        ("Get to", ["limit 1s"]),
        ("Changed;", ["**8 bytes**"]),
        ("Client sub", ["calls `Store.Get` to `Shelf` · 2 outstanding", "`Store.Changed` (8 B)"]),
        ("Open {", ["later -> stay"]),
    ],
)
def test_hover_knows_protocols(words: str, expected: list[str]) -> None:
    known = session(KV)
    found = known.hover(URI, KV.index(words) + 1)
    assert found is not None
    for text in expected:
        assert text in found[0]


def test_a_name_that_means_itself_is_no_circle() -> None:
    text = "tina 1;\npackage p;\nisolate A { io a : a; }\nsupervisor S { child S : S(a = a); }\n"
    known = session(text, "file:///p.tina")
    for offset in range(len(text)):
        known.hover("file:///p.tina", offset)
        known.completion("file:///p.tina", offset)


REPAIRED = {
    "state A;": "state A {\n  ignore M;\n}",
    "state A {}": "state A { ignore M; }",
    "state A { enter; }": "state A { enter; ignore M; }",
    "state A {\n  enter;\n}": "state A {\n  enter;\n  ignore M;\n}",
    "state A {\n  enter; }": "state A {\n  enter; \n  ignore M;\n}",
}


@pytest.mark.parametrize("text", REPAIRED)
def test_a_clause_goes_into_any_layout(text: str) -> None:
    span = Span(SourceFile("a.tina", text), 6, 7)
    found = Diagnostic("E0301", span, "…", help="add `ignore M;` or `on M => X;`")
    repair = next(iter(repairs(found)))
    assert text[: repair.start] + repair.text + text[repair.end :] == REPAIRED[text]


def test_a_help_that_is_no_edit_offers_nothing() -> None:
    span = Span(SourceFile("a.tina", "state A;"), 6, 7)
    for help in ("", "add a state that ends it", "raise `memory <=`", "write `on` here"):
        assert not list(repairs(Diagnostic("E0000", span, "…", help=help)))
    assert not list(repairs(Diagnostic("E0001", None, "…", help="did you mean `x`?")))


def test_a_large_spec_is_answered_while_one_types(tmp_path: Path) -> None:
    body = TEXT[TEXT.index("/// One TCP") : TEXT.index("supervisor Root")]
    many = "".join(body.replace("Connection", f"Connection{i}") for i in range(100))
    text = TEXT[: TEXT.index("/// Accepts")] + many
    path = str(tmp_path / "many.tina")
    found = study(path, lambda _, limit: text.encode(), Places(library(), ()))
    assert found.root is not None and len(found.root.names) > 100
    known = session(text)
    known.refresh()
    begin = time.perf_counter()
    known.hover(URI, text.index("state Echoing") + 8)
    known.completion(URI, len(text))
    known.outline(URI)
    assert time.perf_counter() - begin < 2
