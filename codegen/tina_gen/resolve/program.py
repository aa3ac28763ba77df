# SPDX-License-Identifier: Apache-2.0
"""Resolves a whole program: all files at once, in import order, to one model.

A declaration with an error is left out of the model and everything intact is kept, so that the
checks can still speak about the rest of the same run. `complete` says whether nothing is missing.
"""

from __future__ import annotations

from tina_gen.c_names import C_NAMES
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.frozen import dataclass
from tina_gen.layout import in_mailbox
from tina_gen.load import Loaded
from tina_gen.model import (
    Alias,
    Config,
    Constant,
    Enumeration,
    FaultSet,
    Import,
    Isolate,
    Message,
    MessageEvent,
    Model,
    Package,
    Property,
    Scenario,
    Struct,
    Supervisor,
    System,
    Union,
)
from tina_gen.resolve import records
from tina_gen.resolve.isolates import IsolateResolver, Outline
from tina_gen.resolve.machines import Behavior, MachineResolver
from tina_gen.resolve.naming import PASCAL, SNAKE, UPPER, Names, check_name
from tina_gen.resolve.protocols import Protocols
from tina_gen.resolve.received import received_by
from tina_gen.resolve.scope import Sink, Sort, Symbol, Unit
from tina_gen.resolve.simulation import SimulationResolver
from tina_gen.resolve.supervisors import SupervisorResolver
from tina_gen.resolve.systems import SystemResolver
from tina_gen.resolve.values import Values
from tina_gen.syntax import declarations as d


@dataclass(frozen=True, slots=True)
class Resolved:
    """The model of everything intact, and what was wrong with the rest."""

    model: Model
    diagnostics: tuple[Diagnostic, ...]
    complete: bool


def resolve(files: list[Loaded]) -> Resolved:
    """Resolves files in import order; the last one is the root. Never raises."""
    return _Program(files).run()


