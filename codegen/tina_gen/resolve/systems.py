# SPDX-License-Identifier: Apache-2.0
"""Systems: roles with their shards and settings, and the channels between roles."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import (
    HANDLER_LIMIT_NS,
    HANDLER_SLOW_NS,
    BufferPool,
    Channel,
    MemoryFault,
    Role,
    System,
)
from tina_gen.names import suggestion
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.numbers import SHARDS_MAX, Numbers
from tina_gen.resolve.routes import RouteResolver
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d
from tina_gen.syntax.tokens import Dimension

CAPACITY_MAX = 1 << 16
TICK_DEFAULT_NS = 1_000_000
TICK_BOUNDS_NS = (10_000, 1_000_000_000)
SPIN_BOUNDS_NS = (0, 1_000_000_000)
SPIN_DEFAULT_NS = 50_000  # a wake costs the sleeper about that much
HANDLER_BOUNDS_NS = (1_000_000, 3_600_000_000_000)
MEMORY_BOUNDS = (64 << 10, 1 << 40)
BUFFER_COUNT_BOUNDS = (1, 1 << 15)
BUFFER_SIZE_BOUNDS = (64, 1 << 20)
BLOB_SIZE_BOUNDS = (64, 64 << 20)
POOLS_MAX = 8
CORE_BOUNDS = (0, 1023)  # what the kernel's processor sets hold
# Each setting of a role as it is written.
SHAPES = {
    "tick": "tick 1ms;",
    "spin": "spin 50us;",
    "receive_buffers": "receive_buffers 1024 x 2KiB;",
    "blobs": "blobs 128 x 64KiB;",
    "memory": "memory <= 16MiB;",
    "core": "core 2;",
    "memory_fault": "memory_fault shard;",
    "handler_slow": "handler_slow 100ms;",
    "handler_limit": "handler_limit 1s;",
}
# Hold for all roles that do not say them themselves.
OF_SYSTEM = ("memory_fault", "handler_slow", "handler_limit")
_POOLS = ("receive_buffers", "blobs")  # COUNT x SIZE


class SystemResolver:
    """Resolves systems. `good` of a role turns False at its first error."""

    def __init__(self, values: Values) -> None:
        """Uses constants of all files."""
        self.values = values
        self.sink = values.sink

    def resolve(self, symbol: Symbol, decl: d.System) -> System | None:
        """The system, None if any of it is broken (already reported)."""
        before = len(self.sink.diagnostics)
        names = Names(self.sink, f"in system `{symbol.name}`")
        roles: list[Role] = []
        items = [item for item in decl.items if isinstance(item, d.Shards)]
        numbers = Numbers(self.values, symbol.unit, items)
        common = self._common(decl)
        for number, item in enumerate(items):
            check_name(self.sink, item.role, "roles", SNAKE)
            names.add(item.role)
            self._free(item.role, symbol)
            role = self._role(len(roles), numbers.place(number), item, common, symbol)
            if role is not None:
                roles.append(role)
        if not items:
            text = f"system `{symbol.name}` has no shards"
            help = "add `shards 1 as main { memory <= 16MiB; root Root; }`"
            self.sink.error("E0702", symbol.span, text, "no role", help)
        if numbers.total > SHARDS_MAX:
            text = f"system `{symbol.name}` has {numbers.total} shards"
            text += f"; at most {SHARDS_MAX} are possible"
            self.sink.error("E0701", symbol.span, text, "too many shards", "lower the numbers")
        role_names = [item.role.text for item in items]
        channels = self._channels(decl, role_names, symbol)
        routes = RouteResolver(self.values, symbol, role_names).routes(decl)
        if len(self.sink.diagnostics) > before:
            return None
        index, package = self.values.indices[symbol], symbol.unit.package
        span = decl.name.span
        name = symbol.name
        return System(index, package, name, tuple(roles), channels, routes, decl.doc, span)

    def _free(self, role: a.Name, symbol: Symbol) -> None:
        """A role becomes a namespace beside those of the imports."""
        span = symbol.unit.import_spans.get(role.text)
        if span is not None:
            note = (Note("the import", span),)
            text = f"role `{role.text}` is called like an import"
            help = "rename the role, or give the import another name with `as`"
            self.sink.error("E0102", role.span, text, "ambiguous", help, note)

    def _unknown(self, entry: a.Setting, where: str) -> None:
        close = suggestion(entry.name.text, [*SHAPES, "root", "channel", "shards"])
        known = ", ".join(f"`{name}`" for name in SHAPES)
        help = f"did you mean `{close}`?" if close else f"the settings of a role are {known}"
        text = f"{where} has no setting `{entry.name.text}`"
        self.sink.error("E0703", entry.name.span, text, "unknown", help)

    # ------------------------------------------------------------ roles

    def _common(self, decl: d.System) -> dict[str, a.Setting]:
        """What the system says for all of its roles."""
        found: dict[str, a.Setting] = {}
        for item in decl.items:
            if not isinstance(item, a.Setting):
                continue
            name = item.name.text
            if name not in OF_SYSTEM:
                self._unknown(item, "a system")
            elif found.setdefault(name, item) is not item:
                self._twice(item, found[name])
            elif item.value is None or item.at_most or item.times is not None:
                self._malformed(item)
        return found

    def _malformed(self, entry: a.Setting) -> None:
        text = f"setting `{entry.name.text}` is malformed"
        help = f"write it like `{SHAPES[entry.name.text]}`"
        self.sink.error("E0703", entry.span, text, "malformed", help)

    def _twice(self, entry: a.Setting, first: a.Setting) -> None:
        note = (Note("it is given here", first.span),)
        text = f"setting `{entry.name.text}` is given twice"
        self.sink.error("E0702", entry.span, text, "second time", "keep one", note)

    def _role(
        self,
        index: int,
        place: tuple[int, int] | None,
        item: d.Shards,
        common: dict[str, a.Setting],
        symbol: Symbol,
    ) -> Role | None:
        settings = common | self._settings(item)
        memory = self._memory(settings, item, symbol)
        tick = self._time(settings.get("tick"), symbol, TICK_BOUNDS_NS, TICK_DEFAULT_NS)
        spin = self._time(settings.get("spin"), symbol, SPIN_BOUNDS_NS, SPIN_DEFAULT_NS)
        buffers = self._pool(settings.get("receive_buffers"), symbol, BUFFER_SIZE_BOUNDS)
        blobs = self._blobs(item, symbol)
        root = self._root(item, symbol)
        core = self._core(settings.get("core"), symbol)
        fault = self._memory_fault(settings.get("memory_fault"))
        handlers = self._handlers(settings, symbol)
        if place is None or memory is None or tick is None or spin is None or root is None:
            return None
        if handlers is None:
            return None
        return Role(
            index,
            item.role.text,
            *place,
            item.auto,
            core,
            fault,
            tick,
            spin,
            *handlers,
            buffers,
            blobs,
            memory,
            root.qualified,
            item.role.span,
        )

    def _settings(self, item: d.Shards) -> dict[str, a.Setting]:
        found: dict[str, a.Setting] = {}
        for entry in item.settings:
            name = entry.name.text
            if name not in SHAPES:
                self._unknown(entry, "a role")
                continue
            first = entry if name == "blobs" else found.setdefault(name, entry)
            well_formed = (
                entry.value is not None
                and entry.at_most == (name == "memory")
                and (entry.times is not None) == (name in _POOLS)
            )
            if first is not entry:
                self._twice(entry, first)
            elif not well_formed:
                self._malformed(entry)
        return found

    def _memory(self, settings: dict[str, a.Setting], item: d.Shards, symbol: Symbol) -> int | None:
        entry = settings.get("memory")
        if entry is None:
            text = f"role `{item.role.text}` has no memory limit"
            help = f"add `{SHAPES['memory']}`"
            self.sink.error("E0702", item.role.span, text, "no `memory`", help)
            return None
        return self._value(entry.value, symbol, "`memory`", MEMORY_BOUNDS, Dimension.SIZE)

    def _value(
        self,
        node: a.Expr | None,
        symbol: Symbol,
        what: str,
        bounds: tuple[int, int],
        dimension: Dimension,
    ) -> int | None:
        if node is None:
            return None
        return self.values.whole(node, symbol.unit, what, bounds, "E0706", dimension)

    def _time(
        self, entry: a.Setting | None, symbol: Symbol, bounds: tuple[int, int], default: int
    ) -> int | None:
        if entry is None:
            return default
        what = f"`{entry.name.text}`"
        return self._value(entry.value, symbol, what, bounds, Dimension.DURATION)

    def _handlers(self, settings: dict[str, a.Setting], symbol: Symbol) -> tuple[int, int] | None:
        """`handler_slow` and `handler_limit`; who says but one moves the other out of its way."""
        of_slow, of_limit = settings.get("handler_slow"), settings.get("handler_limit")
        slow = self._time(of_slow, symbol, HANDLER_BOUNDS_NS, HANDLER_SLOW_NS)
        limit = self._time(of_limit, symbol, HANDLER_BOUNDS_NS, HANDLER_LIMIT_NS)
        if slow is None or limit is None:
            return None
        if of_slow is None or of_limit is None:
            return (min(slow, limit), limit) if of_slow is None else (slow, max(slow, limit))
        if slow > limit:
            note = (Note("the limit", of_limit.span),)
            text = "`handler_slow` is longer than `handler_limit`"
            help = "a handler that is ended is never slow; make it shorter, or the limit longer"
            self.sink.error("E0706", of_slow.span, text, "not reached", help, note)
            return None
        return slow, limit

    def _core(self, entry: a.Setting | None, symbol: Symbol) -> int | None:
        if entry is None:
            return None
        return self._value(entry.value, symbol, "`core`", CORE_BOUNDS, Dimension.NUMBER)

    def _memory_fault(self, entry: a.Setting | None) -> MemoryFault:
        if entry is None or entry.value is None:
            return MemoryFault.ISOLATE
        words = [fault.value for fault in MemoryFault]
        if isinstance(entry.value, a.NameExpr) and entry.value.name.text in words:
            return MemoryFault(entry.value.name.text)
        text = "setting `memory_fault` is malformed"
        help = "write `memory_fault isolate;` or `memory_fault shard;`"
        self.sink.error("E0703", entry.span, text, "neither of its two words", help)
        return MemoryFault.ISOLATE

    def _pool(
        self, entry: a.Setting | None, symbol: Symbol, bounds: tuple[int, int]
    ) -> BufferPool | None:
        """`COUNT x SIZE`."""
        if entry is None:
            return None
        blocks = "blob" if entry.name.text == "blobs" else "receive buffer"
        what = f"the number of {blocks}s"
        count = self._value(entry.value, symbol, what, BUFFER_COUNT_BOUNDS, Dimension.NUMBER)
        size = self._value(entry.times, symbol, f"the size of a {blocks}", bounds, Dimension.SIZE)
        return BufferPool(count, size, entry.span) if count and size else None

    def _blobs(self, item: d.Shards, symbol: Symbol) -> tuple[BufferPool, ...]:
        """The pools of a role, the smallest blocks first."""
        found: dict[int, BufferPool] = {}
        for entry in item.settings:
            if entry.name.text != "blobs":
                continue
            pool = self._pool(entry, symbol, BLOB_SIZE_BOUNDS)
            if pool is None:
                continue
            first = found.setdefault(pool.size, pool)
            if first is not pool:
                note = (Note("it is given here", first.span),)
                text = "two pools have blobs of one size"
                self.sink.error("E0702", pool.span, text, "second pool", "add their numbers", note)
        if len(found) > POOLS_MAX:
            text = f"role `{item.role.text}` has {len(found)} pools of blobs"
            help = f"write at most {POOLS_MAX}; a blob takes the smallest that it fits into"
            self.sink.error("E0702", item.role.span, text, "too many pools", help)
        return tuple(found[size] for size in sorted(found))

    def _root(self, item: d.Shards, symbol: Symbol) -> Symbol | None:
        for second in item.roots[1:]:
            note = (Note("it is given here", item.roots[0].span),)
            text = f"role `{item.role.text}` has two roots"
            self.sink.error("E0702", second.span, text, "second root", "keep one", note)
        if not item.roots:
            text = f"role `{item.role.text}` has no root supervisor"
            help = "add `root Supervisor;`"
            self.sink.error("E0702", item.role.span, text, "no `root`", help)
            return None
        lookup = Lookup(symbol.unit, self.sink)
        return lookup.find(item.roots[0].supervisor, (Sort.SUPERVISOR,))

    # ------------------------------------------------------------ channels

    def _channels(self, decl: d.System, roles: list[str], symbol: Symbol) -> tuple[Channel, ...]:
        found: list[Channel] = []
        seen: dict[tuple[str, str], Span] = {}
        for item in decl.items:
            if not isinstance(item, d.Channel):
                continue
            for name in (item.source, item.target):
                if name.text not in roles:
                    close = suggestion(name.text, roles)
                    help = f"did you mean `{close}`?" if close else ""
                    known = ", ".join(f"`{role}`" for role in roles)
                    help = help or f"the roles are {known}"
                    text = f"`{name.text}` is not a role of this system"
                    self.sink.error("E0101", name.span, text, "not declared", help)
            pair = (item.source.text, item.target.text)
            first = seen.setdefault(pair, item.span)
            if first is not item.span:
                note = (Note("it is declared here", first),)
                text = f"channel `{pair[0]} -> {pair[1]}` is declared twice"
                self.sink.error("E0704", item.span, text, "second time", "keep one", note)
            capacity = self.values.whole(
                item.capacity, symbol.unit, "`capacity`", (1, CAPACITY_MAX), "E0704"
            )
            if capacity is not None:
                found.append(Channel(len(found), *pair, capacity, item.span))
        return tuple(found)
