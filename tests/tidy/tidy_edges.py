# SPDX-License-Identifier: Apache-2.0
"""Rules on dependencies: who may include whom, and who may touch time, chance and threads.

The table of the runtime's rooms is here and nowhere else. A file of runtime/src belongs to
the room that its name starts with (`reactor_uring.cc` is in `reactor`), or to the one that
`ROOM_OF` gives it.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tidy_tree import Finding, Tree

# Lowest first; a room may include its own and every lower level, never one beside or above it.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"base"}),
    frozenset({"os"}),
    frozenset({"arena"}),
    frozenset({"mailbox", "ring", "wheel", "blocks", "reactor", "observe"}),
    frozenset({"isolate", "supervisor", "trap"}),
    frozenset({"shard"}),
    frozenset({"boot"}),
)

# Edges between rooms of one level, each with its reason. They must have no cycle: a test says so.
SIDEWAYS: frozenset[tuple[str, str]] = frozenset(
    {
        ("reactor", "blocks"),  # a read needs a buffer, and a buffer that is free is for a read
        ("reactor", "mailbox"),  # a completion is queued as a result of its isolate
        ("isolate", "supervisor"),  # an isolate's end is told to its supervisor by a direct call
        ("isolate", "trap"),  # a dispatched batch runs inside of the trap
    }
)

# Edges that sources may have and headers may not: supervision is direct calls, not messages, so an
# isolate's end calls its supervisor and the supervisor ends isolates. The headers keep an order.
CALLS_BACK: frozenset[tuple[str, str]] = frozenset(
    {
        ("supervisor", "isolate"),  # stops and restarts its children
        ("trap", "isolate"),  # a caught fault ends the isolate that ran
    }
)

# Files whose name does not start with their room's.
ROOM_OF: dict[str, str] = {
    "many_to_one": "os",  # how other threads hand a shard's platform what they have done
    "returns": "os",
    "resolve": "os",
    "resolver": "os",
    "poison": "os",
    "placement": "arena",
    "tick": "wheel",
    "sleep_flag": "os",  # of a thread, whoever wakes it
    "call": "isolate",  # what isolates have with each other is part of their life
    "monitor": "isolate",
    "remote": "isolate",
    "nesting": "isolate",
    "peer": "isolate",  # what isolates wait for from other shards, and hear of them
    "watchdog": "shard",  # looks at one from its own thread, between any two instructions
}

# The platform seam: the only sources that may read a clock, draw a number, start a thread or sleep.
SEAM = ("runtime/src/os", "runtime/sim/chooser")
# What the rule above watches besides: the runtime, what is generated, and the handlers.
_WATCHED = ("runtime/", "codegen/tina_gen/templates/", "examples/")

# The generated `main` declares its options with Abseil's flags, as the tools do, before boot.
_MAIN = "codegen/tina_gen/templates/system.cc.j2"
_MAIN_MAY = ("absl/flags/", "absl/time/")

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
_SIMULATOR_SWITCH = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b.*sim", re.IGNORECASE)
_CLOCK = r"(system|steady|high_resolution)_clock|clock_gettime|gettimeofday|timespec_get|__rdtsc"
_CHANCE = r"random_device|mt19937|default_random_engine|getrandom|\brand\s*\(|\bsrand\b|drand48"
_THREAD = r"\bstd::j?thread\b|pthread_create|std::async|sleep_for|sleep_until|nanosleep|\busleep\b"
_IMPURE = re.compile(rf"{_CLOCK}|\btime\s*\(\s*(nullptr|NULL|0)\s*\)|{_CHANCE}|{_THREAD}")
_LINE_COMMENT = re.compile(r"//.*$")


def room(name: str) -> str:
    """The room of a file below runtime/src, or an empty string if the table knows none."""
    first = PurePosixPath(name).relative_to("runtime/src").parts[0]
    stem = first.split(".")[0]
    if stem in ROOM_OF:
        return ROOM_OF[stem]
    rooms = frozenset().union(*LEVELS)
    prefix = stem.split("_")[0]
    return prefix if prefix in rooms else ROOM_OF.get(prefix, "")


def level(room_name: str) -> int:
    """The height of a room in the table."""
    return next(height for height, rooms in enumerate(LEVELS) if room_name in rooms)


def order(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Rooms joined by sideways edges, users first; CycleError if they have no order."""
    graph: dict[str, set[str]] = {}
    for user, used in edges:
        graph.setdefault(used, set()).add(user)
    return list(graphlib.TopologicalSorter(graph).static_order())