class _Program:
    def __init__(self, files: list[Loaded]) -> None:
        self.files = files
        self.sink = Sink()
        self.values = Values(self.sink)
        self.units: list[Unit] = []
        self.messages: dict[Symbol, Message] = {}
        self.protocols = Protocols(self.values)
        self.outlines: dict[Symbol, Outline | None] = {}
        self.isolates: dict[Symbol, Isolate] = {}
        self.supervisors: dict[Symbol, Supervisor] = {}
        self.systems: dict[Symbol, System] = {}
        self.faults: dict[Symbol, FaultSet] = {}
        self.properties: dict[Symbol, Property] = {}
        self.scenarios: dict[str, list[Scenario]] = {}  # by package

    def run(self) -> Resolved:
        for loaded in self.files:
            self._declare(loaded)
        self._number()
        for symbol in self._all(Sort.KIND):
            assert isinstance(symbol.decl, d.Kind)
            self.values.kinds[symbol] = records.kind(self.values, symbol, symbol.decl)
        for sort in _LEAVES:
            for symbol in self._all(sort):
                self.values.declared(symbol)
        for symbol in self._all(Sort.MESSAGE):
            assert isinstance(symbol.decl, d.Record)
            message = records.message(self.values, symbol, symbol.decl)
            if message is not None:
                self.messages[symbol] = message
        self.protocols.resolve(self._all(Sort.PROTOCOL), len(self._all(Sort.MESSAGE)))
        self._isolates()
        self._trees()
        self._simulation()
        self._options()
        packages = tuple(self._package(unit) for unit in self.units)
        model = Model(packages[-1], packages)
        complete = not any(x.is_error for x in self.sink.diagnostics)
        return Resolved(model, tuple(self.sink.diagnostics), complete)

    # ------------------------------------------------------------ names

    def _declare(self, loaded: Loaded) -> None:
        tree = loaded.tree
        unit = Unit(tree, tree.package.text)
        for part in tree.package.parts:
            if part.text:
                check_name(self.sink, part, "packages", SNAKE)
        first = tree.package.parts[0]
        if first.text in C_NAMES:
            text = f"`{first.text}` is a function or a type of the C library"
            help = f"call it `{first.text}_server`, or put it into a package: `mine.{first.text}`"
            self.sink.error("E0105", first.span, text, "no name of a namespace", help)
        for other in self.units:
            if other.package == unit.package and unit.package:
                note = (Note("the other one", other.tree.package.span),)
                text = f"package `{unit.package}` is declared by two files"
                help = "give one of them another name"
                self.sink.error("E0111", tree.package.span, text, "same name", help, note)
        for item, path in loaded.imports:
            target = next((u for u in self.units if u.tree.file.import_path == path), None)
            if target is None:
                continue  # broken or circular, already reported
            alias = item.alias.text if item.alias else target.package.rpartition(".")[2]
            span = item.alias.span if item.alias else item.path.span
            if item.alias:
                check_name(self.sink, item.alias, "short names of imports", SNAKE, True)
            if alias in unit.imports:
                note = (Note(f"`{alias}` is taken here", unit.import_spans[alias]),)
                text = f"two imports are called `{alias}`"
                help = "give one another name with `as`"
                self.sink.error("E0108", span, text, "second one", help, note)
                continue
            unit.imports[alias] = target
            unit.import_spans[alias] = span
        self._symbols(unit)
        self.units.append(unit)

    def _foreign_kind(self, decl: d.Kind) -> None:
        self.sink.error(
            "E0112",
            decl.span,
            f"`{decl.name.text}` is an I/O kind outside of the standard library",
            label="only the runtime can give it a meaning",
            help="use a kind of `tina/net.tina`, or a message to an isolate that does the work",
        )

    def _symbols(self, unit: Unit) -> None:
        names = Names(self.sink, f"in package `{unit.package}`")
        for decl in unit.tree.decls:
            if isinstance(decl, d.Scenario):
                continue
            sort, convention, what = _SORTS[type(decl)]
            if isinstance(decl, d.Const) and decl.is_config:
                sort, convention, what = Sort.CONFIG, SNAKE, "configs"
            if isinstance(decl, d.Record):
                sort, what = _RECORDS[decl.word]
            if isinstance(decl, d.Kind) and not unit.tree.file.standard:
                self._foreign_kind(decl)
                sort = Sort.REFUSED
            elif not unit.tree.file.standard:
                check_name(self.sink, decl.name, what, convention, global_=True)
            name = decl.name.text
            # A name that only becomes another one is known all the same: one mistake, one error.
            if names.add(decl.name) or name not in unit.symbols:
                unit.symbols[name] = Symbol(name, sort, decl, unit, decl.name.span)
                if name in unit.import_spans:
                    note = (Note("the import", unit.import_spans[name]),)
                    text = f"`{name}` is also the short name of an import"
                    self.sink.error("E0102", decl.name.span, text, "ambiguous", "rename it", note)

    def _all(self, sort: Sort) -> list[Symbol]:
        return [s for unit in self.units for s in unit.symbols.values() if s.sort is sort]

    def _number(self) -> None:
        for sort in Sort:
            for index, symbol in enumerate(self._all(sort)):
                self.values.indices[symbol] = index

    def _options(self) -> None:
        """A program has one option `--NAME` per config, whichever package declares it."""
        if not any(symbol.sort is Sort.SYSTEM for symbol in self.units[-1].symbols.values()):
            return
        taken: dict[str, Symbol] = {}
        for symbol in self._all(Sort.CONFIG):
            first = taken.setdefault(symbol.name, symbol)
            if first is not symbol:
                text = f"`{symbol.qualified}` and `{first.qualified}` are both `--{symbol.name}`"
                note = (Note(f"`{first.name}` is declared here", first.span),)
                help = "rename one"
                self.sink.error("E0103", symbol.span, text, "second one", help, note)

    # ------------------------------------------------------------ isolates and trees

    def _isolates(self) -> None:
        resolver = IsolateResolver(self.values, self.messages, self.protocols)
        for symbol in self._all(Sort.ISOLATE):
            assert isinstance(symbol.decl, d.Isolate)
            self.outlines[symbol] = resolver.outline(symbol, symbol.decl)
        received = received_by(list(self.outlines.values()), self.protocols, self.messages)
        for symbol, outline in self.outlines.items():
            if outline is None:
                continue
            machine = MachineResolver(self.values, self.messages, self.protocols, outline)
            behavior = machine.behavior(received.get(symbol.qualified, []))
            if behavior is not None:
                index = self.values.indices[symbol]
                self.isolates[symbol] = _isolate(index, outline, behavior)

    def _trees(self) -> None:
        supervisors = SupervisorResolver(self.values, self.outlines)
        for symbol in self._all(Sort.SUPERVISOR):
            assert isinstance(symbol.decl, d.Supervisor)
            supervisor = supervisors.resolve(symbol, symbol.decl)
            if supervisor is not None:
                self.supervisors[symbol] = supervisor
        systems = SystemResolver(self.values)
        for symbol in self._all(Sort.SYSTEM):
            assert isinstance(symbol.decl, d.System)
            system = systems.resolve(symbol, symbol.decl)
            if system is not None:
                self.systems[symbol] = system

    def _simulation(self) -> None:
        resolver = SimulationResolver(self.values)
        for symbol in self._all(Sort.FAULTS):
            assert isinstance(symbol.decl, d.Faults)
            faults = resolver.faults(symbol, symbol.decl)
            if faults is not None:
                self.faults[symbol] = faults
        for symbol in self._all(Sort.PROPERTY):
            assert isinstance(symbol.decl, d.Property)
            found = resolver.property(symbol, symbol.decl)
            if found is not None:
                self.properties[symbol] = found
        count = 0
        for unit in self.units:
            self.scenarios[unit.package] = resolver.scenarios(unit, count)
            count += len(self.scenarios[unit.package])

    # ------------------------------------------------------------ the result

    def _package(self, unit: Unit) -> Package:
        own = list(unit.symbols.values())
        leaves = [self.values.declared(s) for s in own if s.sort in _LEAVES]
        imports = tuple(
            Import(target.tree.file.import_path, alias, target.package, unit.import_spans[alias])
            for alias, target in unit.imports.items()
        )
        return Package(
            unit.package,
            unit.tree.edition,
            unit.tree.file,
            unit.tree.doc,
            imports,
            tuple(x for x in leaves if isinstance(x, Constant)),
            tuple(x for x in leaves if isinstance(x, Config)),
            tuple(x for x in leaves if isinstance(x, Enumeration)),
            tuple(x for x in leaves if isinstance(x, Struct)),
            tuple(x for x in leaves if isinstance(x, Union)),
            tuple(x for x in leaves if isinstance(x, Alias)),
            tuple(self.messages[s] for s in own if s in self.messages),
            tuple(self.protocols.found[s] for s in own if s in self.protocols.found),
            tuple(self.values.kinds[s] for s in own if s in self.values.kinds),
            tuple(self.isolates[s] for s in own if s in self.isolates),
            tuple(self.supervisors[s] for s in own if s in self.supervisors),
            tuple(self.systems[s] for s in own if s in self.systems),
            tuple(self.faults[s] for s in own if s in self.faults),
            tuple(self.properties[s] for s in own if s in self.properties),
            tuple(self.scenarios[unit.package]),
        )


