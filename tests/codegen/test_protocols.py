# SPDX-License-Identifier: Apache-2.0
"""Protocols, calls and monitors: how they are resolved, and what is said of those that are wrong.

Each code has a golden case as well; here are the variants and the model.
"""

from __future__ import annotations

import json

import pytest
from specs import analyze_text, good_model

from tina_gen.diagnostics import Diagnostic
from tina_gen.emit.model_json import model_json
from tina_gen.model import (
    CallEnd,
    CallEndEvent,
    Defer,
    Handle,
    MessageEvent,
    ProtocolRefType,
    Reject,
    SubscriberType,
    TargetKind,
    YieldedEvent,
)
from tina_gen.model_diff import differences

HEAD = """\
tina 1;
package demo;
import "tina/sys.tina" as sys;
message Kick {}
protocol Kv {
  call Get (key: u64) -> (value: u64, found: bool) timeout 1s;
  cast Put (key: u64, who: subscriber<Kv>);
  event Changed (key: u64);
}
"""
BUDGET = "budget { slots 1; mailbox 4; state <= 64B; }"
STORE = f"isolate Store implements Kv {{ {BUDGET} on Kv.Get, Kv.Put; }}\n"


def found(text: str, head: str = HEAD) -> list[Diagnostic]:
    return list(analyze_text(head + text).diagnostics)


def codes(text: str, head: str = HEAD) -> list[str]:
    return [diagnostic.code for diagnostic in found(text, head)]


def test_the_model_of_a_protocol() -> None:
    (kv,) = good_model(HEAD).protocols
    (get,), (put,), (changed,) = kv.calls, kv.casts, kv.events
    assert kv.members == (get, put, changed) and kv.served == (get, put)
    assert [m.qualified for m in kv.members] == ["demo.Kv.Get", "demo.Kv.Put", "demo.Kv.Changed"]
    assert (get.size, get.results_size, get.results_align, get.timeout_ns) == (8, 16, 8, 10**9)
    assert get.is_call and not put.is_call and get.local_name == "Kv.Get"
    assert put.size == 24 and isinstance(put.fields[1].type, SubscriberType)
    assert len({m.index for m in good_model(HEAD).messages}) == len(good_model(HEAD).messages)


def test_the_model_of_an_isolate_that_calls_and_watches() -> None:
    text = f"""
message Hello {{ kv: ref<Kv>; }}
{STORE}
isolate Client subscribes Kv {{
  calls Kv.Get to Root.store never_shed;
  calls Kv.Get to Kv;
  sends Kv.Put to Store, Kv;
  monitors Store;
  budget {{ slots 1; mailbox 4; state <= 64B; calls 3; monitors 2; }}
  on Kv.Get.reply, Kv.Get.failed, Kv.Changed, sys.Down, sys.Yielded, sys.ShardRestarted;
}}
supervisor Root {{
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child store : Store() permanent shutdown 1s;
}}
"""
    model = good_model(HEAD + text)
    client = model.isolate("demo.Client")
    assert isinstance(model.root.messages[1].fields[0].type, ProtocolRefType)
    assert [u.target.kind for u in client.calls] == [TargetKind.CHILD, TargetKind.PROTOCOL]
    assert [u.never_shed for u in client.calls] == [True, False]
    assert [s.target.kind for s in client.sends] == [TargetKind.ISOLATE, TargetKind.PROTOCOL]
    assert client.monitors == ("demo.Store",) and client.subscribes == ("demo.Kv",)
    assert (client.budget.calls, client.budget.open, client.budget.monitors) == (3, 1, 2)
    reply, failed, changed, down, yielded, _ = client.events
    assert isinstance(reply, CallEndEvent) and reply.handler == "on_kv_get_reply"
    assert isinstance(failed, CallEndEvent) and failed.end is CallEnd.FAILED
    assert isinstance(changed, MessageEvent) and changed.handler == "on_kv_changed"
    assert isinstance(down, MessageEvent) and isinstance(yielded, YieldedEvent)
    assert [m.qualified for m in client.accepts] == ["demo.Kv.Changed"]
    store = model.isolate("demo.Store")
    assert (store.message_size, store.message_align) == (32, 8), "the call with its header"


def test_clauses_of_a_server() -> None:
    text = f"""
isolate Server implements Kv subscribes Kv {{
  {BUDGET}
  machine {{
    initial Open;
    state Open {{ on Kv.Get later -> stay | Shut; on Kv.Put, Kv.Changed; }}
    state Shut {{ reject Kv.Get; defer others; after 1s => Open; }}
  }}
}}
"""
    (server,) = good_model(HEAD + text).root.isolates
    open_, shut = server.states
    assert isinstance(open_.clauses[0].reaction, Handle) and open_.clauses[0].reaction.later
    assert isinstance(shut.clauses[0].reaction, Reject)
    deferred = [c.event.name for c in shut.clauses if isinstance(c.reaction, Defer)]
    assert deferred == ["Kv.Put", "Kv.Changed"]


