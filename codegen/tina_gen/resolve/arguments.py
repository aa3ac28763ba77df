# SPDX-License-Identifier: Apache-2.0
"""The arguments that a supervisor gives to a child: constants, configs, facts of the shard."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import (
    Argument,
    BlobType,
    BufferType,
    Config,
    InitArgument,
    IoType,
    ProtocolRefType,
    RefType,
    Scalar,
    ScalarType,
    ShardValue,
    SubscriberType,
    Type,
    UnionType,
    Value,
)
from tina_gen.resolve.evaluate import INTEGERS, type_words
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

# Types without a value in a spec.
_NO_VALUE = (RefType, ProtocolRefType, SubscriberType, UnionType, IoType, BufferType, BlobType)


class ArgumentResolver:
    """Resolves the arguments of one child."""

    def __init__(self, values: Values, symbol: Symbol, counted: bool) -> None:
        """`symbol` is the supervisor; `counted` says that the child has a `* N`."""
        self.values = values
        self.sink = values.sink
        self.symbol = symbol
        self.counted = counted

    def _no_index(self, span: Span) -> None:
        text = "`child.index` needs a child that is several"
        help = "write `* N` behind the arguments, or give a number"
        self.sink.error("E0611", span, text, "the child is one", help)

    def resolve(self, written: d.Argument, target: InitArgument) -> Argument | None:
        """The argument, None if it is broken (already reported)."""
        node, kind = written.value, target.type
        if isinstance(kind, _NO_VALUE):
            text = f"`{target.name}` is a `{type_words(kind)}`, which no spec can give"
            help = "spawn the isolate from a handler, under a dynamic group"
            self.sink.error("E0604", written.span, text, "has no value here", help)
            return None
        if isinstance(node, a.NameExpr):
            found = Lookup(self.symbol.unit, self.sink).quiet(node.name)
            if found[0] is None and node.name.text in [v.value for v in ShardValue]:
                if node.name.text == ShardValue.CHILD_INDEX.value and not self.counted:
                    self._no_index(node.span)
                    return None
                return self._start_value(ShardValue(node.name.text), node.span, target)
            if found[0] and found[0].sort is Sort.CONFIG and not found[1]:
                config = self.values.declared(found[0])
                if not isinstance(config, Config):
                    return None
                return self._start_value(config, node.span, target)
        value: Value | None = self.values.fitted(node, kind, self.symbol.unit)
        return Argument(target, value, written.span) if value is not None else None

    def _start_value(
        self, value: Config | ShardValue, span: Span, target: InitArgument
    ) -> Argument | None:
        given: Type = value.type if isinstance(value, Config) else ScalarType(Scalar.U32)
        if _holds(target.type, given):
            return Argument(target, value, span)
        name = value.name if isinstance(value, Config) else value.value
        text = f"`{name}` is a `{type_words(given)}`, `{target.name}` a `{type_words(target.type)}`"
        note = (Note(f"`{target.name}` is declared here", target.span),)
        help = "give both the same type"
        self.sink.error("E0201", span, text, f"needs a `{type_words(target.type)}`", help, note)
        return None


def _holds(target: Type, given: Type) -> bool:
    """True if every value of `given` fits `target` without a change of meaning."""
    if target == given:
        return True
    if not isinstance(target, ScalarType) or not isinstance(given, ScalarType):
        return False
    special = (Scalar.DURATION, Scalar.SIZE, Scalar.INSTANT)
    if target.scalar in special or given.scalar in special:
        return False
    wide, narrow = INTEGERS.get(target.scalar), INTEGERS.get(given.scalar)
    return bool(wide and narrow and wide[0] <= narrow[0] and narrow[1] <= wide[1])