_LEAVES = (Sort.CONST, Sort.CONFIG, Sort.ENUM, Sort.STRUCT, Sort.UNION, Sort.ALIAS)
_RECORDS = {
    "message": (Sort.MESSAGE, "messages"),
    "struct": (Sort.STRUCT, "structs"),
    "union": (Sort.UNION, "unions"),
}

_SORTS = {
    d.Const: (Sort.CONST, UPPER, "constants"),
    d.Alias: (Sort.ALIAS, PASCAL, "types"),
    d.Enum: (Sort.ENUM, PASCAL, "enums"),
    d.Record: (Sort.MESSAGE, PASCAL, "messages"),
    d.Protocol: (Sort.PROTOCOL, PASCAL, "protocols"),
    d.Kind: (Sort.KIND, SNAKE, "I/O kinds"),
    d.Isolate: (Sort.ISOLATE, PASCAL, "isolates"),
    d.Supervisor: (Sort.SUPERVISOR, PASCAL, "supervisors"),
    d.System: (Sort.SYSTEM, PASCAL, "systems"),
    d.Faults: (Sort.FAULTS, PASCAL, "faults"),
    d.Property: (Sort.PROPERTY, SNAKE, "properties"),
}


def _isolate(index: int, outline: Outline, behavior: Behavior) -> Isolate:
    accepts = sorted(
        {
            event.message.index: event.message
            for event in behavior.events
            if isinstance(event, MessageEvent) and not event.message.is_system
        }.items()
    )
    messages = tuple(message for _, message in accepts)
    return Isolate(
        index,
        outline.symbol.unit.package,
        outline.symbol.name,
        outline.init,
        outline.init_size,
        outline.init_align,
        outline.io,
        outline.relations.implements,
        outline.relations.subscribes,
        outline.sends,
        outline.relations.calls,
        outline.spawns,
        outline.relations.monitors,
        outline.timers,
        outline.budget,
        outline.machine is not None,
        behavior.events,
        behavior.states,
        behavior.initial,
        messages,
        max((in_mailbox(m)[0] for m in messages), default=0),
        max((in_mailbox(m)[1] for m in messages), default=1),
        outline.decl.doc,
        outline.decl.name.span,
    )
