# SPDX-License-Identifier: Apache-2.0
"""Claims about the core that tests prove case by case: models, rings, sanitizers, mistakes."""

from __future__ import annotations

import re
import subprocess
from functools import partial

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import Trouble, require

_TESTED = ROOT / "docs" / "reference" / "tested.md"
_TOTAL = re.compile(r"(\d+)% tests passed, (\d+) tests failed out of (\d+)")
_LIMIT_S = 1500
_PAGES = ("messages", "shards", "memory")


def _ctest(names: str, preset: str = "gcc", least: int = 1) -> Figure:
    """What ctest counts of these tests; fewer than `least` prove nothing."""
    command = ["ctest", "--test-dir", f"build/{preset}", "--no-tests=error", "-j2", "-R", names]
    try:
        ran = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"did not end within {_LIMIT_S} s") from None
    found = _TOTAL.search(ran.stdout)
    require(found is not None, f"no such test in build/{preset}: {names[:60]}")
    assert found is not None
    failed, total = int(found[2]), int(found[3])
    text = f"{total - failed} of {total} pass"
    return Figure(failed, text, ran.returncode == 0 and total >= least)


@claim("what others get wrong: each has a test", target="all named, all pass")
def what_others_get_wrong() -> Figure:
    rows = [line for line in _TESTED.read_text(encoding="utf-8").splitlines() if "`" in line]
    cells = " ".join(row.rpartition(" | ")[2] for row in rows if row.startswith("| "))
    names = set(re.findall(r"`([\w.]+)`", cells))
    exact = "|".join(re.escape(name) for name in sorted(names))
    # Cases of a parameter are named around their own name.
    return _ctest(f"(^|/)({exact})(/|$)", least=len(names))


@claim("rings, sleep and wake: each interleaving; planted bugs", target="none wrong, each found")
def rings_are_explored() -> Figure:
    return _ctest("RingModel|PlantedBug|SleepFlag", least=10)


@claim("queues, wheel, handles, arena, containers as models do", target="all pass")
def structures_are_as_their_models() -> Figure:
    models = ("MailboxModel", "Wheel.Agrees", "Handles", "Arena", "Behave", "AgreesWith", "Random")
    return _ctest("|".join(models), least=12)


@claim("the pages on messages, shards and memory have figures", target="3 pages")
def pages_have_figures() -> Figure:
    folder = ROOT / "docs" / "explanation"
    text = {page: (folder / f"{page}.md").read_text(encoding="utf-8") for page in _PAGES}
    having = [
        page for page in _PAGES if re.search(r"\d (ns|us|µs|ms|MiB|GiB|B|bytes)\b", text[page])
    ]
    return Figure(len(having), ", ".join(having), len(having) == len(_PAGES))


for _preset in ("asan", "tsan"):
    claim(f"the tests of the core under build/{_preset}", target="all pass", slow=True)(
        partial(_ctest, "^[A-Z]|^shards|^race", _preset, 100)
    )
