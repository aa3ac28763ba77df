# SPDX-License-Identifier: Apache-2.0
"""Nested states in the model, the rules and the emitted code; tests/runtime runs them."""

from __future__ import annotations

import json

import pytest
from specs import analyze_text, good_model

from tina_gen.emit.cpp import Scope
from tina_gen.emit.handlers import handlers
from tina_gen.emit.model_json import model_json
from tina_gen.emit.numbering import deferred, listed, listed_everywhere, numbering
from tina_gen.lsp.facts import of_state
from tina_gen.model import Defer, Handle, Ignore, Isolate, State, Transit
from tina_gen.model_diff import differences

HEAD = """\
tina 1;
package p;
import "tina/net.tina" as net;
message A {}
message B {}
message C {}
isolate Other {
  sends A, B, C to I;
  budget { slots 1; mailbox 4; state <= 64B; }
}
isolate I {
  init (conn: net.tcp_stream);
  io peer : net.tcp_stream = conn;
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
"""

MACHINE = """\
    initial Outer;
    on A -> stay | Leaf;
    ignore C;
    state Outer {
      initial Inner;
      enter;
      on B -> Leaf;
      on peer.Received;
      after 3s => Side;
      state Inner {
        initial Leaf;
        on C => Twin;
        after 2s => Side;
        state Leaf { on peer.Sent; after 1s => Twin; }
        state Twin { ignore A; after 1s => End; }
        final state End;
      }
      state Side {
        defer A;
        after 4s => Leaf;
      }
    }
"""


def isolate(machine: str = MACHINE) -> Isolate:
    return good_model(HEAD + machine + "  }\n}\n").isolates[1]


def codes(machine: str) -> list[tuple[str, str]]:
    """Codes, and the text that each diagnostic marks."""
    found = analyze_text(HEAD + machine + "  }\n}\n").diagnostics
    return [(d.code, d.span.text if d.span else "") for d in found]


def state(found: Isolate, name: str) -> State:
    return next(s for s in found.states if s.name == name)


def reactions(found: Isolate, name: str) -> dict[str, tuple[type, str | None, bool]]:
    return {
        c.event.name: (type(c.reaction), c.written_in, c.inherited)
        for c in state(found, name).clauses
    }


def test_states_keep_the_order_of_the_text_and_know_their_place() -> None:
    found = isolate()
    names = [s.name for s in found.states]
    assert names == ["Outer", "Inner", "Leaf", "Twin", "End", "Side"]
    assert [s.parent for s in found.states] == [None, 0, 1, 1, 1, 0]
    assert [s.initial for s in found.states] == [1, 2, None, None, None, None]
    assert [s.name for s in found.leaves] == ["Leaf", "Twin", "End", "Side"]
    assert found.leaf(found.initial).name == "Leaf"
    assert [s.name for s in found.around(state(found, "Twin"))] == ["Twin", "Inner", "Outer"]
    assert [s.name for s in found.below(state(found, "Outer"))] == ["Leaf", "Twin", "End", "Side"]


def test_clauses_are_inherited_per_message_and_overridden_whole() -> None:
    found = isolate()
    assert reactions(found, "Leaf") == {
        "A": (Handle, None, True),
        "B": (Handle, "Outer", True),
        "C": (Transit, "Inner", True),
        "peer.Received": (Handle, "Outer", True),
        "peer.Sent": (Handle, "Leaf", False),
    }
    assert reactions(found, "Twin")["A"] == (Ignore, "Twin", False)
    assert reactions(found, "Side")["A"] == (Defer, "Side", False)
    assert reactions(found, "Side")["C"] == (Ignore, None, True)
    assert reactions(found, "End") == {}


def test_defer_others_takes_what_no_state_around_mentions() -> None:
    found = isolate(
        """\
    initial Outer;
    on A => Leaf;
    state Outer {
      initial Leaf;
      defer others;
      after 1s => Away;
      state Leaf { on B; }
      state Twin { on C; after 1s => Leaf; }
    }
    state Away { on B, C => Twin; }
"""
    )
    assert reactions(found, "Leaf")["C"] == (Defer, "Outer", True)
    assert reactions(found, "Twin")["B"] == (Defer, "Outer", True)
    assert reactions(found, "Twin")["A"] == (Transit, None, True)


def test_a_composite_lists_what_every_leaf_inside_lists() -> None:
    found = isolate()
    numbers = numbering(found)
    words = numbers.completions

    def shown(bits: int) -> set[str]:
        return {word for bit, word in enumerate(words) if bits >> bit & 1}

    own = {"peer.Received", "after 1", "after 2", "after 3"}
    assert shown(listed(numbers, found, state(found, "Leaf"))) == own | {"peer.Sent"}
    assert shown(listed(numbers, found, state(found, "Twin"))) == own
    assert shown(listed(numbers, found, state(found, "Inner"))) == own
    assert shown(listed(numbers, found, state(found, "Outer"))) == {
        "peer.Received",
        "after 1",
        "after 2",
    }
    assert shown(listed_everywhere(numbers, found)) == {"peer.Received", "after 1", "after 2"}
    assert listed(numbers, found, state(found, "End")) == 0
    assert (
        deferred(found, state(found, "Outer")) == 0 and deferred(found, state(found, "Side")) == 1
    )


