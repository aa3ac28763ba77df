# SPDX-License-Identifier: Apache-2.0
"""The runtime's tables (`tina/table.h`) of isolate types, as braced lists."""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen import names
from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, integer, unique_name
from tina_gen.emit.numbering import (
    SHUTDOWN,
    Numbering,
    Place,
    deferred,
    defers,
    defers_down,
    defers_news,
    listed,
    listed_news,
    numbering,
    owning_tags,
    served_tags,
    takes_later,
)
from tina_gen.emit.records import Block
from tina_gen.emit.standard import io_kind, io_source, is_given_up, settings
from tina_gen.frozen import dataclass
from tina_gen.model import (
    Defer,
    IoObject,
    Isolate,
    MessageEvent,
    State,
    Timer,
)
from tina_gen.owned import block_fields, sends_files, stream_field


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its type in `tina::internal` and its members in the order of the struct."""

    type: str
    members: Sequence[tuple[str, str]]

    def definition(self, name: str) -> Block:
        """`inline constexpr … name{…};`."""
        head = f"inline constexpr tina::internal::{self.type} {name}{{"
        return [head, *self._members(4), "};"]

    def element(self) -> Block:
        """The table as an element of an array."""
        return [
            f"    tina::internal::{self.type}{{",
            *self._members(8),
            "    },",
        ]

    def _members(self, indent: int) -> Block:
        rows = [wrap.assignment(indent, f".{name} = {value},") for name, value in self.members]
        return [line for row in rows for line in row]


def text_table(name: str, rows: Sequence[Table]) -> Block:
    """An array of tables; nothing if there are none (its user then says `{}`)."""
    if not rows:
        return []
    lines = [line for row in rows for line in row.element()]
    return [f"inline constexpr std::array {name} = {{", *lines, "};"]


def isolate_tables(scope: Scope, isolate: Isolate) -> list[Block]:
    """The arrays that the isolate's TypeTable refers to."""
    own = f"k{unique_name(scope.model, isolate)}"
    numbers = numbering(isolate)
    places = zip(isolate.io, numbers.places, strict=True)
    return [
        text_table(f"{own}States", [_state(numbers, isolate, s) for s in isolate.states]),
        text_table(f"{own}Ios", [_io(scope, isolate, io, place) for io, place in places]),
        text_table(f"{own}Timers", [_timer(numbers, t) for t in isolate.timers]),
        _strings(f"{own}Messages", [message.name for message in isolate.accepts]),
        _strings(f"{own}Completions", numbers.completions),
        text_table(f"{own}Blocks", _block_rows(scope, isolate)),
        text_table(f"{own}Streams", _stream_rows(scope, isolate)),
    ]


def _block_rows(scope: Scope, isolate: Isolate) -> list[Table]:
    """Where the isolate's messages, then its init arguments, hold buffers and blobs."""
    rows: list[Table] = []
    for number, message in enumerate(isolate.accepts):
        name = scope.message(message)
        for field in block_fields(message.fields):
            rows.append(_block_row(str(number), f"offsetof({name}, {field.name})"))
    name = f"{scope.isolate(isolate.qualified)}Init"
    for argument in block_fields(isolate.init):
        place = f"offsetof({name}, {argument.name})"
        rows.append(_block_row("tina::internal::kInitArguments", place))
    return rows


def _stream_rows(scope: Scope, isolate: Isolate) -> list[Table]:
    """Where the isolate's messages hold a connection."""
    return [
        _block_row(str(number), f"offsetof({scope.message(message)}, {field.name})")
        for number, message in enumerate(isolate.accepts)
        if (field := stream_field(message)) is not None
    ]


def _block_row(tag: str, place: str) -> Table:
    return Table("BlockField", [("tag", tag), ("offset", place)])


def _blocks(scope: Scope, isolate: Isolate, own: str) -> list[tuple[str, str]]:
    """The members on blocks and scratch memory; an isolate that has none leaves them out."""
    found: list[tuple[str, str]] = []
    if owning_tags(isolate):
        found.append(("owning", f"{owning_tags(isolate):#x}"))
    if isolate.budget.buffers:
        found.append(("kept", integer(isolate.budget.buffers)))
    if isolate.budget.scratch:
        found.append(("scratch", integer(isolate.budget.scratch)))
    if _block_rows(scope, isolate):
        found.append(("blocks", f"k{own}Blocks"))
    if _stream_rows(scope, isolate):
        found.append(("streams", f"k{own}Streams"))
    return found


