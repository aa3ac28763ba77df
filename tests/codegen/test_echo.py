# SPDX-License-Identifier: Apache-2.0
"""The echo spec: what the model says about it, and the error it is famous for."""

from __future__ import annotations

from specs import ECHO, analyze_text, good_model

from tina_gen.cli import analyze_file
from tina_gen.model import (
    Config,
    Defer,
    DynamicGroup,
    Handle,
    Limit,
    Restart,
    Transit,
)
from tina_gen.render import render

TEXT = ECHO.read_text(encoding="utf-8")


def test_the_example_is_right_and_silent() -> None:
    analysis = analyze_file(str(ECHO), [])
    assert analysis.diagnostics == () and analysis.model is not None
    assert [p.name for p in analysis.model.packages] == ["tina.net", "tina.sys", "echo"]


def test_machine_is_resolved_with_inherited_clauses() -> None:
    connection = good_model(TEXT).isolate("echo.Connection")
    reading, echoing, gone = connection.states
    assert connection.initial == reading.index and gone.is_final
    by_name = {event.name: event for event in connection.events}
    assert by_name["peer.Received"].handler == "on_peer_received"
    inherited = reading.clause(by_name["sys.Shutdown"])
    assert inherited is not None and inherited.inherited and inherited.written_in is None
    assert isinstance(inherited.reaction, Transit) and inherited.reaction.next.name == "Gone"
    overridden = echoing.clause(by_name["sys.Shutdown"])
    assert overridden is not None and isinstance(overridden.reaction, Defer)
    received = reading.clause(by_name["peer.Received"])
    assert received is not None and isinstance(received.reaction, Handle)
    assert [n.name for n in received.reaction.nexts] == ["Echoing", "Gone"]
    assert reading.after is not None and reading.after.duration_ns == 30 * 10**9
    assert reading.enter is not None and echoing.enter is None and gone.clauses == ()
    assert received.span.text == "peer.Received"


def test_tree_and_system_are_resolved_in_start_order() -> None:
    model = good_model(TEXT)
    root = model.supervisor("echo.Root")
    group, listener = root.members
    assert isinstance(group, DynamicGroup) and group.max == 1024
    assert (root.restarts, root.window_ns, root.limit) == (5, 10**10, Limit.QUARANTINE)
    assert listener.restart is Restart.PERMANENT and listener.shutdown_ns == 2 * 10**9
    argument = root.children[0].arguments[0].value
    assert isinstance(argument, Config) and argument.default == 9000
    role = model.systems[0].roles[0]
    assert (role.shards, role.auto, role.tick_ns, role.memory) == (8, True, 10**6, 16 << 20)
    assert role.receive_buffers is not None and role.receive_buffers.size == 2048


def test_state_without_a_clause_for_shutdown_is_the_error_of_the_language_reference() -> None:
    broken = "\n".join(line for line in TEXT.split("\n") if "on sys.Shutdown" not in line)
    analysis = analyze_text(broken)
    line = broken.split("\n").index("    state Reading {") + 1
    defer = next(n for n, x in enumerate(broken.split("\n"), 1) if "defer sys" in x)
    assert analysis.failed
    assert render(analysis.diagnostics, "pretty") == (
        "error[E0301]: state `Reading` does not say what happens on `sys.Shutdown`\n"
        f"  --> spec.tina:{line}:11\n"
        "   |\n"
        f"{line} |     state Reading {{\n"
        "   |           ^^^^^^^ needs `on`, `ignore`, `defer` or `reject`\n"
        "note: `sys.Shutdown` can arrive because the runtime sends it, "
        f"and state `Echoing` defers it (spec.tina:{defer})\n"
        "help: add `defer sys.Shutdown;`, `ignore sys.Shutdown;` or `on sys.Shutdown => Gone;`"
    )


def test_fields_are_placed_with_explicit_padding() -> None:
    model = good_model("tina 1;\npackage p;\nmessage M { a: u8; b: u32; c: u16; }\nmessage E {}\n")
    message, empty = model.messages
    places = [(f.offset, f.size, f.padding) for f in message.fields]
    assert places == [(0, 1, 3), (4, 4, 0), (8, 2, 2)]
    assert (message.size, message.align, empty.size) == (12, 4, 1)