def test_defer_others_covers_what_no_clause_names() -> None:
    text = f"""
{STORE}
isolate Waiter implements Kv subscribes Kv {{
  calls Kv.Get to Store;
  monitors Store;
  budget {{ slots 1; mailbox 4; state <= 64B; monitors 1; }}
  machine {{
    initial Wait;
    state Wait {{ on Kv.Get.reply, Kv.Get.failed -> Done; defer others; }}
    final state Done;
  }}
}}
"""
    waiter = good_model(HEAD + text).root.isolates[1]
    deferred = {c.event.name for c in waiter.states[0].clauses if isinstance(c.reaction, Defer)}
    assert deferred == {"Kv.Get", "Kv.Put", "Kv.Changed", "sys.Down"}


def test_an_implementer_without_clauses_hears_why_each_is_needed() -> None:
    text = f"isolate Server implements Kv subscribes Kv {{ {BUDGET} }}\n"
    said = found(text)
    assert [d.code for d in said] == ["E0301"] * 3
    notes = [d.notes[0].message for d in said]
    assert "`Kv.Get` can arrive because `Server` implements `Kv`" in notes
    assert "`Kv.Changed` can arrive because `Server` subscribes `Kv`" in notes
    assert said[0].help == "add `reject Kv.Get;` or `on Kv.Get;`"


def test_the_end_of_what_is_watched_has_a_clause_in_each_state() -> None:
    watcher = f"""
isolate Watcher {{
  monitors Store;
  budget {{ slots 1; mailbox 4; state <= 64B; monitors 1; }}
  machine {{
    initial A;
    state A {{ %s after 1s => B; }}
    state B {{ after 1s => A; }}
  }}
}}
{STORE}"""
    assert codes(watcher % "") == ["E0301"] * 2
    (one,) = found(watcher % "on sys.Down;")
    assert one.code == "E0301" and "`Watcher` monitors `Store`" in one.notes[0].message


@pytest.mark.parametrize("news", ["sys.ShardRestarted", "sys.ShardQuarantined"])
def test_news_of_shards_has_a_clause_in_each_state_once_it_is_listed(news: str) -> None:
    listener = f"""
isolate Listener {{
  {BUDGET}
  machine {{
    initial A;
    state A {{ %s after 1s => B; }}
    state B {{ %s after 1s => A; }}
  }}
}}"""
    assert codes(listener % ("", "")) == []
    (one,) = found(listener % (f"on {news};", ""))
    assert one.code == "E0301" and f"`{news}`" in one.message
    assert "the runtime sends it, and state `A` lists it" in one.notes[0].message
    for repair in ("on %s => A;", "ignore %s;", "defer %s;", "defer others;"):
        assert codes(listener % (f"on {news};", repair.replace("%s", news))) == [], repair
    assert codes(listener % (f"on {news};", f"reject {news};")) != []


