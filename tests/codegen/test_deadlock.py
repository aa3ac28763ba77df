# SPDX-License-Identifier: Apache-2.0
"""Calls that wait for each other (E0330): what is a circle, what only looks like one, and what is
left open for the run (W0349)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from specs import analyze_text

from tina_gen.diagnostics import Diagnostic
from tina_gen.render import render


@dataclass(frozen=True)
class Server:
    """An isolate `name` that serves `name`P with calls X and Y. `rows` are the clauses of its
    state Busy, in which it waits for the calls of `to`; in Idle it takes everything."""

    name: str
    to: str = ""  # `calls CALL to TARGET`, several with `;`
    busy: str = ""
    idle: str = ""
    more: str = ""  # other items
    states: str = ""


def text_of(*servers: Server, more: str = "") -> str:
    """A spec of servers; the first one's calls are made by a Client."""
    parts = ["tina 1;\npackage demo;\nmessage Go {}\n"]
    for server in servers:
        own = f"{server.name}P"
        parts.append(
            f"protocol {own} {{ call X () -> () timeout 1s; call Y () -> () timeout 1s; }}\n"
        )
        uses = [use.strip() for use in server.to.split(";") if use.strip()]
        made = list(dict.fromkeys(use.split()[0] for use in uses))
        calls = "".join(f"  calls {use};\n" for use in uses)
        ends = "".join(f"      on {call}.reply, {call}.failed -> Idle;\n" for call in made)
        idle = server.idle or f"on {own}.X, {own}.Y, Go -> stay{' | Busy' if made else ''};"
        busy = (
            f"    state Busy {{\n{ends}      {server.busy}\n      after 9s => Idle;\n    }}\n"
            if made
            else ""
        )
        parts.append(
            f"isolate {server.name} implements {own} {{\n{calls}{server.more}"
            "  budget { slots 1; mailbox 4; state <= 64B; }\n"
            f"  machine {{\n    initial Idle;\n    state Idle {{ {idle} }}\n{busy}{server.states}"
            "  }\n}\n"
        )
    return "".join(parts) + more


def found(*servers: Server, more: str = "") -> list[Diagnostic]:
    """The circles of a spec; nothing else may be wrong with it."""
    analysis = analyze_text(text_of(*servers, more=more))
    others = [d for d in analysis.diagnostics if d.code not in ("E0330", "W0349")]
    assert not others, render(tuple(others), "plain")
    return list(analysis.diagnostics)


def codes(*servers: Server, more: str = "") -> list[str]:
    return [diagnostic.code for diagnostic in found(*servers, more=more)]


A_DEFERS = Server("A", "BP.X to B", "defer AP.X, AP.Y, Go;")
B_DEFERS = Server("B", "AP.X to A", "defer BP.X, BP.Y, Go;")
B_SERVES = Server("B")


def test_two_that_defer_what_the_other_calls() -> None:
    (circle,) = found(A_DEFERS, B_DEFERS)
    assert circle.code == "E0330"
    assert circle.message == "calls wait for each other in a circle: A -> B -> A"
    said = [note.message for note in circle.notes]
    assert said == [
        "`A` in state `Busy` waits for `BP.X` of `B` and defers `AP.X`",
        "`B` in state `Busy` waits for `AP.X` of `A` and defers `BP.X`",
    ]
    assert circle.span is not None and circle.span.text == "AP.X"


def test_a_call_to_ones_own_type() -> None:
    (circle,) = found(Server("A", "AP.X to A", "defer AP.X, Go; reject AP.Y;"))
    assert circle.message == "`A` would wait for itself"


def test_three_in_a_circle() -> None:
    circle, *more = found(
        A_DEFERS,
        Server("B", "CP.X to C", "defer BP.X, BP.Y, Go;"),
        Server("C", "AP.X to A", "defer CP.X, CP.Y, Go;"),
    )
    assert circle.message == "calls wait for each other in a circle: A -> B -> C -> A"
    assert not more and len(circle.notes) == 3


def test_two_circles_are_two_reports() -> None:
    b = Server("B", "AP.X to A; CP.X to C", "defer BP.X, BP.Y, Go;")
    c = Server("C", "BP.X to B", "defer CP.X, CP.Y, Go;")
    messages = [circle.message.partition(": ")[2] for circle in found(A_DEFERS, b, c)]
    assert messages == ["A -> B -> A", "B -> C -> B"]


@pytest.mark.parametrize(
    "busy",
    [
        "on AP.X, AP.Y, Go;",  # handles
        "reject AP.X, AP.Y; ignore Go;",
        "on AP.X; defer AP.Y, Go;",  # defers a call, but not the one that B makes
        "reject AP.X; defer others;",
    ],
)
def test_no_circle_if_the_call_that_would_go_on_is_answered(busy: str) -> None:
    assert codes(Server("A", "BP.X to B", busy), B_DEFERS) == []


def test_no_circle_if_the_edge_arrives_at_a_call_that_is_not_the_one_deferred() -> None:
    """A waits for B.X, B defers only B.Y: whoever calls Y waits, A does not."""
    assert codes(A_DEFERS, Server("B", "AP.X to A", "on BP.X; defer BP.Y, Go;")) == []


