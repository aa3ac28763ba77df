# SPDX-License-Identifier: Apache-2.0
"""Supervisors: strategy, restart limit, backoff and automatic end. Members: `members.py`."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import AutoShutdown, Backoff, Limit, Member, Strategy, Supervisor
from tina_gen.resolve.isolates import Outline
from tina_gen.resolve.members import DAY_NS, MemberResolver
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Symbol
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

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
        before = len(self.sink.diagnostics)
        strategy = self._strategy(symbol, decl)
        restarts = self._restarts(symbol, decl)
        backoff = self._backoff(symbol, decl)
        auto_shutdown = self._auto_shutdown(symbol, decl)
        members = self._members(symbol, decl)
        if strategy is None or restarts is None or members is None:
            return None
        if len(self.sink.diagnostics) > before:
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
            backoff,
            auto_shutdown,
            members,
            decl.doc,
            decl.name.span,
        )

    def _members(self, symbol: Symbol, decl: d.Supervisor) -> tuple[Member, ...] | None:
        members = MemberResolver(self.values, self.outlines, symbol)
        names = Names(self.sink, f"in supervisor `{symbol.name}`")
        found: list[Member] = []
        good = True
        for item in decl.items:
            member: Member | None
            if isinstance(item, d.Child):
                good &= check_name(self.sink, item.name, "children", SNAKE)
                good &= names.add(item.name)
                member = members.child(item)
            elif isinstance(item, d.Dynamic):
                member = members.dynamic(item)
            else:
                continue
            if member is None:
                good = False
            else:
                found.append(member)
        return tuple(found) if good else None

    def _once(self, symbol: Symbol, items: list[Span], word: str) -> None:
        for second in items[1:]:
            note = (Note("it is written here", items[0]),)
            text = f"supervisor `{symbol.name}` says `{word}` twice"
            self.sink.error("E0602", second, text, "second time", "keep one", note)

    def _one(self, symbol: Symbol, items: list[Span], word: str, help: str) -> bool:
        self._once(symbol, items, word)
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
        help = "restarts 5 in 10s;"
        if not self._one(symbol, [x.span for x in found], "restarts", help):
            return None
        item, unit = found[0], symbol.unit
        bounds = (0, RESTARTS_MAX)
        count = self.values.whole(item.count, unit, "the number of restarts", bounds, "E0603")
        window = self.values.whole(
            item.window, unit, "the window", (1, DAY_NS), "E0603", Dimension.DURATION
        )
        limit = Limit.ESCALATE
        if item.limit is not None:
            words = [word.value for word in Limit]
            if item.limit.text not in words:
                self._word(item.limit, "reaction to too many restarts", words)
                return None
            limit = Limit(item.limit.text)
        if count is None or window is None:
            return None
        return count, window, limit

    def _backoff(self, symbol: Symbol, decl: d.Supervisor) -> Backoff | None:
        found = [item for item in decl.items if isinstance(item, d.Backoff)]
        self._once(symbol, [x.span for x in found], "backoff")
        if not found:
            return None
        item, unit, times = found[0], symbol.unit, Dimension.DURATION
        low = self.values.whole(item.low, unit, "the shortest wait", (1, DAY_NS), "E0613", times)
        high = self.values.whole(item.high, unit, "the longest wait", (1, DAY_NS), "E0613", times)
        if low is None or high is None:
            return None
        if low > high:
            text = f"the backoff of `{symbol.name}` falls instead of growing"
            help = "write the shorter time first"
            self.sink.error("E0613", item.span, text, "reversed", help)
            return None
        return Backoff(low, high, item.span)

    def _auto_shutdown(self, symbol: Symbol, decl: d.Supervisor) -> AutoShutdown | None:
        found = [item for item in decl.items if isinstance(item, d.AutoShutdown)]
        self._once(symbol, [x.span for x in found], "auto_shutdown")
        if not found:
            return None
        name = found[0].name
        words = [word.value for word in AutoShutdown]
        if name.text not in words:
            self._word(name, "kind of automatic end", words)
            return None
        return AutoShutdown(name.text)
