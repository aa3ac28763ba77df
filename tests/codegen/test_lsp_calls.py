# SPDX-License-Identifier: Apache-2.0
"""The language server on protocols, calls, nested states, supervision and systems, driven over its
protocol as an editor drives it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import Client

from tina_gen.cli import main

GOOD = """\
tina 1;
package library;
import "tina/sys.tina" as sys;

protocol Store {
  call Get (key: u64) -> (value: u64, found: bool) timeout 1s;
  call Sum (key: u64) -> (total: u64) timeout 2s;
  cast Put (key: u64);
  event Changed (key: u64);
}
message Hello { who: u64; }

/// Serves.
isolate Shelf implements Store {
  sends Store.Changed to Store;
  budget { slots 2; mailbox 16; state <= 100B; open 3; }
  machine {
    initial Open;
    on Store.Put;
    state Open {
      initial Idle;
      on Store.Sum -> stay;
      on Store.Get later -> stay | Closed;
      state Idle {
        on Store.Sum -> stay | Busy;
      }
      state Busy { after 1s => Idle; }
    }
    state Closed {
      reject Store.Get, Store.Sum;
      after 1s -> Open | Gone;
    }
    final state Gone;
  }
}

isolate Reader subscribes Store {
  calls Store.Get to Root.shelf;
  calls Store.Sum to route Store;
  sends Store.Put to Root.shelf;
  monitors Shelf;
  budget { slots 4; mailbox 4; state <= 64B; calls 2; monitors 1; }
  machine {
    initial Resting;
    on Store.Changed, sys.Down;
    state Resting { after 10ms => Asking; }
    state Asking {
      on Store.Get.reply, Store.Get.failed -> Resting;
      on Store.Sum.reply, Store.Sum.timeout, Store.Sum.rejected -> Resting;
    }
  }
}

supervisor Root {
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child shelf : Shelf() permanent shutdown 1s;
  child below : Below permanent;
}
supervisor Below {
  strategy one_for_one;
  restarts 5 in 10s;
  child reader : Reader() * 2 permanent;
}

system Library {
  shards 2 as main { core 1; memory_fault shard; memory <= 4MiB; root Root; }
  channel main -> main capacity 64;
  route Store by hash(key) over main.Root.shelf;
}
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("editor")) as started:
        yield started


def offered(client: Client, uri: str, found: dict[str, Any]) -> dict[str, Any]:
    """The repairs of a diagnostic by their titles."""
    actions = client.ask(
        "textDocument/codeAction",
        textDocument={"uri": uri},
        range=found["range"],
        context={"diagnostics": [found]},
    )
    return {action["title"]: action for action in actions}


def repaired(client: Client, uri: str, text: str, code: str, title: str) -> list[str]:
    """The codes that are left after one repair of the first finding of a code."""
    shown = client.change(uri, {"text": text})
    found = next(d for d in shown if d["code"] == code)
    (edit,) = offered(client, uri, found)[title]["edit"]["changes"][uri]
    after = client.change(uri, {"range": edit["range"], "text": edit["newText"]})
    return [d["code"] for d in after if d["severity"] == 1]


def test_the_spec_of_these_tests_is_right(client: Client, tmp_path: Path) -> None:
    assert [
        d for d in client.open((tmp_path / "good.tina").as_uri(), GOOD) if d["severity"] == 1
    ] == []


def test_half_a_clause_is_one_finding_and_not_a_flood(client: Client, tmp_path: Path) -> None:
    """What one types on the way to `on Store.Get.reply -> Resting;`."""
    uri = (tmp_path / "half.tina").as_uri()
    client.open(uri, GOOD)
    whole = "on Store.Get.reply, Store.Get.failed -> Resting;"
    for end in range(3, len(whole)):
        text = GOOD.replace(whole, whole[:end])
        errors = [d for d in client.change(uri, {"text": text}) if d["severity"] == 1]
        assert 1 <= len(errors) <= 3, (whole[:end], [d["message"] for d in errors])
    assert client.change(uri, {"text": GOOD}) == client.published[uri]


@pytest.mark.parametrize(
    ("words", "last", "line"),
    [
        ("Get later", "later", None),
        ("on Store.Get", "Get", "call Get "),
        ("on Store.Get.reply", "Get", "call Get "),
        ("Store.Get.failed", "failed", "call Get "),
        ("calls Store", "Store", "protocol Store"),
        ("sends Store.Changed", "Changed", "event Changed"),
        ("calls Store.Get to Root.shelf", "shelf", "child shelf"),
        ("calls Store.Get to Root", "Root", "supervisor Root"),
        ("to route Store", "Store", "protocol Store"),
        ("monitors Shelf", "Shelf", "isolate Shelf"),
        ("stay | Closed", "Closed", "state Closed"),
        ("=> Idle", "Idle", "state Idle"),
        ("child below : Below", "Below", "supervisor Below"),
        ("over main.Root.shelf", "shelf", "child shelf"),
        ("by hash(key", "key", "call Get (key"),
        ("channel main", "main", "shards 2 as main"),
    ],
)
def test_definitions_lead_along_calls_states_and_paths(
    client: Client, tmp_path: Path, words: str, last: str, line: str | None
) -> None:
    uri = (tmp_path / "way.tina").as_uri()
    client.open(uri, GOOD)
    found = client.on("definition", uri, GOOD, words, len(words) - len(last))
    if line is None:
        assert found is None
        return
    assert line in GOOD.split("\n")[found["range"]["start"]["line"]]