def type_table(scope: Scope, isolate: Isolate) -> Table:
    """The isolate's row of `kTypes`."""
    numbers = numbering(isolate)
    name = scope.isolate(isolate.qualified)
    own = unique_name(scope.model, isolate)
    dispatch = scope.name(isolate.package, f"contract::dispatch_{names.snake(isolate.name)}")
    return Table(
        "TypeTable",
        [
            ("name", f'"{own}"'),
            ("id", scope.contract(isolate.qualified)),
            ("slots", integer(isolate.budget.slots)),
            ("mailbox", integer(isolate.budget.mailbox)),
            ("state_size", f"sizeof({name})"),
            ("init_size", f"sizeof({name}Init)"),
            ("payload_size", str(isolate.message_size if isolate.accepts else 0)),
            ("defers", "true" if defers(isolate) else "false"),
            ("initial", str(isolate.leaf(isolate.initial).index)),
            ("records", str(numbers.records)),
            ("after_record", str(numbers.lanes) if numbers.levels else _NO_RECORD),
            ("after_completion", str(numbers.after_bit) if numbers.levels else "0"),
            *([("afters", str(len(numbers.levels)))] if len(numbers.levels) > 1 else []),
            *([("connects", "true")] if gives_up(isolate, numbers) else []),
            ("served", f"{served_tags(isolate):#x}"),
            ("calls", str(numbers.call_records)),
            ("first_call", str(numbers.first_call_record if isolate.calls else 0)),
            ("open", str(isolate.budget.open if takes_later(isolate) else 0)),
            ("yield_record", str(numbers.yield_record) if numbers.yields else _NO_RECORD),
            ("watched", "true" if _watched(scope, isolate) else "false"),
            ("monitors", integer(isolate.budget.monitors if isolate.monitors else 0)),
            ("result_size", integer(max((u.call.results_size for u in isolate.calls), default=0))),
            *([("news", f"{news:#x}")] if (news := listed_news(isolate)) else []),
            *([("weight", integer(isolate.budget.weight))] if isolate.budget.weight > 1 else []),
            ("states", f"k{own}States"),
            ("ios", f"k{own}Ios" if isolate.io else "{}"),
            ("timers", f"k{own}Timers" if isolate.timers else "{}"),
            ("messages", f"k{own}Messages" if isolate.accepts else "{}"),
            ("completions", f"k{own}Completions" if numbers.completions else "{}"),
            ("dispatch", dispatch),
            *_blocks(scope, isolate, own),
        ],
    )


_NO_RECORD = "tina::internal::kNoRecord"


def gives_up(isolate: Isolate, numbers: Numbering) -> bool:
    """Whether a transition may have to give up an operation of the isolate."""
    return any(place.connects for place in numbers.places) or any(map(is_given_up, isolate.io))


def _strings(name: str, words: Sequence[str]) -> Block:
    if not words:
        return []
    head = f"inline constexpr std::array<const char*, {len(words)}> {name} = {{"
    width = max(map(len, words)) + 3
    cells = [f'"{word}",'.ljust(width) for word in words]
    rows = [f"    {cell}  // {index}" for index, cell in enumerate(cells)]
    return [head, *rows, "};"]


def _watched(scope: Scope, isolate: Isolate) -> bool:
    return any(isolate.qualified in other.monitors for other in scope.model.isolates)


def _shutdown(state: State) -> str:
    for clause in () if state.is_composite else state.clauses:
        if isinstance(clause.event, MessageEvent) and clause.event.message.qualified == SHUTDOWN:
            return "kDefer" if isinstance(clause.reaction, Defer) else "kHandle"
    return "kEnd"


def _state(numbers: Numbering, isolate: Isolate, state: State) -> Table:
    return Table(
        "StateTable",
        [
            ("name", f'"{state.name or isolate.name}"'),
            ("listed", f"{listed(numbers, isolate, state):#x}"),
            ("deferred", f"{deferred(isolate, state):#x}"),
            ("after_ns", integer(state.after.duration_ns if state.after else 0)),
            ("enter", "true" if state.enter else "false"),
            ("final", "true" if state.is_final else "false"),
            ("shutdown", f"tina::internal::OnShutdown::{_shutdown(state)}"),
            ("defers_down", "true" if defers_down(state) else "false"),
            *([("defers_news", f"{news:#x}")] if (news := defers_news(state)) else []),
            *(_nesting(numbers, isolate, state) if isolate.nests else []),
        ],
    )


def _nesting(numbers: Numbering, isolate: Isolate, state: State) -> list[tuple[str, str]]:
    """Where a state of a machine with composites stands; a flat one leaves these members out."""
    members = []
    if state.parent is not None:
        members.append(("parent", str(state.parent)))
    if state.initial is not None:
        members.append(("initial", str(state.initial)))
    if state.after:
        members.append(("level", str(numbers.level(isolate, state))))
    return members


def _timer(numbers: Numbering, timer: Timer) -> Table:
    bit = numbers.first_timer_bit + timer.index
    return Table(
        "TimerTable",
        [
            ("name", f'"{timer.name}"'),
            ("period_ns", integer(timer.every_ns or 0)),
            ("record", str(numbers.timer_record(timer))),
            ("completion", str(bit)),
        ],
    )


def _io(scope: Scope, isolate: Isolate, io: IoObject, place: Place) -> Table:
    source = io_source(io)
    rows = [
        ("name", f'"{io.name}"'),
        ("kind", f"tina::internal::IoKind::{io_kind(io)}"),
        ("first_record", str(place.first_record)),
        ("first_completion", str(place.first_completion)),
        ("lanes", str(len(isolate.lanes(io)))),
    ]
    if place.connects:
        rows.append(("whole", "true"))
    if source != "kNothing":
        rows.append(("source", f"tina::internal::IoSource::{source}"))
    if io.source is not None and source != "kObject":
        init = f"{scope.isolate(isolate.qualified)}Init"
        rows.append(("source_offset", f"offsetof({init}, {io.source.name})"))
    files = [("files", "true")] if sends_files(isolate, io) else []
    return Table("IoTable", [*rows, *settings(io), *files])
