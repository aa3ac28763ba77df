# SPDX-License-Identifier: Apache-2.0
"""Rules on size: lines in a file, lines in a function, and the list of exceptions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidy_tree import Finding, Tree

EXCEPTIONS = "tests/tidy/exceptions.txt"
FUNCTION_LINES_MAX = 70

_NOT_FUNCTIONS = re.compile(r"^(namespace|class|struct|enum|union|extern|template|using|#|//)")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Lines that a kind of file should not and must not have."""

    kind: str
    soft: int
    hard: int


_HEADER = Ceiling("header", 250, 400)
_SOURCE = Ceiling("C++ source", 350, 500)
_PYTHON = Ceiling("Python file", 250, 400)
_TEMPLATE = Ceiling("template", 80, 120)
_TEST = Ceiling("test", 400, 600)


def ceiling(name: str) -> Ceiling | None:
    """The ceiling of a file, or nothing for a kind that has none."""
    if name.startswith("tests/golden/"):
        return None
    if name.startswith("tests/") and name.endswith((".cc", ".h", ".py")):
        return _TEST
    kinds = {".h": _HEADER, ".cc": _SOURCE, ".c": _SOURCE, ".py": _PYTHON, ".j2": _TEMPLATE}
    return next((kind for suffix, kind in kinds.items() if name.endswith(suffix)), None)


def exceptions(tree: Tree) -> dict[str, tuple[int, int]]:
    """From path to (lines allowed, line in the list): `path lines reason`, or `#` comments."""
    if EXCEPTIONS not in tree.names:
        return {}
    found = {}
    for number, line in enumerate(tree.lines(EXCEPTIONS), 1):
        words = line.split(maxsplit=2)
        if words and not words[0].startswith("#") and len(words) == 3 and words[1].isdigit():
            found[words[0]] = (int(words[1]), number)
    return found


def long_files(tree: Tree) -> list[Finding]:
    """Files over their hard ceiling, and exceptions that are malformed or no longer needed."""
    allowed = exceptions(tree)
    findings = list(_idle_exceptions(tree, allowed))
    for name in tree.names:
        limit = ceiling(name)
        if limit is None:
            continue
        size = len(tree.lines(name))
        hard = max(limit.hard, allowed.get(name, (0, 0))[0])
        if size > hard:
            what = f"{size} lines, a {limit.kind} may have {hard}"
            findings.append(
                Finding(name, hard + 1, what, f"split it, or give a reason in {EXCEPTIONS}")
            )
    return findings


def _idle_exceptions(tree: Tree, allowed: dict[str, tuple[int, int]]) -> Iterator[Finding]:
    for name, (_, number) in allowed.items():
        limit = ceiling(name)
        if name not in tree.names or limit is None or len(tree.lines(name)) <= limit.hard:
            yield Finding(EXCEPTIONS, number, f"{name} needs no exception", "remove the line")
    lines = tree.lines(EXCEPTIONS) if EXCEPTIONS in tree.names else []
    known = {number for _, number in allowed.values()}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#") and number not in known:
            yield Finding(EXCEPTIONS, number, "not understood", "write `path lines reason`")


def long_functions(tree: Tree) -> list[Finding]:
    """Functions over the limit; in C++ those at namespace level, by the formatter's layout."""
    findings: list[Finding] = []
    for name in tree.select(".py"):
        findings += _long_python_functions(tree, name)
    for name in tree.select(".cc", ".h", ".c"):
        if not name.startswith("tests/golden/"):
            findings += _long_cpp_functions(tree, name)
    return findings


def _too_long(name: str, line: int, size: int) -> Finding:
    what = f"a function of {size} lines, {FUNCTION_LINES_MAX} is the limit"
    return Finding(name, line, what, "keep the branches here, move leaves into functions")


def _long_python_functions(tree: Tree, name: str) -> Iterator[Finding]:
    for node in ast.walk(ast.parse("\n".join(tree.lines(name)))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION_LINES_MAX:
                yield _too_long(name, node.lineno, size)


def _long_cpp_functions(tree: Tree, name: str) -> Iterator[Finding]:
    begin = 0
    for number, line in enumerate(tree.lines(name), 1):
        if line.startswith("}"):
            if begin and number - begin + 1 > FUNCTION_LINES_MAX:
                yield _too_long(name, begin, number - begin + 1)
            begin = 0
        elif line[:1].strip() and not _NOT_FUNCTIONS.match(line):
            begin = number if "(" in line and not line.endswith(";") else 0