def includes(tree: Tree, name: str) -> Iterator[tuple[int, str, bool]]:
    """Line, path and whether it is in quotes, of each `#include` of a file."""
    for number, line in enumerate(tree.lines(name), 1):
        match = _INCLUDE.match(line)
        if match:
            yield number, match[2], match[1] == '"'


def upward_includes(tree: Tree) -> list[Finding]:
    """Edges that the architecture does not have."""
    findings: list[Finding] = []
    for name in tree.select(".h", ".cc", ".c", below=("runtime/src/",)):
        findings += _runtime_edges(tree, name)
    for name in tree.select(".h", ".cc", below=("runtime/include/",)):
        findings += _public_edges(tree, name, "a public header")
    for name in tree.select(".h", ".cc", below=("examples/",)):
        findings += _public_edges(tree, name, "an application")
    for name in tree.select(".j2", below=("codegen/tina_gen/templates/",)):
        findings += _public_edges(tree, name, "generated code")
    return findings


def _target(tree: Tree, name: str, path: str) -> str:
    """The file of the runtime that an include means, as a path from the root; empty if none."""
    own = str(PurePosixPath(name).parent / path)
    for candidate in (own, f"runtime/src/{path}", f"runtime/{path}", path):
        if candidate in tree.names and candidate.startswith("runtime/"):
            return candidate
    return ""


def _runtime_edges(tree: Tree, name: str) -> Iterator[Finding]:
    own = room(name)
    if not own:
        mend = "name it after its room, or add it to ROOM_OF in tests/tidy/tidy_edges.py"
        yield Finding(name, 1, "belongs to no room of runtime/src", mend)
        return
    for number, path, _ in includes(tree, name):
        target = _target(tree, name, path)
        if target.startswith("runtime/sim/"):
            yield Finding(name, number, "includes the simulator", "sim sees src, never the reverse")
        if not target.startswith("runtime/src/"):
            continue
        other = room(target)
        if not other or other == own or (own, other) in SIDEWAYS:
            continue
        if (own, other) in CALLS_BACK and name.endswith(".cc"):
            continue
        if level(other) >= level(own):
            what = f"{own} may not include {other}"
            yield Finding(name, number, what, "move the shared part below both, or pass it in")


def _public_edges(tree: Tree, name: str, who: str) -> Iterator[Finding]:
    """Whoever is outside includes tina/*.h, its own files and the standard library."""
    for number, path, quoted in includes(tree, name):
        private = path.startswith(("runtime/", "src/", "sim/")) or "../" in path
        behind = quoted and not path.startswith("tina/") and _target(tree, name, path)
        foreign = path.startswith(("liburing", "absl/", "linux/io_uring"))
        if name == _MAIN and path.startswith(_MAIN_MAY):
            continue
        if private or foreign or (behind and "runtime/include/" not in str(behind)):
            what = f"{who} includes {path}"
            yield Finding(name, number, what, "include tina/*.h and the standard library only")


def simulator_switches(tree: Tree) -> list[Finding]:
    """Conditional compilation for the simulator."""
    mend = "make the difference a platform type parameter"
    return [
        Finding(name, number, "#if for the simulator", mend)
        for name in tree.select(".h", ".cc", ".c", ".j2")
        if not name.startswith("tests/tidy/")
        for number, line in enumerate(tree.lines(name), 1)
        if _SIMULATOR_SWITCH.match(line)
    ]


def impure_sources(tree: Tree) -> list[Finding]:
    """Clocks, random numbers and threads outside of the platform seam."""
    findings = []
    for name in tree.select(".h", ".cc", ".c", ".j2", below=_WATCHED):
        if name.startswith(SEAM):
            continue
        for number, line in enumerate(tree.lines(name), 1):
            match = _IMPURE.search(_LINE_COMMENT.sub("", line))
            if match:
                what = f"`{match[0].strip()}` outside of the platform seam"
                mend = "take time and chance from the context or the platform (runtime/src/os*)"
                findings.append(Finding(name, number, what, mend))
    return findings


def eager_imports(tree: Tree) -> list[Finding]:
    """Jinja2 imported when a module of the generator is loaded, not when text is rendered."""
    findings = []
    for name in tree.select(".py", below=("codegen/tina_gen/",)):
        for node in ast.parse("\n".join(tree.lines(name))).body:
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            if any(module.split(".")[0] == "jinja2" for module in modules):
                mend = "import it in the function that renders: `check` must not need it"
                findings.append(Finding(name, node.lineno, "Jinja2 is imported eagerly", mend))
    return findings