def test_each_depth_with_a_timeout_has_a_record_of_its_own() -> None:
    assert len(numbering(isolate()).levels) == 3
    flat = isolate(
        "initial X; ignore A, B, C; state X { after 1s => Y; } state Y { after 1s => X; }"
    )
    numbers = numbering(flat)
    assert numbers.levels == (0,) and "after" in numbers.completions
    deep = isolate(
        "initial X; ignore A, B, C;"
        " state X { initial Y; state Y { after 1s => Z; } } final state Z;"
    )
    assert numbering(deep).levels == (1,) and "after" in numbering(deep).completions


def test_handlers_are_asked_for_where_a_leaf_uses_them() -> None:
    model = good_model(HEAD + MACHINE + "  }\n}\n")
    asked = handlers(Scope(model, model.root), model.isolates[1])
    assert [(h.name, h.state) for h in asked] == [
        ("on_init", None),
        ("on_a", "Machine"),
        ("on_enter", "Outer"),
        ("on_b", "Outer"),
        ("on_peer_received", "Outer"),
        ("on_peer_sent", "Leaf"),
    ]


def test_hover_says_where_a_state_stands() -> None:
    found = isolate()
    assert next(iter(of_state(found, state(found, "Twin")))) == "inside `Inner`, `Outer`"
    outer = list(of_state(found, state(found, "Outer")))
    assert outer[0] == "starts in `Inner`; holds `Inner`, `Side`"


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        # Each leaf decides on each message; composites need not.
        (
            "initial X; ignore A, B; state X { initial Y; on C => Z;"
            " state Y { after 1s => Z; } } state Z { after 1s => X; }",
            [("E0301", "Z")],
        ),
        # Of states that cannot be reached, the outermost is named.
        (
            "initial X; ignore A, B, C; state X { after 1s => V; } state V { after 1s => X; }"
            " state Y { initial Z; state Z { after 1s => X; } }",
            [("E0302", "Y")],
        ),
        # A composite target reaches its first leaf only.
        (
            "initial X; ignore A, B, C; state X { after 1s => Y; }"
            " state Y { initial Z; state Z { after 1s => X; } state V { after 1s => X; } }",
            [("E0302", "V")],
        ),
        # A leaf that nothing leaves, though its composite has a way around.
        (
            "initial X; ignore A, B, C; state X { initial Y; after 1s => Z;"
            " state Y { after 2s => Z; } state Z { enter; } }",
            [("E0303", "Z")],
        ),
        # A timeout around a state that defers gets it out.
        (
            "initial X; ignore A, B; state X { initial Y; after 1s => Z;"
            " state Y { defer C; } } state Z { on C => X; }",
            [],
        ),
        # One that leads to the state itself does not.
        (
            "initial X; ignore A, B; state X { initial Y; after 1s => Y;"
            " state Y { defer C; on A => Z; } } state Z { on C => X; }",
            [("E0314", "C")],
        ),
        # Names are unique at every depth.
        (
            "initial X; ignore A, B, C; state X { initial Y; state Y { initial Z;"
            " state Z { after 1s => X; } } } state Z { after 1s => X; }",
            [("E0102", "Z")],
        ),
        # What all leaves override is dead.
        (
            "initial X; ignore A, B; on C; state X { initial Y; on C => Z; state Y { ignore C;"
            " after 1s => Z; } } state Z { on C => X; }",
            [("W0363", "C"), ("W0363", "C")],
        ),
    ],
)
def test_rules_look_at_leaves(machine: str, said: list[tuple[str, str]]) -> None:
    assert codes(machine) == said


def test_states_are_counted_in_one_byte() -> None:
    def ring(count: int) -> str:
        states = " ".join(f"state S{i} {{ after 1s => S{(i + 1) % count}; }}" for i in range(count))
        return f"initial S0; ignore A, B, C; {states}"

    assert codes(ring(255)) == []
    assert codes(ring(256)) == [("E0346", "I")]


def test_a_diff_names_states_so_that_a_new_one_moves_no_other() -> None:
    def model(machine: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(
            model_json(good_model(HEAD + machine + "  }\n}\n"), "spec.tina")
        )
        return found

    new = MACHINE.replace("initial Inner;", "initial Side;").replace(
        "    state Outer {", "    state First { ignore B; after 1s => Outer; }\n    state Outer {"
    )
    new = new.replace("initial Outer;", "initial First;").replace(
        "after 4s => Leaf;", "after 4s => Inner;"
    )
    said = differences(model(MACHINE), model(new))
    where = "package p, isolate I"
    assert f"{where}: `initial` is `First`, was `Outer`" in said
    assert f"{where}, state Outer: `initial` is `Side`, was `Inner`" in said
    assert not any("`parent`" in line for line in said)
