# SPDX-License-Identifier: Apache-2.0
"""Claims about files: what is acknowledged stays. What reads, writes and group commits cost beside
a bare io_uring loop is rows of bench/runner/limits.py."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

_SYSTEMS = ROOT / "build" / "gcc" / "tests" / "systems"
_LOGBOOK = _SYSTEMS / "logbook" / "system_logbook"
_VAULT = _SYSTEMS / "vault" / "system_vault"
_JOURNAL = _SYSTEMS / "journal" / "system_journal"
_LOGBOOKS = ROOT / "tests" / "shards" / "logbooks.py"
_COPIES = ROOT / "tests" / "shards" / "copies.py"
_VAULTS = ROOT / "tests" / "shards" / "vaults.py"
_LIMIT_S = 120

for _text, _part, _quiet in (
    ("records that were acknowledged are there after a kill", "killed", "10 kills, none lost"),
    ("a record that was written in part is cut off", "torn", "and nothing else"),
    ("a file at its limit of size refuses, and goes on", "no_room", "kept + refused = sent"),
    ("a full disk refuses, and what is there is read back", "full_disk", "kept = read back"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _LOGBOOKS, _part, (_LOGBOOK,), _quiet)
    )

for _text, _part, _quiet in (
    ("a value that was told is there after a kill", "killed", "20 kills, none lost"),
    ("a rename replaces: readers see whole values, never older ones", "replaced", "20 000 reads"),
    ("a directory is listed in pieces and swept, what is below it stays", "swept", "201 of 201"),
    ("without room the file before stays", "no_room", "and it goes on"),
    ("a disk that hangs delays a drain by 5 s", "hung", "then it has ended, with status 0"),
    ("a directory that is missing or moved is waited for", "late", "and used"),
):
    claim(f"{_text} (both backends)", target="no trouble")(
        partial(scripted, _VAULTS, _part, (_VAULT,), _quiet)
    )

claim("a file is copied through reads into 8 buffers (both backends)", target="no trouble")(
    partial(scripted, _COPIES, "whole", (_SYSTEMS / "copies" / "system_copies",), "8 of 8 sizes")
)


def _simulate(program: Path, *more: str) -> str:
    """What all seeds of the stormy scenario end in."""
    require(program.is_file(), f"{program} is not built: ./dev build")
    command = [str(program), "simulate", "--scenario", "stormy", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    return done.stdout + done.stderr


def _power(program: Path, name: str, planted: str) -> Figure:
    """Nothing told is lost with the power, and each of two planted bugs is found out."""
    lost = f"property {name} does not hold"
    calm = _simulate(program)
    kept = "trace hash of all" in calm and "does not hold" not in calm
    found = sum(lost in _simulate(program, f"--{planted}={number}") for number in (1, 2))
    text = f"{'nothing' if kept else 'something'} lost, {found} of 2 planted bugs found"
    return Figure(found, text, kept and found == 2)


for _text, _program, _name, _planted in (
    (
        "a log under power loss: what was acknowledged stays",
        _JOURNAL,
        "nothing_kept_is_lost",
        "hasty",
    ),
    ("names under power loss: what was told stays", _VAULT, "nothing_told_is_lost", "skipped"),
):
    claim(f"{_text} (32 seeds)", target="and 2 planted bugs show")(
        partial(_power, _program, _name, _planted)
    )
