# SPDX-License-Identifier: Apache-2.0
"""The language server, driven over its protocol as an editor drives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import Client, codes
from specs import ECHO, ROOT

URI = ECHO.as_uri()
TEXT = ECHO.read_text(encoding="utf-8")
NET = ROOT / "idl" / "tina" / "net.tina"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("editor")) as started:
        yield started


@pytest.fixture
def echo(client: Client) -> Iterator[Client]:
    """The echo spec, open and unchanged."""
    assert client.open(URI, TEXT) == []
    yield client
    client.tell("textDocument/didClose", textDocument={"uri": URI})


def changed(client: Client, old: str, new: str) -> list[dict[str, Any]]:
    """The diagnostics after one replacement in the echo spec, as an editor sends it."""

    def place(offset: int) -> dict[str, int]:
        start = TEXT.rfind("\n", 0, offset) + 1
        return {"line": TEXT.count("\n", 0, offset), "character": offset - start}

    start = TEXT.index(old)
    range_ = {"start": place(start), "end": place(start + len(old))}
    return client.change(URI, {"text": TEXT}, {"range": range_, "text": new})


def completed(client: Client, old: str, new: str) -> list[str]:
    """What may stand at the `^` in `new`, which replaces `old` in the echo spec."""
    text = TEXT.replace(old, new, 1)
    client.edit(URI, {"text": text.replace("^", "", 1)})
    return [proposal["label"] for proposal in client.on("completion", URI, text, "^")]


def test_it_offers_what_it_can_do(client: Client) -> None:
    able = client.capabilities
    for name in ("hover", "definition", "documentSymbol", "completion", "codeAction"):
        assert able[f"{name}Provider"]
    assert able["textDocumentSync"]["openClose"] is True


def test_diagnostics_come_while_typing_and_go_again(echo: Client) -> None:
    found = changed(echo, "state <= 128B", "state <= 128ms")
    assert codes(found) == ["E0203"] and found[0]["severity"] == 1
    start = found[0]["range"]["start"]
    assert TEXT.splitlines()[start["line"]][start["character"] :].startswith("128B")
    assert "help: " in found[0]["message"]
    assert echo.change(URI, {"text": TEXT}) == []


def test_a_note_leads_to_its_place(echo: Client) -> None:
    found = changed(echo, "config port ", "config MAX_CONNS ")
    again = next(x for x in found if x["code"] == "E0102")
    (related,) = again["relatedInformation"]
    assert related["location"]["uri"] == URI and related["location"]["range"]["start"]["line"] == 6


def test_definitions_are_found_across_files(echo: Client) -> None:
    def place(words: str, after: int = 0) -> tuple[str, str]:
        found = echo.on("definition", URI, TEXT, words, after)
        path = NET if found["uri"] == NET.as_uri() else ECHO
        start, end = found["range"]["start"], found["range"]["end"]
        line = path.read_text(encoding="utf-8").splitlines()[start["line"]]
        return path.name, line.strip()[:24] + " | " + line[start["character"] : end["character"]]

    assert place("MAX_CONNS; mailbox") == ("echo.tina", "const  MAX_CONNS : u32   | MAX_CONNS")
    assert place("Connection under") == ("echo.tina", "isolate Connection { | Connection")
    assert place("= conn;", 2) == ("echo.tina", "init (conn: net.tcp_stre | conn")
    assert place("peer.Received") == ("echo.tina", "io peer : net.tcp_stream | peer")
    assert place("peer.Received", 5) == ("net.tina", "op receive() -> Received | Received")
    assert place("Echoing | Gone", 1) == ("echo.tina", "state Echoing { | Echoing")
    assert place("port = port)") == ("echo.tina", "init (port: u16); | port")
    assert place("port = port)", 8) == ("echo.tina", "config port      : u16   | port")
    assert place("net.tcp_stream)", 5) == ("net.tina", "kind tcp_stream from tcp | tcp_stream")
    assert place("reuse_port;") == ("net.tina", "setting reuse_port; | reuse_port")
    assert place("backlog 1024") == ("net.tina", "setting backlog : u32; | backlog")
    assert place('"tina/net.tina"', 3) == ("net.tina", "package tina.net; | tina.net")
    assert place("root Root", 6) == ("echo.tina", "supervisor Root { | Root")
    assert echo.on("definition", URI, TEXT, "one_for_one") is None
    assert echo.at("definition", URI, 9999, 9999) is None


def test_hover_says_sizes_budgets_and_times(echo: Client) -> None:
    def shown(words: str, after: int = 0) -> str:
        found = echo.on("hover", URI, TEXT, words, after)
        assert found["contents"]["kind"] == "markdown"
        return str(found["contents"]["value"])

    isolate = shown("Connection {")
    assert "```tina\nisolate Connection\n```" in isolate
    assert "Crashes alone" in isolate
    assert "1024 slots" in isolate
    assert "`30s`" in shown("Reading {") and "| `peer.Received` |" in shown("Reading {")
    assert "value `2KiB`" in shown("BUF       :")
    assert "`--port`, else `9000`" in shown("port      :")
    assert "4 bytes in `init`" in shown("conn: ")
    assert "exactly one `Received`" in shown("peer.Received", 6)
    assert "2 bytes" in shown("u16")
    role = shown("main {")
    assert "memory ≤ 16MiB" in role and "a memory fault ends the isolate" in role
    assert echo.on("hover", URI, TEXT, "// may be set") is None


def test_hover_says_the_layout_of_a_message(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "m.tina").as_uri()
    text = "tina 1;\npackage m;\n/// A wish.\nmessage Wish {\n  a: u8;\n  b: u64;\n}\n"
    client.open(uri, text)
    value = client.on("hover", uri, text, "Wish")["contents"]["value"]
    assert "message Wish {\n  a: u8;\n  b: u64;\n}" in value and "A wish." in value
    assert "**16 bytes**, aligned to 8, 7 of them padding" in value
    assert "| `a" not in value and "| a | u8 | 0 | 1 | 7 |" in value
    value = client.on("hover", uri, text, "b: ")["contents"]["value"]
    assert "offset 8, 8 bytes in `Wish`" in value


def test_completion_knows_the_words_of_each_block(echo: Client) -> None:
    assert {"init", "machine", "on"} < set(completed(echo, "  spawns ", "  ^spawns "))
    assert "isolate" not in completed(echo, "  spawns ", "  ^spawns ")
    assert {"enter", "after"} < set(completed(echo, "enter;", "^"))
    assert {"slots", "mailbox"} < set(completed(echo, "slots 1;", "^"))
    listener = ["reuse_port", "backlog", "v6_only", "nagle", "keep_alive"]
    listener += ["send_buffer", "receive_buffer"]
    assert completed(echo, "reuse_port;", "^") == listener
    assert {"isolate", "message"} < set(completed(echo, "supervisor Root", "^"))
    assert completed(echo, "one_for_one", "^")[:2] == ["one_for_one", "one_for_all"]
    assert completed(echo, "// may be", "// ^") == []
    assert completed(echo, "tina/net", "^") == []


def test_completion_knows_the_names_that_fit(echo: Client) -> None:
    events = completed(echo, "on peer.Sent", "on ^")
    assert {"peer.Sent", "sys.Shutdown"} < set(events)
    ends = ["Received", "Sent", "Finished", "Connected", "Closed"]
    assert completed(echo, "on peer.Sent", "on peer.^") == ends
    deferred = completed(echo, "defer sys.Shutdown", "defer ^")
    assert "others" in deferred and "peer.Sent" not in deferred
    assert set(completed(echo, "Echoing | Gone", "^")) == {"Reading", "Echoing", "Gone", "stay"}
    assert set(completed(echo, "=> Gone;", "=> ^")) == {"Reading", "Echoing", "Gone"}
    assert {"u32", "net.tcp_stream", "ref"} < set(completed(echo, "conn: net", "conn: ^net"))
    assert completed(echo, "peer : net.tcp_stream", "peer : ^")[0] == "net.tcp_listener"
    assert completed(echo, "= conn", "= ^") == ["conn"]
    assert completed(echo, "Listener(port = port)", "Listener(^") == ["port"]
    assert completed(echo, "under Root", "under ^") == ["Root"]
    known = completed(echo, "net.tcp_listener", "net.^")
    unix = ["unix_address", "unix_listener", "unix_stream", "unix_datagram"]
    assert known == ["address", "tcp_listener", "tcp_stream", *unix, "resolver", "udp_socket"]


def test_the_outline_nests_states_and_children(echo: Client) -> None:
    entries = echo.ask("textDocument/documentSymbol", textDocument={"uri": URI})
    found = {entry["name"]: [child["name"] for child in entry["children"]] for entry in entries}
    assert found["Connection"] == ["conn", "peer", "Reading", "Echoing", "Gone"]
    assert found["Root"] == ["listener"] and found["EchoServer"] == ["main"]
    connection = next(entry for entry in entries if entry["name"] == "Connection")
    lines = TEXT.splitlines()
    assert lines[connection["range"]["start"]["line"]].startswith("isolate Connection")
    assert lines[connection["range"]["end"]["line"]] == "}"


@pytest.mark.parametrize("clause", ["defer sys.Shutdown;", "on sys.Shutdown => Gone;"])
def test_a_missing_clause_is_added_where_it_belongs(echo: Client, clause: str) -> None:
    text = TEXT.replace("    on sys.Shutdown => Gone;", "    //").replace("defer sys.Shutdown;", "")
    text = text.replace("      enter;", "      on sys.Shutdown => Gone;\n      enter;")
    (found,) = echo.change(URI, {"text": text})
    assert found["code"] == "E0301"
    actions = echo.ask(
        "textDocument/codeAction",
        textDocument={"uri": URI},
        range=found["range"],
        context={"diagnostics": [found]},
    )
    action = next(x for x in actions if x["title"] == f"add `{clause}`")
    assert action["kind"] == "quickfix" and action["diagnostics"] == [found]
    (edit,) = action["edit"]["changes"][URI]
    assert edit["newText"] == f"      {clause}\n"
    assert echo.change(URI, {"range": edit["range"], "text": edit["newText"]}) == []


def test_a_misspelt_name_and_a_missing_semicolon_are_repaired(echo: Client) -> None:
    for old, new in (("Echoing | Gone", "Echoin | Gone"), ("initial Reading;", "initial Reading")):
        found = changed(echo, old, new)
        actions = echo.ask(
            "textDocument/codeAction",
            textDocument={"uri": URI},
            range=found[0]["range"],
            context={"diagnostics": found},
        )
        (edit,) = actions[0]["edit"]["changes"][URI]
        assert echo.change(URI, {"range": edit["range"], "text": edit["newText"]}) == []
