# SPDX-License-Identifier: Apache-2.0
"""Constants, configs, enums and types: resolved on demand, each once, circles reported."""

from __future__ import annotations

from fractions import Fraction

from tina_gen.diagnostics import Note
from tina_gen.model import (
    Config,
    Constant,
    Enumeration,
    Enumerator,
    EnumType,
    IoType,
    Kind,
    ProtocolRefType,
    RefType,
    Scalar,
    ScalarType,
    SubscriberType,
    Type,
    Value,
)
from tina_gen.resolve.evaluate import INTEGERS, Arithmetic, Known, Other, known_value
from tina_gen.resolve.naming import PASCAL, Names, check_name
from tina_gen.resolve.scope import Lookup, Sink, Sort, Symbol, Unit
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

DEPTH_MAX = 64  # constants that refer to each other in a row

SCALARS: dict[str, Scalar] = {scalar.value: scalar for scalar in Scalar}
UNSUPPORTED_TYPES = frozenset("string bytes list option buffer blob".split())
_UNSUPPORTED_SCOPED = frozenset(["tina.net.address"])


class Values:
    """Everything that does not depend on isolates. `kinds` is filled by the kind resolver."""

    def __init__(self, sink: Sink) -> None:
        """Nothing is resolved before it is asked for."""
        self.sink = sink
        self.arithmetic = Arithmetic(sink)
        self.kinds: dict[Symbol, Kind] = {}
        self.indices: dict[Symbol, int] = {}
        self._done: dict[Symbol, Constant | Config | Enumeration | None] = {}
        self._open: list[Symbol] = []

    # ------------------------------------------------------------ declarations

    def declared(self, symbol: Symbol) -> Constant | Config | Enumeration | None:
        """The resolved constant, config or enum; None if it is broken (already reported)."""
        if symbol in self._done:
            return self._done[symbol]
        if symbol in self._open or len(self._open) >= DEPTH_MAX:
            self._circle(symbol)
            self._done[symbol] = None
            return None
        self._open.append(symbol)
        decl = symbol.decl
        found: Constant | Config | Enumeration | None = None
        if isinstance(decl, d.Const):
            found = self._constant(symbol, decl)
        elif isinstance(decl, d.Enum):
            found = self._enum(symbol, decl)
        self._open.pop()
        return self._done.setdefault(symbol, found)

    def _circle(self, symbol: Symbol) -> None:
        if symbol not in self._open:
            text = f"constants refer to each other more than {DEPTH_MAX} times in a row"
            self.sink.error("E0011", symbol.span, text, "too deep", "write some of the values out")
            return
        loop = [s.name for s in self._open[self._open.index(symbol) :]] + [symbol.name]
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
        known = self.evaluate(decl.value, symbol.unit)
        if known is None:
            return None
        value = self.arithmetic.fit(known, kind, decl.value.span)
        if value is None:
            return None
        index, package = self.indices[symbol], symbol.unit.package
        span = decl.name.span
        if decl.is_config:
            return Config(index, package, symbol.name, kind, value, decl.doc, span)
        return Constant(index, package, symbol.name, kind, value, decl.doc, span)

    def _enum(self, symbol: Symbol, decl: d.Enum) -> Enumeration | None:
        kind = self.type(decl.underlying, symbol.unit)
        if kind is None:
            return None
        integer = isinstance(kind, ScalarType) and kind.scalar in INTEGERS
        if not integer or not isinstance(kind, ScalarType) or len(kind.scalar.value) > 3:
            text = "an enum is stored in an integer, such as `u8`"
            self.sink.error(
                "E0201", decl.underlying.span, text, "needs an integer type", "write `u8`"
            )
            return None
        if not decl.items:
            text = f"enum `{symbol.name}` has no values"
            self.sink.error("E0209", decl.name.span, text, "empty", "add `Name = 0;`")
            return None
        items = self._enumerators(decl, kind, symbol.unit)
        if items is None:
            return None
        index, package = self.indices[symbol], symbol.unit.package
        span = decl.name.span
        return Enumeration(index, package, symbol.name, kind.scalar, items, decl.doc, span)

    def _enumerators(
        self, decl: d.Enum, kind: ScalarType, unit: Unit
    ) -> tuple[Enumerator, ...] | None:
        names = Names(self.sink, f"in enum `{decl.name.text}`")
        good = True
        items: list[Enumerator] = []
        by_value: dict[int, Enumerator] = {}
        following = Fraction(0)
        for item in decl.items:
            good &= check_name(self.sink, item.name, "values of enums", PASCAL)
            good &= names.add(item.name)
            known: Known | None = Known(following, Dimension.NUMBER)
            if item.value is not None:
                known = self.evaluate(item.value, unit)
            value = self.arithmetic.fit(known, kind, item.span) if known else None
            if not isinstance(value, int):
                return None
            following = Fraction(value + 1)
            found = Enumerator(len(items), item.name.text, value, item.doc, item.name.span)
            first = by_value.setdefault(value, found)
            if first is not found:
                text = f"`{found.name}` and `{first.name}` are both {value}"
                note = (Note(f"`{first.name}` is declared here", first.span),)
                self.sink.error("E0208", item.span, text, "same number", "change one", note)
                good = False
            items.append(found)
        return tuple(items) if good else None

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
                self.sink.unsupported(node.span, "a list of values")
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
        known = self.evaluate(node, unit)
        return self.arithmetic.fit(known, kind, node.span) if known is not None else None

    # ------------------------------------------------------------ types

    def type(self, node: a.TypeExpr, unit: Unit) -> Type | None:
        """The type that is written, None if it is none (already reported)."""
        if isinstance(node, a.ArrayType):
            self.sink.unsupported(node.span, "an array", "use several fields")
            return None
        words = node.name.text
        if words == "ref":
            return self._ref(node, unit)
        if words == "subscriber":
            return self._subscriber(node, unit)
        lookup = Lookup(unit, self.sink)
        symbol, _ = lookup.quiet(node.name)
        if symbol is None and words in UNSUPPORTED_TYPES:
            self.sink.unsupported(node.span, f"the type `{words}`", "use scalars, enums or `ref`")
            return None
        if symbol is None and self._scoped(node.name, unit) in _UNSUPPORTED_SCOPED:
            self.sink.unsupported(node.span, f"the type `{words}`")
            return None
        if node.arguments:
            text = f"`{words}` takes nothing between `<` and `>`"
            self.sink.error("E0201", node.span, text, "not a type", "remove what is in `<…>`")
            return None
        if symbol is None and words in SCALARS:
            return ScalarType(SCALARS[words])
        found = lookup.find(node.name, (Sort.ENUM, Sort.KIND))
        if found is None:
            return None
        if found.sort is Sort.KIND:
            kind = self.kinds.get(found)
            return IoType(kind) if kind else None
        enum = self.declared(found)
        return EnumType(enum) if isinstance(enum, Enumeration) else None

    def _scoped(self, name: a.QName, unit: Unit) -> str:
        words = [part.text for part in name.parts]
        if words[0] in unit.imports:
            words[0] = unit.imports[words[0]].package
        return ".".join(words)

    def _ref(self, node: a.NamedType, unit: Unit) -> Type | None:
        argument = node.arguments[0] if len(node.arguments) == 1 else None
        if not isinstance(argument, a.NamedType) or argument.arguments:
            text = "`ref` names one isolate or protocol: `ref<Isolate>`"
            self.sink.error("E0201", node.span, text, "needs an isolate", "write `ref<Isolate>`")
            return None
        found = Lookup(unit, self.sink).find(argument.name, (Sort.ISOLATE, Sort.PROTOCOL))
        if found is None:
            return None
        if found.sort is Sort.PROTOCOL:
            return ProtocolRefType(found.qualified)
        return RefType(found.qualified)

    def _subscriber(self, node: a.NamedType, unit: Unit) -> Type | None:
        argument = node.arguments[0] if len(node.arguments) == 1 else None
        if not isinstance(argument, a.NamedType) or argument.arguments:
            text = "`subscriber` names one protocol: `subscriber<Protocol>`"
            help = "write `subscriber<Protocol>`"
            self.sink.error("E0201", node.span, text, "needs a protocol", help)
            return None
        found = Lookup(unit, self.sink).find(argument.name, (Sort.PROTOCOL,))
        return SubscriberType(found.qualified) if found else None
