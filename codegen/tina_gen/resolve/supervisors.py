# SPDX-License-Identifier: Apache-2.0
"""Supervisors: strategy, restart limit, and members with their arguments."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import (
    Argument,
    Child,
    Config,
    DynamicGroup,
    EnumType,
    InitArgument,
    IoType,
    Limit,
    Restart,
    Scalar,
    ScalarType,
    ShardValue,
    Strategy,
    Supervisor,
    Type,
    Value,
)
from tina_gen.names import suggestion
from tina_gen.resolve.evaluate import INTEGERS, type_words
from tina_gen.resolve.isolates import ENTRIES, Outline
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

DAY_NS = 24 * 3_600_000_000_000
SHUTDOWN_DEFAULT_NS = 5_000_000_000  # as OTP
RESTARTS_MAX = 1024  # the ring of timestamps is this long at most


class SupervisorResolver:
    """Resolves supervisors against the outlines of the isolates."""

    def __init__(self, values: Values, outlines: dict[Symbol, Outline | None]) -> None:
        """A broken isolate has the outline None; its children are left unchecked."""
        self.values = values
        self.sink = values.sink
        self.outlines = outlines

    def resolve(self, symbol: Symbol, decl: d.Supervisor) -> Supervisor | None:
        """The supervisor, None if any of it is broken (already reported)."""
        strategy = self._strategy(symbol, decl)
        restarts = self._restarts(symbol, decl)
        members: list[Child | DynamicGroup] = []
        names = Names(self.sink, f"in supervisor `{symbol.name}`")
        good = True
        children = groups = 0
        for item in decl.items:
            member: Child | DynamicGroup | None
            if isinstance(item, d.Child):
                good &= check_name(self.sink, item.name, "children", SNAKE)
                good &= names.add(item.name)
                member = self._child(children, item, symbol)
                children += 1
            elif isinstance(item, d.Dynamic):
                member = self._dynamic(groups, item, symbol)
                groups += 1
            else:
                continue
            if member is None:
                good = False
            else:
                members.append(member)
        if strategy is None or restarts is None or not good:
            return None
        count, window, limit = restarts
        return Supervisor(
            self.values.indices[symbol],
            symbol.unit.package,
            symbol.name,
            strategy,
            count,
            window,
            limit,
            tuple(members),
            decl.doc,
            decl.name.span,
        )

    def _one(self, symbol: Symbol, items: list[Span], word: str, help: str) -> bool:
        for second in items[1:]:
            note = (Note("it is written here", items[0]),)
            text = f"supervisor `{symbol.name}` says `{word}` twice"
            self.sink.error("E0602", second, text, "second time", "keep one", note)
        if not items:
            text = f"supervisor `{symbol.name}` does not say `{word}`"
            self.sink.error("E0602", symbol.span, text, f"no `{word}`", f"add `{help}`")
        return len(items) == 1

    def _strategy(self, symbol: Symbol, decl: d.Supervisor) -> Strategy | None:
        found = [item for item in decl.items if isinstance(item, d.Strategy)]
        if not self._one(symbol, [x.span for x in found], "strategy", "strategy one_for_one;"):
            return None
        name = found[0].name
        words = [s.value for s in Strategy]
        if name.text not in words:
            self._word(name, "strategy", words)
            return None
        return Strategy(name.text)

    def _word(self, name: a.Name, what: str, words: list[str]) -> None:
        known = ", ".join(f"`{word}`" for word in words)
        text = f"`{name.text}` is not a {what}"
        self.sink.error("E0608", name.span, text, "unknown", f"use one of {known}")

    def _restarts(self, symbol: Symbol, decl: d.Supervisor) -> tuple[int, int, Limit] | None:
        found = [item for item in decl.items if isinstance(item, d.Restarts)]
        help = "restarts 5 in 10s else quarantine;"
        if not self._one(symbol, [x.span for x in found], "restarts", help):
            return None
        item, unit = found[0], symbol.unit
        bounds = (0, RESTARTS_MAX)
        count = self.values.whole(item.count, unit, "the number of restarts", bounds, "E0603")
        window = self.values.whole(
            item.window, unit, "the window", (1, DAY_NS), "E0603", Dimension.DURATION
        )
        if item.limit is None:
            self.sink.unsupported(
                item.span,
                "`restarts` without `else` (that is `else escalate`)",
                "write `else quarantine` or `else abort`",
            )
            return None
        words = [limit.value for limit in Limit]
        if item.limit.text not in words:
            self._word(item.limit, "reaction to too many restarts", words)
            return None
        if count is None or window is None:
            return None
        return count, window, Limit(item.limit.text)

    # ------------------------------------------------------------ members

    def _isolate(self, name: a.QName, symbol: Symbol) -> Symbol | None:
        lookup = Lookup(symbol.unit, self.sink)
        found, rest = lookup.quiet(name)
        if found is not None and found.sort is Sort.SUPERVISOR and not rest:
            text = "put its children into this supervisor"
            self.sink.unsupported(name.span, "a supervisor below a supervisor", text)
            return None
        return lookup.find(name, (Sort.ISOLATE,))

    def _stop(self, stop: d.Stop | None, symbol: Symbol) -> tuple[bool, int | None]:
        """Whether it is intact, and the time in nanoseconds (None: brutal)."""
        if stop is None:
            return True, SHUTDOWN_DEFAULT_NS
        if stop.time is None:
            return True, None
        time = self.values.whole(
            stop.time, symbol.unit, "`shutdown`", (1, DAY_NS), "E0202", Dimension.DURATION
        )
        return time is not None, time

    def _dynamic(self, index: int, item: d.Dynamic, symbol: Symbol) -> DynamicGroup | None:
        found = self._isolate(item.target, symbol)
        bounds = ENTRIES["slots"][1:]
        limit = self.values.whole(item.max, symbol.unit, "`max`", bounds, "E0202")
        intact, stop = self._stop(item.stop, symbol)
        if item.restart is None:
            text = f"dynamic group `{item.target.text}` does not say `temporary`"
            help = "write `temporary` behind the number"
            self.sink.error("E0602", item.span, text, "no restart type", help)
            return None
        if item.restart.text != "temporary":
            text = f"a dynamic group that is `{item.restart.text}`"
            self.sink.unsupported(item.restart.span, text, "make it `temporary`")
            return None
        if found is None or limit is None or not intact:
            return None
        name = found.qualified
        span = item.target.span
        return DynamicGroup(index, name, limit, Restart.TEMPORARY, stop, item.doc, span)

    def _child(self, index: int, item: d.Child, symbol: Symbol) -> Child | None:
        found = self._isolate(item.target, symbol)
        intact, stop = self._stop(item.stop, symbol)
        if item.restart is None:
            text = f"child `{item.name.text}` does not say when it is restarted"
            help = "write `permanent`, `transient` or `temporary`"
            self.sink.error("E0602", item.span, text, "no restart type", help)
            intact = False
        outline = self.outlines.get(found) if found else None
        if found is None or outline is None:
            return None
        arguments = self._arguments(item, outline, symbol)
        if arguments is None or item.restart is None or not intact:
            return None
        restart = Restart(item.restart.text)
        span = item.name.span
        name = item.name.text
        return Child(index, name, found.qualified, arguments, restart, stop, item.doc, span)

    def _arguments(
        self, item: d.Child, outline: Outline, symbol: Symbol
    ) -> tuple[Argument, ...] | None:
        for argument in outline.init:
            if isinstance(argument.type, IoType):
                self._not_static(item, outline, argument)
                return None
        by_name = {x.name: x for x in outline.init}
        given: dict[str, Argument | None] = {}
        good = True
        for written in item.arguments:
            name = written.name.text
            if name in given:
                text = f"argument `{name}` is given twice"
                self.sink.error("E0604", written.span, text, "second time", "remove one")
                good = False
            elif name not in by_name:
                close = suggestion(name, list(by_name))
                shape = ", ".join(f"{x.name} = …" for x in outline.init)
                help = f"did you mean `{close}`?" if close else f"its arguments are ({shape})"
                text = f"`{outline.symbol.name}` has no argument `{name}`"
                note = (Note("the isolate is declared here", outline.symbol.span),)
                self.sink.error("E0604", written.name.span, text, "unknown", help, note)
                good = False
            else:
                given[name] = self._argument(written, by_name[name], symbol)
        missing = [x for x in outline.init if x.name not in given]
        if missing and good:
            words = " and ".join(f"`{x.name}`" for x in missing)
            text = f"child `{item.name.text}` gives no value for {words}"
            help = f"write `{outline.symbol.name}({missing[0].name} = …)`"
            note = (Note(f"`{missing[0].name}` is declared here", missing[0].span),)
            self.sink.error("E0604", item.target.span, text, "incomplete", help, note)
            good = False
        found = [given.get(x.name) for x in outline.init]
        intact = [x for x in found if x is not None]
        return tuple(intact) if good and len(intact) == len(found) else None

    def _not_static(self, item: d.Child, outline: Outline, argument: InitArgument) -> None:
        """An I/O object cannot be given a second time, so there is no restart."""
        name = outline.symbol.name
        text = f"`{name}` takes an I/O object, so it cannot be a static child"
        help = f"write `dynamic {name} max N temporary;` and spawn it"
        note = (Note(f"`{argument.name}` is declared here", argument.span),)
        label = "must be dynamic and temporary"
        self.sink.error("E0605", item.name.span, text, label, help, note)

    def _argument(
        self, written: d.Argument, target: InitArgument, symbol: Symbol
    ) -> Argument | None:
        node, kind = written.value, target.type
        if not isinstance(kind, ScalarType | EnumType):
            text = f"`{target.name}` is a `{type_words(kind)}`, which no spec can give"
            help = "spawn the isolate from a handler, under a dynamic group"
            self.sink.error("E0604", written.span, text, "has no value here", help)
            return None
        if isinstance(node, a.NameExpr):
            found = Lookup(symbol.unit, self.sink).quiet(node.name)
            if found[0] is None and node.name.text == "child.index":
                self.sink.unsupported(node.span, "`child.index`")
                return None
            if found[0] is None and node.name.text in [v.value for v in ShardValue]:
                return self._start_value(ShardValue(node.name.text), node.span, target)
            if found[0] and found[0].sort is Sort.CONFIG and not found[1]:
                config = self.values.declared(found[0])
                if not isinstance(config, Config):
                    return None
                return self._start_value(config, node.span, target)
        value: Value | None = self.values.fitted(node, kind, symbol.unit)
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
