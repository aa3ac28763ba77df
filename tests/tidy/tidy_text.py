# SPDX-License-Identifier: Apache-2.0
"""Rules on the text of files: words, licence lines, machine paths, sleeps, TODOs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from tidy_tree import Finding, Tree

_OWN_WORDS = "use the glossary's word (mailbox, shard, pass, isolate) or name what it does"
_SYNONYMS = ("inbox", "inboxes", "actor", "actors")
_SAYING_NOTHING = ("util", "utils", "helper", "helpers", "manager", "managers", "misc")
_BANNED = frozenset(_SYNONYMS + _SAYING_NOTHING)
_BANNED_PAIRS = frozenset(
    {("worker", "thread"), ("worker", "threads"), ("event", "loop"), ("event", "loops")}
)
# In prose `common` is an ordinary word; in a name it says nothing.
_BANNED_IN_NAMES = _BANNED | {"common"}
_STANDARD_NAMES = frozenset({"common_type", "common_type_t", "common_reference", "common_with"})
# Names that others gave.
_FOREIGN = re.compile(r"\b(importlib\.util|CMakePackageConfigHelpers|caf::\w+)\b")
_ACTOR_ALLOWED_ONCE = "README.md"

_TEXT = (".h", ".cc", ".c", ".py", ".md", ".tina", ".j2", ".cmake", ".txt", ".toml", ".json", "dev")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_COMPONENT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_MACHINE_PATH = re.compile(r"(?<![\w.])/(home/\w+|root|work|Users/\w+)/")
_OUTSIDE = re.compile(r"\.\./shared\b")
# A platform's own sleep is what some tests test: it ends when something comes.
_SLEEP = re.compile(r"(?<!platform\.)\b(u|nano)?sleep(_for|_until)?\s*\(")
_TODO = re.compile(r"\bTODO(?!\([a-z]+\): \S)|\bFIXME\b|\bXXX\b")

# The rules and their planted violations name what they forbid.
_THE_RULES = "tests/tidy/"


def components(identifier: str) -> list[str]:
    """`eventLoop`, `EVENT_LOOP` and `event_loop` are all event, loop."""
    return [part.lower() for part in _COMPONENT.findall(identifier)]


def banned_words(tree: Tree) -> list[Finding]:
    """Synonyms of glossary words, and names that say nothing, in text and in file names."""
    findings = []
    for name in tree.names:
        if name.startswith(_THE_RULES):
            continue
        for part in components(name):
            if part in _BANNED_IN_NAMES:
                findings.append(Finding(name, 1, f"`{part}` in a file name", _OWN_WORDS))
        if name.endswith(_TEXT):
            findings += _banned_in_text(tree, name)
    return findings


def _banned_in_text(tree: Tree, name: str) -> Iterator[Finding]:
    allowance = 1 if name == _ACTOR_ALLOWED_ONCE else 0
    for number, line in enumerate(tree.lines(name), 1):
        for word in _banned_in_line(_FOREIGN.sub("", line)):
            if word in ("actor", "actors") and allowance:
                allowance -= 1
                continue
            yield Finding(name, number, f"`{word}` is a banned word", _OWN_WORDS)


def _banned_in_line(line: str) -> Iterator[str]:
    parts: list[str] = []
    for identifier in _IDENTIFIER.findall(line):
        own = components(identifier)
        parts += own
        yield from (part for part in own if part in _BANNED)
        if len(own) > 1 and "common" in own and identifier not in _STANDARD_NAMES:
            yield "common"
    for first, second in itertools.pairwise(parts):
        if (first, second) in _BANNED_PAIRS:
            yield f"{first} {second}"


def licence_lines(tree: Tree) -> list[Finding]:
    """Files without the SPDX line on top, or without a paragraph that says what they are."""
    mend = "start with `SPDX-License-Identifier: Apache-2.0`, then say what the file is and why"
    findings = []
    for name in tree.names:
        lines = tree.lines(name)
        if not lines or not _needs_licence(name, lines[0]):
            continue
        top = 1 if lines[0].startswith("#!") else 0
        if top >= len(lines) or "SPDX-License-Identifier: Apache-2.0" not in lines[top]:
            findings.append(Finding(name, top + 1, "no SPDX line", mend))
        elif not name.endswith(".tina") and not _says_something(name, lines[top + 1 : top + 4]):
            findings.append(Finding(name, top + 2, "no paragraph after the SPDX line", mend))
    return findings


def _needs_licence(name: str, first: str) -> bool:
    if name.startswith("tests/") and name.endswith(".tina"):
        return False  # inputs of tests; their lines are what the tests point at
    if name.startswith(("tests/golden/", "tests/codegen/golden/")):
        return False
    suffixes = (
        ".h",
        ".cc",
        ".c",
        ".py",
        ".tina",
        ".cmake",
        ".toml",
        ".erl",
        ".sh",
        "CMakeLists.txt",
    )
    return name.endswith(suffixes) or first.startswith("#!")


def _says_something(name: str, lines: list[str]) -> bool:
    """Whether the first line with words in it is a comment or a docstring."""
    mark = r"\s*(//|/?\*)" if name.endswith((".h", ".cc", ".c")) else r"\s*(#|%|r?\"\"\"|{#)"
    for line in lines:
        if re.search(r"\w", line):
            return re.match(mark, line) is not None
    return False


def machine_paths(tree: Tree) -> list[Finding]:
    """Paths that exist on one machine only, or that lead out of the clone."""
    findings = []
    for name in tree.names:
        if name.startswith(_THE_RULES):
            continue
        for number, line in enumerate(tree.lines(name), 1):
            if _MACHINE_PATH.search(line):
                what, mend = "an absolute path of one machine", "make it relative to the clone"
                findings.append(Finding(name, number, what, mend))
            if _OUTSIDE.search(line):
                what, mend = "leads out of the clone", "say it here, or in docs/"
                findings.append(Finding(name, number, what, mend))
    return findings


def sleeping_tests(tree: Tree) -> list[Finding]:
    """Tests that wait for time instead of a condition."""
    findings = []
    for name in tree.select(".py", ".cc", ".h", ".sh", below=("tests/",)):
        if name.startswith(_THE_RULES):
            continue
        for number, line in enumerate(tree.lines(name), 1):
            if _SLEEP.search(line):
                what, mend = "a test sleeps", "wait for the condition, with a limit"
                findings.append(Finding(name, number, what, mend))
    return findings


def bare_todos(tree: Tree) -> list[Finding]:
    """TODOs without a type and a reason."""
    findings = []
    for name in tree.select(".h", ".cc", ".c", ".py", ".tina", ".j2", ".cmake"):
        if name.startswith(_THE_RULES):
            continue
        for number, line in enumerate(tree.lines(name), 1):
            if _TODO.search(line):
                findings.append(Finding(name, number, "a bare TODO", "write `TODO(type): reason`"))
    return findings
