# SPDX-License-Identifier: Apache-2.0
"""The members of a supervisor: children that are isolates or supervisors, and dynamic groups."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import (
    Argument,
    BlobType,
    BufferType,
    Child,
    DynamicGroup,
    InitArgument,
    IoType,
    Nested,
    Restart,
)
from tina_gen.names import suggestion
from tina_gen.resolve.arguments import ArgumentResolver
from tina_gen.resolve.evaluate import type_words
from tina_gen.resolve.isolates import ENTRIES, Outline
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

DAY_NS = 24 * 3_600_000_000_000
SHUTDOWN_DEFAULT_NS = 5_000_000_000  # as OTP


class MemberResolver:
    """Resolves the members of one supervisor in their order."""

    def __init__(
        self, values: Values, outlines: dict[Symbol, Outline | None], symbol: Symbol
    ) -> None:
        """`symbol` is the supervisor. A broken isolate has the outline None."""
        self.values = values
        self.sink = values.sink
        self.outlines = outlines
        self.symbol = symbol
        self.children = self.nested = self.groups = 0

    def child(self, item: d.Child) -> Child | Nested | None:
        """A child, None if any of it is broken (already reported)."""
        found = Lookup(self.symbol.unit, self.sink).find(
            item.target, (Sort.ISOLATE, Sort.SUPERVISOR)
        )
        nested = found is not None and found.sort is Sort.SUPERVISOR
        index = self.nested if nested else self.children
        self.nested, self.children = self.nested + nested, self.children + (not nested)
        if item.restart is None:
            text = f"child `{item.name.text}` does not say when it is restarted"
            help = "write `permanent`, `transient` or `temporary`"
            self.sink.error("E0602", item.span, text, "no restart type", help)
        restart = Restart(item.restart.text) if item.restart else None
        if found is None:
            return None
        if nested:
            return self._nested(index, item, found, restart)
        return self._static(index, item, found, restart)

    def dynamic(self, item: d.Dynamic) -> DynamicGroup | None:
        """A dynamic group, None if any of it is broken (already reported)."""
        index, self.groups = self.groups, self.groups + 1
        found = Lookup(self.symbol.unit, self.sink).find(item.target, (Sort.ISOLATE,))
        bounds = ENTRIES["slots"][1:]
        limit = self.values.whole(item.max, self.symbol.unit, "`max`", bounds, "E0202")
        intact, stop = self._stop(item.stop, SHUTDOWN_DEFAULT_NS)
        if item.restart is None:
            text = f"dynamic group `{item.target.text}` does not say `temporary`"
            help = "write `temporary` behind the number"
            self.sink.error("E0602", item.span, text, "no restart type", help)
            return None
        if item.restart.text != "temporary":
            text = f"a dynamic group cannot be `{item.restart.text}`"
            help = "write `temporary`; what must be restarted is a `child`, or spawned again"
            self.sink.error("E0617", item.restart.span, text, "is never restarted", help)
            return None
        if found is None or limit is None or not intact:
            return None
        name = found.qualified
        span = item.target.span
        return DynamicGroup(index, name, limit, Restart.TEMPORARY, stop, item.doc, span)

    def _stop(self, stop: d.Stop | None, default: int | None) -> tuple[bool, int | None]:
        """Whether it is intact, and the time in nanoseconds (None: brutal)."""
        if stop is None:
            return True, default
        if stop.time is None:
            return True, None
        time = self.values.whole(
            stop.time, self.symbol.unit, "`shutdown`", (1, DAY_NS), "E0202", Dimension.DURATION
        )
        return time is not None, time

    def _nested(
        self, index: int, item: d.Child, found: Symbol, restart: Restart | None
    ) -> Nested | None:
        name = item.name.text
        misfits = [
            (item.arguments[0].span if item.arguments else None, "arguments", "has no `init`"),
            (item.count.span if item.count else None, "a number", "stands in one place only"),
            (
                item.stop.span if item.stop and item.stop.time is None else None,
                "`brutal`",
                "would kill children that have limits of their own",
            ),
        ]
        good = True
        for span, what, label in misfits:
            if span is None:
                continue
            text = f"child `{name}` is a supervisor and is given {what}"
            help = f"remove it; it belongs to the children of `{found.name}`"
            self.sink.error("E0616", span, text, label, help)
            good = False
        intact, stop = self._stop(item.stop, None)
        if not good or not intact or restart is None:
            return None
        return Nested(
            index,
            name,
            found.qualified,
            restart,
            stop,
            item.significant is not None,
            item.doc,
            item.name.span,
        )

    def _static(
        self, index: int, item: d.Child, found: Symbol, restart: Restart | None
    ) -> Child | None:
        intact, stop = self._stop(item.stop, SHUTDOWN_DEFAULT_NS)
        count: int | None = 1
        if item.count is not None:
            bounds = ENTRIES["slots"][1:]
            what = "the number of children"
            count = self.values.whole(item.count, self.symbol.unit, what, bounds, "E0202")
        outline = self.outlines.get(found)
        if outline is None:
            return None
        arguments = self._arguments(item, outline)
        if arguments is None or restart is None or count is None or not intact:
            return None
        return Child(
            index,
            item.name.text,
            found.qualified,
            arguments,
            count,
            restart,
            stop,
            item.significant is not None,
            item.doc,
            item.name.span,
        )

    def _arguments(self, item: d.Child, outline: Outline) -> tuple[Argument, ...] | None:
        resolver = ArgumentResolver(self.values, self.symbol, item.count is not None)
        for argument in outline.init:
            if isinstance(argument.type, IoType | BufferType | BlobType):
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
                given[name] = resolver.resolve(written, by_name[name])
        for argument in outline.init:
            if argument.default is not None and argument.name not in given:
                given[argument.name] = Argument(argument, argument.default, item.target.span)
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
        """What moves cannot be given a second time, so there is no restart."""
        name = outline.symbol.name
        words = type_words(argument.type)
        what = "an I/O object" if isinstance(argument.type, IoType) else f"a `{words}`"
        text = f"`{name}` takes {what}, so it cannot be a static child"
        help = f"write `dynamic {name} max N temporary;` and spawn it"
        note = (Note(f"`{argument.name}` is declared here", argument.span),)
        label = "must be dynamic and temporary"
        self.sink.error("E0605", item.name.span, text, label, help, note)