def test_watching_needs_the_message_that_tells() -> None:
    head = HEAD.replace('import "tina/sys.tina" as sys;\n', "")
    text = f"isolate W {{ monitors Store; {BUDGET[:-2]} monitors 1; }} }}\n{STORE}"
    assert codes(text, head) == ["E0345"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"isolate A {{ {BUDGET} on Kv.Gut; }}", "E0101"),
        (f"isolate A {{ {BUDGET} on Kv.Get.answer; }}", "E0309"),
        (f"isolate A {{ {BUDGET} on Kv.Put.reply; }}", "E0309"),
        (f"isolate A {{ {BUDGET} on Kv; }}", "E0109"),
        (f"isolate A implements Kick {{ {BUDGET} }}", "E0109"),
        (f"isolate A implements Nothing {{ {BUDGET} }}", "E0101"),
        (f"isolate A {{ sends Kv.Get to A; {BUDGET} }}", "E0342"),
        (f"isolate A {{ calls Kv.Get to Kick; {BUDGET} }}", "E0109"),
        (f"isolate A {{ calls Kv.Get to route A; {BUDGET} }}", "E0109"),
        (f"isolate A {{ monitors Kv; {BUDGET} }}", "E0109"),
        (f"isolate A {{ sends Kick to Kv; {BUDGET} }}", "E0338"),
        ("message M { a: ref<Kick>; }", "E0109"),
        ("message M { a: subscriber<Kick>; }", "E0109"),
        ("message M { a: subscriber; }", "E0201"),
        ("message M { a: ref<Kv, Kv>; }", "E0201"),
        ("protocol P { call C () -> () timeout 0s; }", "E0202"),
        ("protocol P { call C () -> () timeout 5; }", "E0203"),
        ("protocol P { cast C () -> (); }", "E0010"),
        ("protocol P { cast C (); event C (); }", "E0102"),
        ("protocol P { cast GetURL (); event GetUrl (); }", "E0103"),
        ("protocol P { cast put (); }", "E0104"),
        ("protocol P { cast P (); }", "E0103"),
        ("protocol P { call Result () -> () timeout 1s; }", "E0105"),
        ("protocol P { call Errno () -> () timeout 1s; }", "E0105"),
        ("protocol Switch { cast Off (); }", "E0105"),
        ("protocol Call { cast Off (); }", "E0105"),
        (
            f"isolate A {{ timer kv; calls Kv.Get to Kv; {BUDGET}"
            " on Kv.Get.reply, Kv.Get.failed, kv; }",
            "E0103",
        ),
        ("protocol P { cast Put (key: nothing); }", "E0101"),
        ("protocol P { call Put () -> (key: nothing) timeout 1s; }", "E0101"),
        (
            f"message KvGet {{}}\nisolate A implements Kv {{ {BUDGET} on Kv.Get, Kv.Put, KvGet; }}",
            "E0103",
        ),
    ],
)
def test_a_mistake_is_one_diagnostic(text: str, expected: str) -> None:
    assert codes(text + "\n") == [expected]


def test_a_call_may_have_the_name_of_a_keyword() -> None:
    assert codes("protocol P { call Delete () -> () timeout 1s; cast New (); }\n") == []


def test_a_broken_protocol_is_reported_once_however_many_use_it() -> None:
    text = "protocol Bad { cast Put (key: nothing); }\n"
    text += f"isolate A implements Bad {{ {BUDGET} on Bad.Put; }}\n"
    text += f"isolate B {{ sends Bad.Put to A; {BUDGET} }}\n"
    assert codes(text) == ["E0101"]


def client(clauses: str) -> str:
    return f"""{STORE}
isolate Client {{
  calls Kv.Get to Store;
  {BUDGET}
  machine {{
    initial A;
    {clauses}
  }}
}}
"""


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("on Kv.Get.reply, Kv.Get.failed; state A { after 1s => A; }", []),
        ("on Kv.Get.failed; state A { on Kv.Get.reply; }", []),
        ("on Kv.Get.reply; state A { on Kv.Get.timeout; }", ["E0335"]),
        ("on Kv.Get.reply; state A { after 1s => B; } state B { after 1s => A; }", ["E0335"]),
        ("on Kv.Get.failed; state A { on Kv.Get.reply, Kv.Get.timeout; }", ["E0337"]),
        ("state A { defer Kv.Get.reply; on Kv.Get.failed; }", ["E0310"]),
        ("state A { reject Kv.Get.reply; on Kv.Get.failed; }", ["E0334"]),
        ("state A { on Kv.Get.reply later; on Kv.Get.failed; }", ["E0333"]),
    ],
)
def test_the_ends_of_a_call(clauses: str, expected: list[str]) -> None:
    assert codes(client(clauses)) == expected


NESTED = f"""{STORE}
isolate Client {{
  calls Kv.Get to Store;
  {BUDGET}
  machine {{
    initial Out;
    state Out {{
      initial In;
      on Kv.Get.reply -> In;
      state In {{ %s after 1s => Apart; }}
      state Apart {{ on Kv.Get.failed -> In; after 1s => In; }}
    }}
  }}
}}
"""


def test_the_ends_of_a_call_may_be_inherited() -> None:
    """A composite is never active, so its own list may be incomplete."""
    assert codes(NESTED % "on Kv.Get.failed -> Apart;") == []
    (one,) = found(NESTED % "")
    assert one.code == "E0335" and "state `In` waits for `Kv.Get`" in one.message


def test_a_state_may_wait_for_the_end_of_what_it_watches() -> None:
    text = f"""{STORE}
isolate Watcher {{
  monitors Store;
  budget {{ slots 1; mailbox 4; state <= 64B; monitors 1; }}
  machine {{
    initial A;
    state A {{ on sys.Down -> B; defer Kick; }}
    state B {{ on Kick -> A; ignore sys.Down; }}
  }}
}}
"""
    assert codes(text) == []


