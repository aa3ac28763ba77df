# SPDX-License-Identifier: Apache-2.0
"""Scopes: which names a file declares and imports, and looking them up.

A failed look-up reports once and returns None; whoever needed the name gives up on its own
declaration without another word, so one mistake makes one diagnostic.
"""

from __future__ import annotations

import dataclasses
from dataclasses import field
from enum import Enum

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.frozen import dataclass
from tina_gen.names import PASCAL, snake, suggestion
from tina_gen.source import Span
from tina_gen.syntax import declarations as d
from tina_gen.syntax.ast import QName

# Diagnostics of a run after which names are no longer compared with each other: a file of nothing
# but unknown names must not take longer than any other.
SUGGESTIONS_MAX = 200


class Sort(Enum):
    """What a name stands for; the value is how diagnostics speak of it."""

    CONST = "a constant"
    CONFIG = "a config"
    ENUM = "an enum"
    STRUCT = "a struct"
    UNION = "a union"
    ALIAS = "a type"
    MESSAGE = "a message"
    PROTOCOL = "a protocol"
    KIND = "an I/O kind"
    ISOLATE = "an isolate"
    SUPERVISOR = "a supervisor"
    SYSTEM = "a system"
    FAULTS = "a set of faults"
    PROPERTY = "a property"
    REFUSED = "refused where it is declared"


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A declared name. Two symbols are equal only if they are the same object."""

    name: str
    sort: Sort
    decl: d.Decl
    unit: Unit
    span: Span

    @property
    def qualified(self) -> str:
        """`package.Name`."""
        return f"{self.unit.package}.{self.name}"


@dataclasses.dataclass(slots=True, eq=False)
class Unit:
    """One file being resolved: its tree, its own names, and the files it imports by alias."""

    tree: d.File
    package: str
    imports: dict[str, Unit] = field(default_factory=dict)
    import_spans: dict[str, Span] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)


class Sink:
    """Collects diagnostics."""

    def __init__(self) -> None:
        """Starts empty."""
        self.diagnostics: list[Diagnostic] = []

    def error(
        self,
        code: str,
        span: Span,
        message: str,
        label: str = "",
        help: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Records one diagnostic."""
        self.diagnostics.append(Diagnostic(code, span, message, label, notes, help))


class Lookup:
    """Finds names from inside one file."""

    def __init__(self, unit: Unit, sink: Sink) -> None:
        """Looks names up in `unit` and what it imports."""
        self.unit = unit
        self.sink = sink

    def split(self, name: QName) -> tuple[Unit, list[str]]:
        """The file a dotted name starts in, and the words that remain."""
        words = [part.text for part in name.parts]
        if len(words) > 1 and words[0] in self.unit.imports:
            return self.unit.imports[words[0]], words[1:]
        return self.unit, words

    def quiet(self, name: QName) -> tuple[Symbol | None, list[str]]:
        """The symbol a dotted name starts with and the words behind it, or None; no report."""
        unit, words = self.split(name)
        return unit.symbols.get(words[0]), words[1:]

    def find(self, name: QName, wanted: tuple[Sort, ...]) -> Symbol | None:
        """The symbol of one of the wanted sorts, or None with a diagnostic."""
        symbol, rest = self.quiet(name)
        if symbol is None or rest:
            if symbol is None or symbol.sort is not Sort.REFUSED:
                self.unknown(name, wanted)
            return None
        if symbol.sort in wanted:
            return symbol
        if symbol.sort is not Sort.REFUSED:
            self.wrong_sort(name, symbol, wanted)
        return None

    def wrong_sort(self, name: QName, symbol: Symbol, wanted: tuple[Sort, ...]) -> None:
        """Reports that a name stands for something else."""
        self.sink.error(
            "E0109",
            name.span,
            f"`{name.text}` is {symbol.sort.value}, not {_either(wanted)}",
            label=f"needs {_either(wanted)}",
            help=f"name {_either(wanted)}",
            notes=(Note(f"`{symbol.name}` is declared here", symbol.span),),
        )

    def unknown(self, name: QName, wanted: tuple[Sort, ...]) -> None:
        """Reports an undeclared name, with the closest one that would fit."""
        unit, words = self.split(name)
        if _named_otherwise(unit, words[0], wanted):
            return
        prefix = "" if unit is self.unit else f"{name.parts[0].text}."
        few = len(self.sink.diagnostics) < SUGGESTIONS_MAX
        fitting = [s.name for s in unit.symbols.values() if s.sort in wanted] if few else []
        close = suggestion(words[0], fitting)
        if wanted == TYPES and not prefix and not close:
            close = _ELSEWHERE.get(words[0]) or suggestion(words[0], list(_BUILT_IN))
        if close:
            help = f"did you mean `{prefix}{close}`?"
        elif fitting:
            known = ", ".join(f"`{prefix}{n}`" for n in sorted(fitting)[:8])
            help = f"known here: {known}"
        else:
            help = f"declare {_either(wanted)} with this name, or import the file that does"
        text = f"`{name.text}` is not declared"
        self.sink.error("E0101", name.span, text, f"expected {_either(wanted)}", help)


def _named_otherwise(unit: Unit, word: str, wanted: tuple[Sort, ...]) -> bool:
    """Whether the declaration that is meant is there under a name that breaks the convention of
    its kind. That is reported there (E0104), and each use of the name would only repeat it."""
    return PASCAL.match(word) is not None and any(
        symbol.sort in wanted
        and not PASCAL.match(symbol.name)
        and snake(symbol.name) == snake(word)
        for symbol in unit.symbols.values()
    )


# What other languages call a type that is built in here.
_ELSEWHERE = {
    **{"int": "i32", "long": "i64", "short": "i16", "char": "u8", "byte": "u8", "uint": "u32"},
    **{"float": "f32", "double": "f64", "boolean": "bool", "unsigned": "u32", "size_t": "size"},
    **{"int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64", "uint8": "u8"},
    **{"uint16": "u16", "uint32": "u32", "uint64": "u64", "str": "string<32>"},
    **{"String": "string<32>", "text": "string<32>", "array": "[T; 4]", "vector": "list<T, 4>"},
    **{"optional": "option<T>", "Option": "option<T>", "time": "instant"},
}
_BUILT_IN = (
    *("bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64"),
    *("duration", "instant", "size"),
)

TYPES = (Sort.ENUM, Sort.STRUCT, Sort.UNION, Sort.ALIAS, Sort.KIND)


def _either(sorts: tuple[Sort, ...]) -> str:
    if sorts == TYPES:
        return "a type"
    return " or ".join(sort.value for sort in sorts)
