# SPDX-License-Identifier: Apache-2.0
"""Line breaking: lays C++ out as clang-format does (Google style, 100 columns).

Only the constructs that templates need: argument lists, strings, comments. Each function
returns whole lines with their indentation; a test holds the result against clang-format itself.
"""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 100
_CONTINUATION = 4


def _pack(first: str, items: Sequence[str], column: int, tail: str) -> list[str]:
    """Items after `first`, as many per line as fit, further lines starting at `column`."""
    lines = []
    line = first
    for index, item in enumerate(items):
        piece = item + ("," if index + 1 < len(items) else tail)
        if index == 0:
            line += piece
        elif len(line) + 1 + len(piece) <= LIMIT:
            line += " " + piece
        else:
            lines.append(line)
            line = " " * column + piece
    return [*lines, line]


def _fits(lines: Sequence[str]) -> bool:
    return all(len(line) <= LIMIT for line in lines)


def _list(indent: int, head: str, items: Sequence[str], tail: str, aligned: bool) -> list[str]:
    start = " " * indent + head
    one = start + ", ".join(items) + tail
    if len(one) <= LIMIT or not items:
        return [one]
    beside = _pack(start, items, len(start), tail)
    continued = " " * (indent + _CONTINUATION)
    below = [start, *_pack(continued, items, len(continued), tail)]
    if _fits(beside) and (aligned or len(beside) <= len(below) or not _fits(below)):
        return beside
    return below


def call(indent: int, head: str, arguments: Sequence[str], tail: str) -> list[str]:
    """A call: `head` ends in `(`, `tail` starts with `)`."""
    return _list(indent, head, arguments, tail, aligned=False)


def declaration(indent: int, head: str, parameters: Sequence[str], tail: str) -> list[str]:
    """A function's head: `head` ends in `(`, `tail` starts with `)`."""
    return _list(indent, head, parameters, tail, aligned=True)


def function(indent: int, head: Sequence[str], statement: Sequence[str]) -> list[str]:
    """A function of one statement. `head` is laid out and ends in ` {`; `statement` is laid out
    two columns deeper. Short ones stand on one line."""
    if len(head) == 1 and len(statement) == 1:
        one = f"{head[0]} {statement[0].strip()} }}"
        if len(one) <= LIMIT:
            return [one]
    return [*head, *statement, " " * indent + "}"]


def prototype(
    indent: int, result: str, name: str, parameters: Sequence[str], tail: str
) -> list[str]:
    """The head of a function, `result name(parameters` and `tail`; a result that leaves no room
    for the name stands on its own line."""
    head = f"{result} {name}("
    if indent + len(head) <= LIMIT:
        return declaration(indent, head, parameters, tail)
    alone = [" " * indent + result]
    if len(alone[0]) > LIMIT:
        template, _, arguments = result.removesuffix(">").partition("<")
        alone = call(indent, f"{template}<", arguments.split(", "), ">")
    return [*alone, *declaration(indent, f"{name}(", parameters, tail)]


def derived(name: str, base: str) -> list[str]:
    """The head of a struct with a base."""
    one = f"struct {name} : {base} {{"
    below = [f"struct {name}", f"    : {base} {{"]
    if len(one) <= LIMIT:
        return [one]
    template, _, arguments = base.removesuffix(">").partition("<")
    if _fits(below) or not arguments:
        return below
    parts = split(arguments)
    heads: tuple[tuple[list[str], str], ...]
    heads = (below[:1], f"    : {template}<"), ([], f"struct {name} : {template}<")
    ways = [[*above, *_pack(head, parts, len(head), "> {")] for above, head in heads]
    return min(filter(_fits, ways), key=len, default=below)


def split(arguments: str) -> list[str]:
    """The arguments of a template, which may be templates themselves."""
    parts: list[str] = []
    for part in arguments.split(", "):
        if parts and parts[-1].count("<") > parts[-1].count(">"):
            parts[-1] += f", {part}"
        else:
            parts.append(part)
    return parts


def assignment(indent: int, text: str) -> list[str]:
    """`left = right;`, broken behind the `=` if it is too long; a sum of flags that is too long for
    that, too, behind each `|` at which the line ends."""
    one = " " * indent + text
    left, found, right = text.partition(" = ")
    if len(one) <= LIMIT or not found:
        return [one]
    if indent + _CONTINUATION + len(right) > LIMIT and " | " in right:
        *flags, last = right.split(" | ")
        start = " " * indent + f"{left} = "
        packed = _pack(start, [*(f"{flag} |" for flag in flags), last], len(start), "")
        return [line.replace("|,", "|") for line in packed]
    return [" " * indent + left + " =", " " * (indent + _CONTINUATION) + right]