def test_hover_has_the_numbers_of_the_budget(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "library.tina"
    path.write_text(GOOD, encoding="utf-8")
    assert main(["budget", str(path), "--format", "json"]) == 0
    (role,) = json.loads(capsys.readouterr().out)["roles"]
    uri = path.as_uri()
    client.open(uri, GOOD)

    def shown(words: str, after: int = 0) -> str:
        return str(client.on("hover", uri, GOOD, words, after)["contents"]["value"])

    for isolate, words in zip(role["isolates"], ("Shelf implements", "Reader sub"), strict=True):
        text = shown(words)
        assert f"**{isolate['total']:,} bytes per shard** of `Library.main`" in text
        assert f"stride {isolate['stride']} B" in text
        used = {name: size for name, size in isolate["bytes"].items() if size}
        assert f"| {' | '.join(used)} |" in text
        assert f"| {' | '.join(map(str, used.values()))} |" in text
    text = shown("main {")
    assert f"**{role['total']:,} of {role['limit']:,} bytes**, {role['headroom']:,} left" in text
    for part, size in role["shard"].items():
        assert f"| {part} | {size} |" in text
    assert "from core 1 on" in text and "a memory fault ends the shard" in text
    text = shown("Library {")
    assert "channel `main -> main`: capacity 64" in text
    assert "route `Store` by `hash(key)` over `main.Root.shelf`" in text
    assert "limit 1s" in shown("Store.Get.reply", 7)
    assert "inside `Open`" in shown("Idle {")


def test_a_broken_spec_shows_no_bytes(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "broken.tina").as_uri()
    text = GOOD.replace("restarts 5 in 10s;", "restarts 5 in 10B;")
    client.open(uri, text)
    shown = client.on("hover", uri, text, "Shelf implements")["contents"]["value"]
    assert "2 slots" in shown and "bytes per shard" not in shown


@pytest.mark.parametrize(
    ("old", "new", "proposed", "absent"),
    [
        ("on Store.Put;", "on ^", {"Store.Get", "Store.Put", "sys.Shutdown"}, {"Store.Changed"}),
        ("on Store.Changed, ", "on ^", {"Store.Get.reply", "Store.Sum.failed"}, {"Store.Get"}),
        ("on Store.Changed, ", "on Store.Get.^", {"reply", "timeout", "rejected", "failed"}, set()),
        ("on Store.Changed, ", "on Store.^", {"Get", "Sum", "Changed"}, {"reply"}),
        ("reject Store.Get,", "reject ^", {"Store.Get", "Store.Sum"}, {"Store.Put", "Hello"}),
        ("monitors Shelf", "monitors ^", {"Shelf", "Reader"}, {"Root"}),
        ("to Root.shelf;", "to Root.^", {"shelf", "below"}, set()),
        ("core 1;", "^", {"core", "memory_fault", "tick", "memory", "root"}, {"slots"}),
        ("child below", "^child below", {"child", "dynamic", "auto_shutdown"}, {"on"}),
        ("=> Idle", "=> ^", {"Idle", "Busy", "Open", "Closed", "Gone"}, {"stay"}),
    ],
)
def test_completion_knows_what_fits(
    client: Client, tmp_path: Path, old: str, new: str, proposed: set[str], absent: set[str]
) -> None:
    uri = (tmp_path / "completed.tina").as_uri()
    client.open(uri, GOOD)
    text = GOOD.replace(old, new, 1)
    client.edit(uri, {"text": text.replace("^", "", 1)})
    labels = {proposal["label"] for proposal in client.on("completion", uri, text, "^")}
    assert proposed <= labels and not absent & labels


def test_the_missing_clause_of_a_call_is_added(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "call.tina").as_uri()
    client.open(uri, GOOD)
    text = GOOD.replace("reject Store.Get, Store.Sum;", "reject Store.Get;")
    for clause in ("on Store.Sum;", "reject Store.Sum;", "defer Store.Sum;"):
        assert repaired(client, uri, text, "E0301", f"add `{clause}`") == [], clause


def test_the_missing_end_of_a_call_is_added(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "end.tina").as_uri()
    client.open(uri, GOOD)
    text = GOOD.replace("on Store.Get.reply, Store.Get.failed", "on Store.Get.reply")
    assert repaired(client, uri, text, "E0335", "add `on Store.Get.failed;`") == []
    text = GOOD.replace("Store.Sum.timeout, ", "")
    assert repaired(client, uri, text, "E0335", "add `on Store.Sum.timeout;`") == []


def test_the_missing_clause_of_a_nested_state_goes_where_it_is_missing(
    client: Client, tmp_path: Path
) -> None:
    uri = (tmp_path / "nested.tina").as_uri()
    client.open(uri, GOOD)
    text = GOOD.replace("      on Store.Sum -> stay;\n", "", 1)
    shown = client.change(uri, {"text": text})
    (found,) = [d for d in shown if d["code"] == "E0301"]
    assert "`Busy`" in found["message"]  # `Idle` has a clause of its own
    titles = offered(client, uri, found)
    assert "add `reject Store.Sum;`" in titles
    assert repaired(client, uri, text, "E0301", "add `reject Store.Sum;`") == []


def test_the_news_of_a_monitored_isolate_gets_its_clause(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "down.tina").as_uri()
    client.open(uri, GOOD)
    text = GOOD.replace("on Store.Changed, sys.Down;", "on Store.Changed;")
    text = text.replace("state Resting { ", "state Resting { ignore sys.Down; ")
    assert repaired(client, uri, text, "E0301", "add `ignore sys.Down;`") == []
