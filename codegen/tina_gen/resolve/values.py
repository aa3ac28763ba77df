# SPDX-License-Identifier: Apache-2.0
"""Constants, configs, enums and types: resolved on demand, each once, circles reported."""

from __future__ import annotations

from fractions import Fraction

from tina_gen.addresses import is_written
from tina_gen.diagnostics import Note
from tina_gen.model import (
    Alias,
    Config,
    Constant,
    Enumeration,
    EnumType,
    Kind,
    ScalarType,
    StringType,
    Struct,
    Type,
    Union,
    Value,
)
from tina_gen.resolve import literals, records
from tina_gen.resolve.enums import enumeration
from tina_gen.resolve.evaluate import Arithmetic, Known, Other, known_value, type_words
from tina_gen.resolve.scope import Lookup, Sink, Sort, Symbol, Unit
from tina_gen.resolve.types import written_type
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

DEPTH_MAX = 64  # constants and types that refer to each other in a row

Declared = Constant | Config | Enumeration | Struct | Union | Alias
_TYPES = (Sort.STRUCT, Sort.UNION, Sort.ALIAS)
_AT_START = (ScalarType, EnumType, StringType)  # types of configs


class Values:
    """Everything that does not depend on isolates. `kinds` is filled by the kind resolver."""

    def __init__(self, sink: Sink) -> None:
        """Nothing is resolved before it is asked for."""
        self.sink = sink
        self.arithmetic = Arithmetic(sink)
        self.kinds: dict[Symbol, Kind] = {}
        self.indices: dict[Symbol, int] = {}
        self.depths: dict[str, int] = {}  # of structs and unions, by qualified name
        self._done: dict[Symbol, Declared | None] = {}
        self._open: list[Symbol] = []

    # ------------------------------------------------------------ declarations

    def declared(self, symbol: Symbol) -> Declared | None:
        """The resolved constant, config or type; None if it is broken (already reported)."""
        if symbol in self._done:
            return self._done[symbol]
        if symbol in self._open or len(self._open) >= DEPTH_MAX:
            self._circle(symbol)
            self._done[symbol] = None
            return None
        self._open.append(symbol)
        found = self._resolved(symbol)
        self._open.pop()
        return self._done.setdefault(symbol, found)

    def _resolved(self, symbol: Symbol) -> Declared | None:
        match symbol.decl:
            case d.Const() as decl:
                return self._constant(symbol, decl)
            case d.Enum() as decl:
                return enumeration(self, symbol, decl)
            case d.Alias() as decl:
                return records.alias(self, symbol, decl)
            case d.Record(word="struct") as decl:
                return records.struct(self, symbol, decl)
            case d.Record(word="union") as decl:
                return records.union(self, symbol, decl)
            case _:
                return None

    def _circle(self, symbol: Symbol) -> None:
        if symbol not in self._open:
            text = f"declarations refer to each other more than {DEPTH_MAX} times in a row"
            self.sink.error("E0011", symbol.span, text, "too deep", "write some of them out")
            return
        symbols = self._open[self._open.index(symbol) :]
        loop = [s.name for s in symbols] + [symbol.name]
        if all(s.sort in _TYPES for s in symbols):
            self.sink.error(
                "E0216",
                symbol.span,
                f"`{symbol.name}` holds itself",
                label="its size needs its own size",
                notes=(Note(" -> ".join(loop)),),
                help="refer to the other one by a number, such as its place in a list",
            )
            return
        self.sink.error(
            "E0205",
            symbol.span,
            f"`{symbol.name}` depends on itself",
            label="its value needs its own value",
            notes=(Note(" -> ".join(loop)),),
            help="give one of them a value of its own",
        )

    def _constant(self, symbol: Symbol, decl: d.Const) -> Constant | Config | None:
        kind = self.type(decl.type, symbol.unit)
        if kind is None:
            return None
        if decl.is_config and not isinstance(kind, _AT_START) and not is_written(kind):
            text = f"a config cannot be a `{type_words(kind)}`"
            help = "use a scalar, an enum, a `string<N>`, an address or an `fs.path`"
            label = "cannot be given on a command line"
            self.sink.error("E0217", decl.type.span, text, label, help)
            return None
        value = self.fitted(decl.value, kind, symbol.unit)
        if value is None:
            return None
        index, package = self.indices[symbol], symbol.unit.package
        span = decl.name.span
        if decl.is_config:
            return Config(index, package, symbol.name, kind, value, decl.doc, span)
        return Constant(index, package, symbol.name, kind, value, decl.doc, span)

    # ------------------------------------------------------------ expressions

    def evaluate(self, node: a.Expr, unit: Unit) -> Known | None:
        """The value of an expression, None if it has none (already reported)."""
        match node:
            case a.Number(value=value, dimension=dimension):
                return Known(Fraction(value), dimension)
            case a.Text(value=text):
                return Known(text, Other.TEXT)
            case a.Bool(value=truth):
                return Known(truth, Other.BOOL)
            case a.ListExpr():
                text = "a list of values stands where one value is needed"
                self.sink.error("E0201", node.span, text, "not one value", "write one value")
                return None
            case a.NameExpr(name=name):
                return self._named(name, unit)
            case a.Negate(operand=operand):
                inner = self.evaluate(operand, unit)
                return self.arithmetic.negate(inner, node) if inner else None
            case a.Binary(left=left, right=right):
                x, y = self.evaluate(left, unit), self.evaluate(right, unit)
                return self.arithmetic.binary(x, y, node) if x and y else None

    def _named(self, name: a.QName, unit: Unit) -> Known | None:
        lookup = Lookup(unit, self.sink)
        symbol, rest = lookup.quiet(name)
        if symbol is None:
            if name.text in ("shard.index", "shard.count", "child.index"):
                text = f"`{name.text}` is known only when a shard starts"
                help = "use it as the whole value of a child's argument"
                self.sink.error("E0207", name.span, text, "not a constant", help)
            else:
                lookup.unknown(name, (Sort.CONST,))
            return None
        if symbol.sort is Sort.ENUM and len(rest) == 1:
            return self._enumerator(name, symbol, rest[0])
        if symbol.sort is Sort.CONFIG and not rest:
            text = f"`{name.text}` is a config: its value is known only at start"
            note = (Note(f"`{symbol.name}` is declared here", symbol.span),)
            help = "use a `const`, or give the config alone as a child's argument"
            self.sink.error("E0206", name.span, text, "needs a constant", help, note)
            return None
        if lookup.find(name, (Sort.CONST,)) is None:
            return None
        found = self.declared(symbol)
        return known_value(found.value, found.type) if isinstance(found, Constant) else None

    def _enumerator(self, name: a.QName, symbol: Symbol, word: str) -> Known | None:
        enum = self.declared(symbol)
        if not isinstance(enum, Enumeration):
            return None
        for item in enum.enumerators:
            if item.name == word:
                return Known(Fraction(item.value), Other.ENUM, enum)
        known = ", ".join(f"`{item.name}`" for item in enum.enumerators[:8])
        text = f"enum `{enum.name}` has no value `{word}`"
        self.sink.error("E0101", name.span, text, "not declared", f"its values are {known}")
        return None

    def whole(
        self,
        node: a.Expr,
        unit: Unit,
        what: str,
        bounds: tuple[int, int],
        code: str,
        dimension: Dimension = Dimension.NUMBER,
    ) -> int | None:
        """Evaluates a whole number between two bounds; `what` names the place, for `code`."""
        known = self.evaluate(node, unit)
        if known is None:
            return None
        low, high = bounds
        return self.arithmetic.whole(known, dimension, low, high, node.span, what, code)

    def fitted(self, node: a.Expr, kind: Type, unit: Unit) -> Value | None:
        """Evaluates a value of a type."""
        return literals.fitted(self, node, kind, unit)

    # ------------------------------------------------------------ types

    def type(self, node: a.TypeExpr, unit: Unit) -> Type | None:
        """The type that is written, None if it is none (already reported)."""
        return written_type(self, node, unit)
