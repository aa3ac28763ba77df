# SPDX-License-Identifier: Apache-2.0
"""What somebody reads who writes a first spec and errs: one mistake, one message, which says what
is wrong, where, why and what to do. The kept texts are in `mistakes/`.

Run with `TINA_UPDATE_GOLDENS=1` to write them anew, and judge them as a stranger would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from specs import analyze_text

from tina_gen.render import render

FOLDER = Path(__file__).with_name("mistakes")
RIGHT = (FOLDER / "right.tina").read_text(encoding="utf-8")
UPDATE = os.environ.get("TINA_UPDATE_GOLDENS") == "1"
# Name -> what is written, and by mistake instead.
MISTAKES = {
    "no_semicolon": ("    initial Idle;", "    initial Idle"),
    "no_semicolon_in_braces": ("mailbox 4; state", "mailbox 4 state"),
    "no_edition": ("tina 1;\n", ""),
    "no_type": ("const SLOTS : u32 = 4;", "const SLOTS = 4;"),
    "other_type": ("n: u32;", "n: int;"),
    "no_bound": ("n: u32;", "n: string;"),
    "other_unit": ("after 5s =>", "after 5MiB =>"),
    "no_unit": ("after 5s =>", "after 5 =>"),
    "unit_apart": ("after 5s =>", "after 5 s =>"),
    "unknown_unit": ("after 5s =>", "after 5sec =>"),
    "misspelt_state": ("stay | Busy;", "stay | Bussy;"),
    "unknown_state": ("=> Idle", "=> Waiting"),
    "comma_of_targets": ("on Ping -> stay | Busy", "on Ping -> stay, Busy"),
    "body_of_a_clause": ("on beat;", "on beat { }"),
    "unclosed_block": ("      after 5s => Idle;\n    }\n", "      after 5s => Idle;\n"),
    "unhandled": ("      ignore Ping;\n", ""),
    "no_initial": ("    initial Idle;\n", ""),
    "misspelt_constant": ("slots SLOTS;", "slots SLOT;"),
    "config_in_a_size": ("slots SLOTS;", "slots port;"),
    "number_without_bytes": ("state <= 64B; }\n  on", "state <= 64; }\n  on"),
    "no_budget": ("  budget { slots 1; mailbox 1; state <= 64B; }\n", ""),
    "unknown_import": ('"tina/sys.tina" as sys', '"lib/others.tina"'),
    "unknown_in_library": ("tina/sys.tina", "tina/system.tina"),
    "circle_of_imports": ('"tina/sys.tina" as sys', '"circle.tina"'),
    "duplicate_child": ("child client", "child server"),
    "too_many_children": (
        "child client : Client permanent;",
        "child client : Client permanent;\n  child more : Server(port = 1) * 4 permanent;",
    ),
    "argument_without_name": ("Server(port = port)", "Server(port)"),
    "argument_missing": ("Server(port = port)", "Server()"),
    "unknown_message": ("sends Ping to", "sends Pong to"),
    "nobody_sends": ("  sends Ping to Server;\n", ""),
    "other_convention": ("isolate Server", "isolate server"),
    "no_memory_limit": (" memory <= 1MiB;", ""),
}
OTHERS = {"circle.tina": 'tina 1;\npackage circle;\nimport "spec.tina" as spec;\n'}


def test_without_a_mistake_nothing_is_said() -> None:
    assert analyze_text(RIGHT).diagnostics == ()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_once_and_in_the_kept_words(name: str) -> None:
    old, new = MISTAKES[name]
    assert RIGHT.count(old) == 1
    found = analyze_text(RIGHT.replace(old, new), OTHERS).diagnostics
    assert len(found) == 1, [one.message for one in found]
    assert found[0].help and (found[0].label or found[0].code == "E0001")
    text = render(found, "plain")
    kept = FOLDER / f"{name}.txt"
    if UPDATE:
        kept.write_text(text, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == text


def test_no_text_is_kept_without_its_mistake() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(MISTAKES)
