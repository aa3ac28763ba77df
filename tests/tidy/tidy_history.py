# SPDX-License-Identifier: Apache-2.0
"""Rules on commits: the form of the subject, and a body that says why."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tidy_tree import Finding

SUBJECT_MAX = 65

_FORM = re.compile(r"^[a-z][a-z0-9_./-]*: (?P<verb>[a-z]+)\b")
_NOT_IMPERATIVE = re.compile(r"(?:ed|ing|[^s]s)$")
_IMPERATIVE_ANYWAY = frozenset(
    {"embed", "feed", "ping", "need", "seed", "shed", "speed", "bring", "string", "focus", "bias"}
)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as the rules see it."""

    name: str
    subject: str
    body: str


def commits(root: Path) -> list[Commit]:
    """The history of a clone without its merges, newest first."""
    command = ["git", "log", "--no-merges", "--format=%h%x1f%s%x1f%b%x1e"]
    output = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    records = [record.strip("\n").split("\x1f") for record in output.split("\x1e")]
    return [Commit(*record) for record in records if len(record) == 3]


def judge(commit: Commit) -> list[Finding]:
    """What is wrong with one commit's words; its name stands where a path would."""

    def finding(what: str, mend: str) -> Finding:
        return Finding(f"commit {commit.name}", 1, f"{what}: {commit.subject!r}", mend)

    findings = []
    match = _FORM.match(commit.subject)
    if not match:
        findings.append(finding("subject without its room", "write `room: imperative`"))
    elif _NOT_IMPERATIVE.search(match["verb"]) and match["verb"] not in _IMPERATIVE_ANYWAY:
        findings.append(finding(f"`{match['verb']}` is no imperative", "say what it does: `add`"))
    if len(commit.subject) > SUBJECT_MAX:
        what = f"subject of {len(commit.subject)} characters"
        findings.append(finding(what, f"{SUBJECT_MAX} is the limit"))
    if not commit.body.strip():
        findings.append(finding("no body", "say why in the body"))
    return findings