def test_a_limit_finer_than_the_tick_is_said_once() -> None:
    head = HEAD.replace("timeout 1s", "timeout 1us")
    text = f"""{STORE}
isolate A {{
  calls Kv.Get to Store;
  sends Kv.Put to Store;
  {BUDGET}
  on Kv.Get.reply, Kv.Get.failed;
}}
isolate B {{ calls Kv.Get to Store; {BUDGET} on Kv.Get.reply, Kv.Get.failed; }}
supervisor Root {{
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child store : Store() permanent shutdown 1s;
  child a : A() permanent shutdown 1s;
  child b : B() permanent shutdown 1s;
}}
system S {{ shards 1 as main {{ tick 1ms; memory <= 1MiB; root Root; }} }}
"""
    (one,) = found(text, head)
    assert one.code == "E0307" and one.message.startswith("`timeout 1us` is finer")


def test_a_call_pays_for_its_header_in_the_mailbox() -> None:
    fields = ", ".join(f"f{i}: u64" for i in range(30))
    head = HEAD.replace("call Get (key: u64)", f"call Get ({fields})")
    (one,) = found(STORE, head)
    assert one.code == "W0320" and one.message == "call `Kv.Get` takes 264 bytes"


def test_a_protocol_of_another_file_is_written_with_its_short_name() -> None:
    other = "tina 1;\npackage lib.kv;\nprotocol Kv { call Get () -> () timeout 1s; cast Put (); }\n"
    text = f"""tina 1;
package demo;
import "kv.tina" as kv;
isolate Store implements kv.Kv {{ {BUDGET} on kv.Kv.Get, kv.Kv.Put; }}
isolate Client {{
  calls kv.Kv.Get to Store;
  sends kv.Kv.Put to kv.Kv;
  {BUDGET}
  on kv.Kv.Get.reply, kv.Kv.Get.failed;
}}
isolate Lazy implements kv.Kv {{ {BUDGET} }}
"""
    said = analyze_text(text, {"kv.tina": other}).diagnostics
    assert [d.message.rpartition("on ")[2] for d in said] == ["`kv.Kv.Get`", "`kv.Kv.Put`"]


ROLES = f"""{STORE}
isolate Client {{
  calls Kv.Get to %s;
  sends Kv.Put to Store;
  {BUDGET}
  on Kv.Get.reply, Kv.Get.failed;
}}
supervisor Back {{
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child store : Store() permanent shutdown 1s;
}}
supervisor Front {{
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child client : Client() permanent shutdown 1s;
}}
system S {{
  shards 1 as front {{ tick 1ms; memory <= 1MiB; root Front; }}
  shards 1 as back {{ tick 1ms; memory <= 1MiB; root Back; }}
%s}}
"""
THERE = "  channel front -> back capacity 8;\n"
BACK = "  channel back -> front capacity 8;\n"


@pytest.mark.parametrize(
    ("target", "channels", "expected"),
    [
        ("Store", "", ["has no channel to", "has no channel to"]),
        ("Store", THERE, ["has no channel back to"]),
        ("Store", THERE + BACK, []),
        ("Kv", BACK, ["has no channel to", "has no channel to"]),
        ("Kv", THERE, ["has no channel back to"]),
        ("Kv", THERE + BACK, []),
    ],
)
def test_a_call_to_another_role_needs_a_way_there_and_back(
    target: str, channels: str, expected: list[str]
) -> None:
    said = found(ROLES % (target, channels))
    assert [d.code for d in said] == ["E0705"] * len(expected)
    for diagnostic, words in zip(said, expected, strict=True):
        assert words in diagnostic.message


PROTOCOL_CHANGES = (
    ("timeout 1s", "timeout 2s", ["call Get: `timeout` is 2s, was 1s"]),
    (
        "found: bool)",
        "found: bool, more: u32)",
        [
            "call Get, result more: is new, of type `u32`",
            "call Get: compatible: every old result keeps its place",
        ],
    ),
    ("event Changed", "event Gone (); event Changed", ["event Gone is new"]),
    ("cast Put", "cast Gone (); cast Put", ["cast Gone is new"]),
)


@pytest.mark.parametrize(("old", "new", "lines"), PROTOCOL_CHANGES)
def test_a_change_of_a_protocol_is_told(old: str, new: str, lines: list[str]) -> None:
    assert old in HEAD
    before, after = (
        json.loads(model_json(good_model(text), "spec.tina"))
        for text in (HEAD, HEAD.replace(old, new, 1))
    )
    said = [line.removeprefix("package demo, protocol Kv, ") for line in differences(before, after)]
    said = [line.removeprefix("package demo, protocol Kv: ") for line in said]
    assert said == lines