def comparison(head: str, left: str, right: str) -> list[str]:
    """`head left == right`, broken behind the `==` if it is too long."""
    one = f"{head}{left} == {right}"
    if len(one) <= LIMIT:
        return [one]
    if len(f"{head}{left} ==") <= LIMIT:
        return [f"{head}{left} ==", " " * len(head) + right]
    function, _, arguments = left.partition("(")
    first, _, second = arguments.partition(", ")
    start = f"{head}{function}("
    return [f"{start}{first},", " " * len(start) + f"{second} == {right}"]


def chain(left: str, start: str, calls: Sequence[str]) -> list[str]:
    """`left = start.call().call();`, behind the `=` if it is too long, else a call per line."""
    right = start + "".join(calls) + ";"
    if len(f"{left} = {right}") <= LIMIT:
        return [f"{left} = {right}"]
    if _CONTINUATION + len(right) <= LIMIT:
        return [f"{left} =", " " * _CONTINUATION + right]
    column = len(f"{left} = ") + _CONTINUATION
    return [
        f"{left} = {start}",
        *(" " * column + one for one in calls[:-1]),
        " " * column + calls[-1] + ";",
    ]


def statement(indent: int, text: str) -> list[str]:
    """A call `f(argument);`, broken behind the `(` if it is too long."""
    one = " " * indent + text
    head, _, argument = text.partition("(")
    return [one] if len(one) <= LIMIT else call(indent, head + "(", [argument], "")


def test(indent: int, head: str, template: str, tail: str) -> list[str]:
    """`head template<tail`; `tail` is the template's argument and what follows it."""
    start, below = " " * indent + head, " " * (indent + _CONTINUATION)
    if len(f"{start}{template}<{tail}") <= LIMIT:
        return [f"{start}{template}<{tail}"]
    if len(f"{start}{template}<") <= LIMIT:
        return [f"{start}{template}<", " " * (len(start) + _CONTINUATION) + tail]
    if len(f"{below}{template}<{tail}") <= LIMIT:
        return [start, f"{below}{template}<{tail}"]
    return [start, f"{below}{template}<", " " * (len(below) + _CONTINUATION) + tail]


def strings(column: int, text: str, tail: str) -> list[str]:
    """A string literal split at spaces, starting at `column` on each line."""
    lines = []
    line = ""
    room = LIMIT - column - 2
    words = text.split(" ")
    for index, word in enumerate(words):
        piece = word + (" " if index + 1 < len(words) else "")
        last = index + 1 == len(words)
        if line and len(line) + len(piece) + (len(tail) if last else 0) > room:
            lines.append(line)
            line = ""
        line += piece
    lines.append(line)
    pad = " " * column
    return [f'{pad}"{part}"' for part in lines[:-1]] + [f'{pad}"{lines[-1]}"{tail}']


def with_string(indent: int, head: str, arguments: Sequence[str], text: str) -> list[str]:
    """A statement `head(arguments, "text");` whose string may take several lines."""
    start = " " * indent + head + "("
    one = start + ", ".join([*arguments, f'"{text}"']) + ");"
    if len(one) <= LIMIT:
        return [one]
    condition = ", ".join(arguments) + ","
    below = " " * (indent + _CONTINUATION)
    beside = [start + condition, *strings(len(start), text, ");")]
    if not _fits(beside) and len(below + condition) <= LIMIT:
        return [start, below + condition, *strings(len(below), text, ");")]
    if len(start + condition) > LIMIT:
        template, _, argument = condition.partition("<")
        deeper = " " * (len(start) + _CONTINUATION)
        inner = [f"{start}{template}<", deeper + argument, *strings(len(start), text, ");")]
        if _fits(inner):
            return inner
        deepest = " " * (len(below) + _CONTINUATION)
        texts = strings(len(below), text, ");")
        return [start, f"{below}{template}<", deepest + argument, *texts]
    return beside


def comment(indent: int, marker: str, text: str) -> list[str]:
    """A comment of one or more lines; long ones are broken at spaces. Empty text: no lines."""
    if not text.strip():
        return []
    pad = " " * indent + marker
    lines: list[str] = []
    for source in text.strip("\n").split("\n"):
        # A backslash at a line's end would pull the next line of code into the comment.
        words = source.rstrip(" \t\\").split()
        line = pad
        for word in words:
            if line != pad and len(line) + 1 + len(word) > LIMIT:
                lines.append(line)
                line = pad
            line += " " + word
        lines.append(line)
    return lines
