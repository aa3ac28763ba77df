# SPDX-License-Identifier: Apache-2.0
"""Puts the handlers that are missing into a user's struct, and changes nothing else in the file.

Textual and careful: comments and literals are blanked out, the struct is found by its name, and new
lines go before its closing brace. Whatever is not plain is refused with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tina_gen.emit.handlers import Handler
from tina_gen.frozen import dataclass
from tina_gen.stub.skeleton import declarations

_HIDDEN = re.compile(
    r"//(?:\\\r?\n|[^\n])*"
    r"|/\*.*?(?:\*/|\Z)"
    r'|R"(?P<mark>[^\s()\\]{0,16})\(.*?(?:\)(?P=mark)"|\Z)'
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
_PRIVATE = re.compile(r"\b(public|protected|private)\s*:(?!:)")


@dataclass(frozen=True, slots=True)
class Insertion:
    """The file with the missing handlers declared, and which ones these were."""

    text: str
    missing: tuple[Handler, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was inserted; `absent` if the file just does not define the struct."""

    reason: str
    absent: bool = False


def insert(text: str, isolate: str, asked: Sequence[Handler]) -> Insertion | Refused:
    """Declares in `struct isolate` what it lacks of the handlers that are asked for."""
    code = _blanked(text)
    found = _struct(code, isolate)
    if isinstance(found, Refused):
        return found
    start, end = found
    body = code[start:end]
    missing = tuple(handler for handler in asked if not _declares(body, isolate, handler))
    if not missing:
        return Insertion(text, ())
    access = [match[1] for match in _PRIVATE.finditer(_outermost(body))]
    if access and access[-1] != "public":
        return Refused(
            f"`struct {isolate}` ends in a {access[-1]} part; put handlers in a public one"
        )
    return Insertion(_with_lines(text, start, end, missing), missing)


def _blanked(text: str) -> str:
    """The text with comments and literals replaced by blanks, at the same places."""
    return _HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _struct(code: str, name: str) -> tuple[int, int] | Refused:
    """The places behind the opening brace and of the closing one."""
    heads = list(
        re.finditer(rf"\b(?:struct|class)\s+{name}\b(?:\s+final)?\s*(?::[^;{{}}]*)?\{{", code)
    )
    if not heads:
        return Refused(f"there is no `struct {name} : {name}Base {{`", absent=True)
    if len(heads) > 1:
        return Refused(f"`struct {name}` is defined more than once")
    start = heads[0].end()
    depth = 1
    for place in range(start, len(code)):
        depth += (code[place] == "{") - (code[place] == "}")
        if depth == 0:
            return start, place
    return Refused(f"`struct {name}` has no closing brace")


def _outermost(body: str) -> str:
    """The body without what stands in inner braces."""
    kept, depth = [], 0
    for character in body:
        depth -= character == "}"
        kept.append(character if depth == 0 else " ")
        depth += character == "{"
    return "".join(kept)


def _declares(body: str, isolate: str, handler: Handler) -> bool:
    """Whether the struct has a handler of this name for this state, whatever its other types: a
    wrong one is the compiler's to report, and a second one would only hide it."""
    for match in re.finditer(rf"\b{handler.name}\s*\(([^)]*)\)", body):
        if handler.state is None:
            return True
        if re.match(
            rf"\s*(?:{isolate}(?:Base)?\s*::\s*)?(?:tina::)?[iI]n\s*<\s*(?:\w+\s*::\s*)?"
            rf"{handler.state}\s*>",
            match[1],
        ):
            return True
    return False


def _with_lines(text: str, start: int, end: int, missing: Sequence[Handler]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    line = text.rfind("\n", 0, end) + 1
    alone = line >= start and not text[line:end].strip()
    margin = re.match(r"[ \t]*", text[text.rfind("\n", 0, start) + 1 :])
    indent = len(margin[0].expandtabs(2)) if margin else 0
    added = "".join(f"{row}{line_end}" for row in declarations(missing, indent + 2))
    if alone:
        return text[:line] + added + text[line:]
    return text[:end].rstrip(" \t") + line_end + added + " " * indent + text[end:]
