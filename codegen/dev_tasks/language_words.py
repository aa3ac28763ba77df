# SPDX-License-Identifier: Apache-2.0
"""The page of the language's words: what may begin an item, types, units, budgets, the grammar.

Everything on it is read from the generator and from `idl/grammar.ebnf`, so it cannot be older than
they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dev_tasks.console import ROOT
from tina_gen import layout
from tina_gen.emit.cpp import SCALARS
from tina_gen.lsp import words
from tina_gen.resolve.isolates import ENTRIES, REQUIRED
from tina_gen.syntax.tokens import UNITS, Dimension

_INTRODUCTION = """\
# Words, types and grammar

This page is generated from the generator's own tables and from
[idl/grammar.ebnf](../../idl/grammar.ebnf); `./dev docs` writes it. What the words mean is in
[the language](language.md).
"""

_BLOCKS = {"": "a file", "shards": "`shards … as`", "shard": "`shard N as`"}


def page() -> str:
    """The whole page."""
    parts = [
        _INTRODUCTION,
        _section("Words that begin an item", ("in", "words"), _items()),
        _section("Words that follow", ("after", "words"), _following()),
        _section("Scalar types", ("type", "bytes", "in C++"), _scalars()),
        _section("Units", ("unit", "measures", "is"), _units()),
        _section("Entries of a budget", ("entry", "takes", "from", "to", ""), _entries()),
        _section("Settings", ("of", "settings"), _settings()),
        _grammar(),
    ]
    return "\n".join(parts)


def _section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _row(head), "|" + "---|" * len(head)]
    return "\n".join([*lines, *(_row(row) for row in rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _block(name: str) -> str:
    return _BLOCKS.get(name, f"`{name}`")


def _items() -> list[Sequence[str]]:
    return [(_block(block), _code(begin)) for block, begin in words.ITEMS.items()]


def _following() -> list[Sequence[str]]:
    return [(f"`{first}`", _code(then)) for first, then in words.FOLLOWING.items()]


def _scalars() -> list[Sequence[str]]:
    sizes = layout.SCALAR_SIZES.items()
    return [(f"`{kind.value}`", str(size), f"`{SCALARS[kind]}`") for kind, size in sizes]


def _units() -> list[Sequence[str]]:
    base = {Dimension.DURATION: "ns", Dimension.SIZE: "B"}
    return [
        (f"`{unit}`", dimension.value, f"{factor:,} {base[dimension]}")
        for unit, (dimension, factor) in UNITS.items()
    ]


def _entries() -> list[Sequence[str]]:
    return [
        (
            f"`{name}`",
            dimension.value,
            f"{least:,}",
            f"{most:,}",
            "required" if name in REQUIRED else "",
        )
        for name, (dimension, least, most) in ENTRIES.items()
    ]


def _settings() -> list[Sequence[str]]:
    return [(_block(block), _code(names)) for block, names in words.SETTINGS.items()]


def _grammar() -> str:
    text = (ROOT / "idl" / "grammar.ebnf").read_text(encoding="utf-8")
    productions = text[text.index("(* ---- files") :].rstrip()
    return f"## Grammar\n\n```text\n{productions}\n```\n"