def test_no_circle_through_an_isolate_that_goes_on_with_another_of_its_calls() -> None:
    """A -> B by X, and B waits for C while it defers only Y: the chain ends at B."""
    b = Server("B", "CP.X to C", "on BP.X; defer BP.Y, Go;")
    c = Server("C", "AP.X to A", "defer CP.X, CP.Y, Go;")
    assert codes(A_DEFERS, b, c) == []


def test_no_circle_if_the_state_that_defers_is_not_the_one_that_waits() -> None:
    a = Server(
        "A",
        "BP.X to B",
        "on AP.X, AP.Y, Go;",
        idle="on Go -> Busy | Apart; on AP.X, AP.Y;",
        states="    state Apart { defer AP.X, AP.Y, Go; after 1s => Idle; }\n",
    )
    assert codes(a, B_DEFERS) == []


def test_a_chain_without_an_end_that_comes_back() -> None:
    assert codes(A_DEFERS, Server("B", "CP.X to C", "defer BP.X, BP.Y, Go;"), Server("C")) == []


@pytest.mark.parametrize(
    "busy", ["defer others;", "on AP.X later; defer others;", "on AP.X, AP.Y later; defer Go;"]
)
def test_defer_others_and_later_leave_a_call_unanswered(busy: str) -> None:
    assert codes(Server("A", "BP.X to B", busy), B_DEFERS) == ["E0330"]


def test_an_inherited_clause_counts() -> None:
    text = text_of(A_DEFERS, B_DEFERS).replace("initial Idle;", "initial Idle;\n    defer AP.X;", 1)
    text = text.replace("defer AP.X, AP.Y, Go;", "defer AP.Y, Go;", 1)
    assert [d.code for d in analyze_text(text).diagnostics] == ["E0330"]


TREE = """
supervisor Root {
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child a : A() permanent shutdown 1s;
  child b : B() permanent shutdown 1s;
}
"""


@pytest.mark.parametrize("target", ["B", "Root.b", "BP", "route BP"])
def test_any_way_to_name_the_server_makes_an_edge(target: str) -> None:
    a = Server("A", f"BP.X to {target}", "defer AP.X, AP.Y, Go;")
    assert codes(a, B_DEFERS, more=TREE) == ["E0330"]


def test_a_route_leads_only_to_the_children_that_it_names() -> None:
    """B defers what A calls, but the route leads to Calm, which serves the same protocol."""
    calm = """
isolate Calm implements BP { budget { slots 1; mailbox 4; state <= 64B; } on BP.X, BP.Y; }
"""
    system = """
system S {
  shards 1 as main { tick 1ms; memory <= 1MiB; root Root; }
  route BP by hash(key) over main.Root.%s;
}
"""
    a = Server("A", "BP.X to route BP", "defer AP.X, AP.Y, Go;")
    text = text_of(a, B_DEFERS, more=calm + TREE).replace("()", "(key: u64)")
    text = text.replace("child b :", "child calm : Calm() permanent shutdown 1s;\n  child b :")
    text = text.replace("A(key: u64)", "A()").replace("B(key: u64)", "B()")
    text = text.replace("Calm(key: u64)", "Calm()")
    for child, expected in (("calm", []), ("b", ["E0330"])):
        said = [d.code for d in analyze_text(text + system % child).diagnostics]
        assert [code for code in said if code in ("E0330", "W0349")] == expected
        assert not {code for code in said if code.startswith("E")} - {"E0330", "E0705"}


def test_a_protocol_reaches_all_who_implement_it() -> None:
    """A calls BP by a ref: it may be B, which is harmless, or Other, which is not."""
    other = """
isolate Other implements BP {
  calls AP.X to A;
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
    initial Idle;
    state Idle { on BP.X, BP.Y -> stay | Busy; }
    state Busy { on AP.X.reply, AP.X.failed -> Idle; defer BP.X, BP.Y; }
  }
}
"""
    a = Server("A", "BP.X to BP", "defer AP.X, AP.Y, Go;")
    (circle,) = found(a, B_SERVES, more=other)
    assert circle.message.endswith(": A -> Other -> A")


def test_states_that_make_the_same_edge_are_named_together() -> None:
    a = Server(
        "A",
        "BP.X to B",
        "defer AP.X, AP.Y, Go;",
        idle="on Go, AP.X, AP.Y -> Busy | Too;",
        states="    state Too { on BP.X.reply, BP.X.failed -> Idle; defer others; }\n",
    )
    (circle,) = found(a, B_DEFERS)
    assert "in states `Busy`, `Too` waits" in circle.notes[0].message


HOLDS = Server(
    "A", "BP.X to B", "reject AP.X, AP.Y; ignore Go;", idle="on AP.X later -> Busy; on AP.Y, Go;"
)


def test_a_token_that_may_still_be_held_is_a_warning() -> None:
    (circle,) = found(HOLDS, B_DEFERS)
    assert circle.code == "W0349" and not circle.is_error
    assert "may still hold the token of `AP.X`" in circle.notes[0].message


def test_a_token_taken_where_the_wait_cannot_follow_is_none() -> None:
    a = Server(
        "A",
        "BP.X to B",
        "reject AP.X, AP.Y; ignore Go;",
        idle="on Go -> Busy | Apart; on AP.X, AP.Y;",
        states="    state Apart { on AP.X later; on AP.Y, Go; after 1s => Gone; }\n"
        "    final state Gone;\n",
    )
    assert codes(a, B_DEFERS) == []
