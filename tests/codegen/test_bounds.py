# SPDX-License-Identifier: Apache-2.0
"""What can be in a mailbox at worst, and which calls can never be shed."""

from __future__ import annotations

import pytest
from specs import analyze_text, good_model

from tina_gen.bounds import ASSUMPTION, MailboxBound, mailbox_bounds, report

SPEC = """\
tina 1;
package demo;
message Kick {}
protocol Kv {
  call Get (key: u64) -> (value: u64) timeout 1s;
  call Count () -> (keys: u64) timeout 1s;
  cast Put (key: u64);
}
protocol Small { call Ask () -> () timeout 1s; }
isolate Store implements Kv {
  budget { slots 1; mailbox 4; state <= 64B; }
  on Kv.Get, Kv.Count, Kv.Put;
}
isolate Oracle implements Small {
  budget { slots 1; mailbox 6; state <= 64B; }
  on Small.Ask;
}
isolate Client {
  calls Kv.Get, Kv.Count to Store;
  calls Small.Ask to Root.oracle;
  sends Kv.Put to Store;
  budget { slots 3; mailbox 4; state <= 64B; calls 2; }
  on Kv.Get.reply, Kv.Get.failed, Kv.Count.reply, Kv.Count.failed;
  on Small.Ask.reply, Small.Ask.failed;
}
supervisor Root {
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  dynamic Client max 3 temporary shutdown 1s;
  child store : Store() permanent shutdown 1s;
  child oracle : Oracle() permanent shutdown 1s;
}
system Demo {
  shards 2 as main { tick 1ms; memory <= 1MiB; root Root; }
}
"""


def bounds(*edits: tuple[str, str]) -> dict[str, MailboxBound]:
    """Isolate -> its bound, of the spec with some words replaced."""
    text = SPEC
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    model = good_model(text)
    return {b.isolate.removeprefix("demo."): b for b in mailbox_bounds(model, model.systems[0])}


def reasons(isolate: str, *edits: tuple[str, str]) -> list[str]:
    """Why calls to an isolate may be shed; nothing if they never are."""
    calls = bounds(*edits)[isolate].calls
    found = {tuple(obstacle.words for obstacle in call.obstacles) for call in calls}
    assert len(found) == 1
    return list(found.pop())


def test_calls_are_bounded_by_their_callers() -> None:
    bound = bounds()["Oracle"]
    (arrival,) = bound.arrivals
    assert arrival.most == 6 and bound.wanted == 6 and bound.worst == 6 and bound.capacity == 6
    assert [call.call.name for call in bound.calls] == ["Ask"]
    assert bound.calls[0].never_shed


def test_calls_of_one_caller_share_its_budget() -> None:
    calls, put = bounds()["Store"].arrivals
    assert [message.name for message in calls.messages] == ["Get", "Count"]
    assert calls.most == 6 and put.most is None


def test_a_cast_has_no_bound_and_fills_the_mailbox() -> None:
    bound = bounds()["Store"]
    assert bound.wanted is None and bound.worst == bound.capacity == 4
    assert reasons("Store")[0] == "`Kv.Put` from `Client` can fill the mailbox"


ONLY_CALLS = ("  sends Kv.Put to Store;\n", "")


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ("mailbox 6", []),
        ("mailbox 5", ["6 calls can be outstanding and `mailbox` is 5"]),
    ],
)
def test_as_many_places_as_calls(budget: str, expected: list[str]) -> None:
    assert reasons("Store", ONLY_CALLS, ("mailbox 4", budget)) == expected


def test_a_message_from_anybody_counts() -> None:
    text = "isolate Client {\n"
    found = reasons(
        "Oracle",
        ("on Small.Ask;", "on Small.Ask, Kick;"),
        (text, text + "  sends Kick to Root.oracle;\n"),
    )
    assert found == ["`Kick` from `Client` can fill the mailbox"]


def test_calls_taken_later_need_an_open_place_each() -> None:
    later = ("on Small.Ask;", "on Small.Ask later;")
    assert reasons("Oracle", later) == ["6 calls can be outstanding and `open` is 1"]
    roomy = ("mailbox 6; state <= 64B;", "mailbox 6; state <= 64B; open 6;")
    assert reasons("Oracle", later, roomy) == []


def test_a_call_over_a_channel_can_be_shed_by_it() -> None:
    channel = ("root Root; }\n}", "root Root; }\n  channel main -> main capacity 8;\n}")
    found = bounds(ONLY_CALLS, channel, ("mailbox 4", "mailbox 99"))
    assert [a.most for a in found["Store"].arrivals] == [12]
    words = [obstacle.words for obstacle in found["Store"].calls[0].obstacles]
    assert words == ["`Client` may call from another shard, over a channel"]
    assert found["Oracle"].calls[0].never_shed, "a child path leads to the caller's own shard"


def test_a_child_path_into_another_role_comes_from_all_its_shards() -> None:
    split = """supervisor Front {
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  dynamic Client max 3 temporary shutdown 1s;
}
system Demo {
  shards 4 as front { tick 1ms; memory <= 1MiB; root Front; }
  channel front -> main capacity 8;
  channel main -> front capacity 8;
  shards 1 as main"""
    found = bounds(
        ("  dynamic Client max 3 temporary shutdown 1s;\n", ""),
        ("system Demo {\n  shards 2 as main", split),
    )
    (arrival,) = found["Oracle"].arrivals
    assert arrival.most == 4 * 3 * 2
    assert any("another shard" in o.words for o in found["Oracle"].calls[0].obstacles)


def test_an_isolate_that_does_not_live_in_the_system_sends_nothing() -> None:
    found = bounds(
        ("  dynamic Client max 3 temporary shutdown 1s;\n", ""), ("isolate Cl", "isolate Cl")
    )
    assert found["Store"].arrivals == () and found["Store"].worst == 0


def test_the_report_says_it_in_words() -> None:
    model = good_model(SPEC)
    lines = report(model, model.systems[0])
    assert "mailbox of Oracle in main: 6 places, 6 taken at worst" in lines
    assert "  Small.Ask from Client: 6 at most (3 of it, 2 outstanding each)" in lines
    assert f"  Small.Ask is never shed, {ASSUMPTION}" in lines
    assert any(
        line.startswith("  Kv.Get may be shed: `Kv.Put` from `Client` can") for line in lines
    )


MARKED = SPEC.replace("to Root.oracle;", "to Root.oracle never_shed;")


def test_a_promise_that_holds_is_accepted() -> None:
    assert analyze_text(MARKED).diagnostics == ()


def test_a_promise_that_does_not_hold_is_an_error_with_the_reasons() -> None:
    text = MARKED.replace("mailbox 6", "mailbox 5")
    (found,) = analyze_text(text).diagnostics
    assert found.code == "E0347" and found.message.startswith("`Small.Ask` may be shed by")
    assert [note.message for note in found.notes] == [
        "6 calls can be outstanding and `mailbox` is 5"
    ]
