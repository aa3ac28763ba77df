# SPDX-License-Identifier: Apache-2.0
"""The switches of the contract: by message, then by state, and nothing twice."""

from __future__ import annotations

import re

from specs import good_model

from tina_gen.emit import generate

SPEC = """\
tina 1;
package p;
message A {}
message B {}
protocol Store {
  call Get (key: u64) -> (value: u64) timeout 1s;
}
isolate Server implements Store {
  on Store.Get;
  budget { slots 1; mailbox 4; state <= 64B; }
}
isolate I {
  sends A, B to I;
  calls Store.Get to Server;
  budget { slots 1; mailbox 4; state <= 64B; }
  machine {
    initial Resting;
    on A -> stay | Asking;
    state Resting { on B -> Asking | Other; }
    state Asking {
      ignore B;
      on Store.Get.reply -> Resting;
      on Store.Get.failed => Resting;
      after 5s => Resting;
    }
    state Other {
      on B => Over;
      on Store.Get.reply -> Resting | stay;
      on Store.Get.timeout => Over;
      on Store.Get.rejected => Resting;
      after 9s => Resting;
    }
    final state Over;
  }
}
supervisor Root {
  strategy one_for_one;
  restarts 5 in 10s else quarantine;
  child server : Server() permanent;
  child i : I() permanent;
}
system S { shards 1 as main { memory <= 1MiB; root Root; } }
"""


def contract() -> str:
    """The contract of isolate I."""
    (text,) = (f.text for f in generate(good_model(SPEC), "p.tina") if f.path == "p.tina.cc")
    return text[text.index("struct IContract") :]


def function(name: str) -> str:
    """A function of it, without indentation."""
    text = contract()
    found = re.search(rf"static void {name}\(.*?__builtin_unreachable", text, re.DOTALL)
    assert found is not None
    return "\n".join(line.strip() for line in found[0].split("\n"))


def test_an_inherited_clause_is_there_once() -> None:
    message = function("message")
    assert message.count("self.on_a(") == 1
    case = message[message.index("case 0:  // A") : message.index("case 1:  // B")]
    assert "switch (state)" not in case
    assert "effect.stay_in(state);\nreturn then(effect);" in case


def test_states_that_differ_have_cases_of_their_own() -> None:
    case = function("message").partition("case 1:  // B")[2]
    order = [
        "switch (state)",
        "case base::Resting::kIndex:",
        "self.on_b(tina::In<base::Resting>{}, message, context)",
        "case base::Asking::kIndex:\nreturn then(tina::internal::ignored());",
        "case base::Other::kIndex:",
        "return then(tina::internal::transition_to(base::Over::kIndex));",
    ]
    places = [case.index(words) for words in order]
    assert places == sorted(places)
    assert "stay_in" not in case


def test_one_state_lists_an_end_that_another_one_lists_within_failed() -> None:
    result = function("result")
    timeout = result[result.index("// Store.Get.timeout") : result.index("// Store.Get.rejected")]
    assert "case base::Asking::kIndex:" in timeout
    assert "case base::Other::kIndex:" in timeout
    assert "transition_to(base::Over::kIndex)" in timeout


def test_messages_with_which_all_states_do_the_same_share_it() -> None:
    result = function("result")
    shared = "return then(tina::internal::transition_to(base::Resting::kIndex));"
    after = result.partition("// Store.Get.rejected\n")[2]
    assert after.startswith(f"case 0:  // after\n{shared}")


def test_states_without_a_reaction_leave_no_function() -> None:
    found = re.findall(r"static void (\w+)\(", contract())
    assert found == ["init", "message", "result"]
