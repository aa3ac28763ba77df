# SPDX-License-Identifier: Apache-2.0
"""Rules for declared names: convention, reserved words, duplicates and clashes in one scope."""

from __future__ import annotations

import re

from tina_gen import names
from tina_gen.diagnostics import Note
from tina_gen.resolve.scope import Sink
from tina_gen.source import Span
from tina_gen.syntax.ast import Name

PASCAL: tuple[str, re.Pattern[str]] = ("PascalCase", names.PASCAL)
SNAKE: tuple[str, re.Pattern[str]] = ("snake_case", names.SNAKE)
UPPER: tuple[str, re.Pattern[str]] = ("UPPER_SNAKE", names.UPPER)


def _converted(text: str, convention: str) -> str:
    parts = [part for part in names.snake(text).split("_") if part]
    match convention:
        case "PascalCase":
            return "".join(part.capitalize() for part in parts)
        case "UPPER_SNAKE":
            return "_".join(parts).upper()
        case _:
            return "_".join(parts)


def check_name(
    sink: Sink,
    name: Name,
    what: str,
    convention: tuple[str, re.Pattern[str]],
    global_: bool = False,
) -> bool:
    """Reports a name that breaks its convention (E0104) or is reserved (E0105); True if good.

    `what` is the thing in the plural; `global_` names also must not hide a generated word.
    """
    title, pattern = convention
    if not pattern.match(name.text):
        better = _converted(name.text, title)
        help = f"call it `{better}`" if pattern.match(better) else f"use a {title} name"
        text = f"`{name.text}` is not {title}"
        sink.error("E0104", name.span, text, f"{what} are {title}", help)
        return False
    reserved = _reserved(name.text, global_)
    if what == "configs" and name.text in names.PROGRAM_OPTIONS:
        reserved = f"the option `--{name.text}` of every program"
    if what in ("timers", "I/O objects") and name.text in names.CONTEXT_WORDS:
        reserved = "a word of the handlers' context"
    if reserved:
        text = f"`{name.text}` is {reserved}"
        sink.error("E0105", name.span, text, "reserved", "choose another name")
        return False
    return True


def check_converted(sink: Sink, name: Name, keywords: bool) -> bool:
    """Reports a name whose snake form stands alone in generated code and is reserved there (E0105).
    Where keywords get a `_` behind them, only macros are (not `keywords`)."""
    word = names.snake(name.text)
    reserved = _reserved(word, global_=True) if keywords else ""
    if word in names.PREDEFINED_MACROS:
        reserved = "a macro of the C++ library"
    if reserved:
        text = f"`{name.text}` becomes `{word}` in generated code, which is {reserved}"
        sink.error("E0105", name.span, text, "reserved", "choose another name")
    return not reserved


def _reserved(text: str, global_: bool) -> str:
    if text in names.CPP_KEYWORDS:
        return "a keyword of C++"
    if text in names.PREDEFINED_MACROS:
        return "a macro of the C++ library"
    if global_ and text in names.GENERATED_WORDS:
        return "a word of the generated code"
    return ""


class Names:
    """The names of one scope. Adding a second one that is equal, or becomes equal, is an error."""

    def __init__(self, sink: Sink, where: str) -> None:
        """`where` says which scope, for the diagnostics (`in isolate Listener`)."""
        self.sink = sink
        self.where = where
        self._seen: dict[str, tuple[str, Span]] = {}

    def add(self, name: Name) -> bool:
        """Adds a name; False (with E0102 or E0103) if it clashes with an earlier one."""
        key = names.snake(name.text)
        first = self._seen.setdefault(key, (name.text, name.span))
        if first[1] is name.span:
            return True
        note = (Note(f"`{first[0]}` is declared here", first[1]),)
        if first[0] == name.text:
            text = f"`{name.text}` is declared twice {self.where}"
            self.sink.error("E0102", name.span, text, "second declaration", "rename one", note)
        else:
            text = f"`{name.text}` and `{first[0]}` both become `{key}` in generated code"
            self.sink.error("E0103", name.span, text, "clashes", "rename one", note)
        return False
