# SPDX-License-Identifier: Apache-2.0
"""What the model knows of a declaration in numbers: sizes, layouts, budgets, times.

Each function gives lines of Markdown; nothing if the declaration has an error and is not in the
model. Where the bytes of a shard go is in `sizes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tina_gen.layout import in_mailbox, size_of
from tina_gen.model import (
    Alias,
    Config,
    Constant,
    Enumeration,
    EnumType,
    Handle,
    Isolate,
    Message,
    Model,
    Package,
    Protocol,
    Scalar,
    ScalarType,
    State,
    Struct,
    StructType,
    Transit,
    Type,
    Union,
    UnionType,
    Value,
    ValueList,
)
from tina_gen.resolve.evaluate import quantity
from tina_gen.resolve.evaluate import type_words as words_in_place
from tina_gen.syntax.tokens import Dimension


def package(model: Model, name: str) -> Package | None:
    """The package of a name."""
    return next((found for found in model.packages if found.name == name), None)


def size(value: int) -> str:
    """A size as a spec writes it."""
    return quantity(value, Dimension.SIZE)


def time(value: int) -> str:
    """A duration as a spec writes it."""
    return quantity(value, Dimension.DURATION)


def type_words(kind: Type) -> str:
    """A type as a spec writes it, with full names."""
    match kind:
        case EnumType(enum=enum):
            return f"{enum.package}.{enum.name}"
        case StructType(struct=struct):
            return struct.qualified
        case UnionType(union=union):
            return union.qualified
        case _:
            return words_in_place(kind)


def value_words(kind: Type, value: Value) -> str:
    """A value with the unit of its type."""
    if isinstance(value, ValueList):
        return f"[{', '.join('default' if v is None else str(v) for v in value.items)}]"
    if isinstance(kind, ScalarType) and isinstance(value, int) and not isinstance(value, bool):
        if kind.scalar is Scalar.SIZE:
            return size(value)
        if kind.scalar in (Scalar.DURATION, Scalar.INSTANT):
            return time(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def of_constant(found: Constant) -> Iterator[str]:
    """Its value."""
    yield f"value `{value_words(found.type, found.value)}`"


def of_config(found: Config) -> Iterator[str]:
    """Its value unless it is set at start."""
    yield f"set at start with `--{found.name}`, else `{value_words(found.type, found.default)}`"


def of_enum(found: Enumeration) -> Iterator[str]:
    """Its values."""
    yield f"{len(found.enumerators)} values in `{found.underlying.value}`"


def of_alias(found: Alias) -> Iterator[str]:
    """What it stands for."""
    size, align = size_of(found.type)
    yield f"`{type_words(found.type)}`: **{size} bytes**, aligned to {align}"


def of_union(found: Union) -> Iterator[str]:
    """Its size and its alternatives."""
    yield f"**{found.size} bytes**, aligned to {found.align}, with a tag of {found.align} bytes"
    yield table(
        ("alternative", "type", "bytes"),
        ((a.name, type_words(a.type), size_of(a.type)[0]) for a in found.alternatives),
    )


def of_message(found: Message | Struct) -> Iterator[str]:
    """Its size and layout."""
    padding = sum(field.padding for field in found.fields)
    yield f"**{found.size} bytes**, aligned to {found.align}, {padding} of them padding"
    if found.fields:
        yield table(
            ("field", "type", "offset", "bytes", "padding"),
            (
                (field.name, type_words(field.type), field.offset, field.size, field.padding)
                for field in found.fields
            ),
        )


def of_member(found: Message) -> Iterator[str]:
    """The layout of a protocol's member: what is sent, and what comes back."""
    if not found.is_call:
        yield from of_message(found)
        return
    yield f"limit {time(found.timeout_ns)} · **{in_mailbox(found)[0]} bytes** in a mailbox"
    yield from of_message(found)
    if found.results:
        yield f"results: **{found.results_size} bytes**, aligned to {found.results_align}"
        yield table(
            ("result", "type", "offset", "bytes", "padding"),
            ((f.name, type_words(f.type), f.offset, f.size, f.padding) for f in found.results),
        )


def of_protocol(model: Model, found: Protocol) -> Iterator[str]:
    """Who takes part in it."""
    for verb, isolates in (
        ("implemented", model.implementers(found.qualified)),
        ("subscribed", model.subscribers(found.qualified)),
    ):
        if isolates:
            yield f"{verb} by " + ", ".join(f"`{isolate.name}`" for isolate in isolates)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A table in Markdown; numbers are set to the right."""
    made = [tuple(row) for row in rows]
    right = [bool(made) and isinstance(cell, int) for cell in made[0]] if made else []
    lines = [f"| {' | '.join(head)} |"]
    lines.append("|" + "|".join("--:" if number else "---" for number in right) + "|")
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in made]
    return "\n".join(lines)


def of_isolate(found: Isolate) -> Iterator[str]:
    """Its budget, and with whom it has to do."""
    budget = found.budget
    yield (
        f"{budget.slots} slots · mailbox {budget.mailbox} × {found.message_size} B · "
        f"state ≤ {size(budget.state)}"
    )
    if found.accepts:
        accepted = (f"`{m.local_name}` ({in_mailbox(m)[0]} B)" for m in found.accepts)
        yield "accepts " + ", ".join(accepted)
    if found.calls:
        uses = (f"`{use.call.local_name}` to `{use.target.span.text}`" for use in found.calls)
        yield f"calls {', '.join(uses)} · {budget.calls} outstanding at once"
    if found.monitors:
        watched = ", ".join(f"`{name.rpartition('.')[2]}`" for name in found.monitors)
        yield f"monitors {watched} · {budget.monitors} at once"
    states = [state.name for state in found.states if state.name]
    if states:
        yield "states " + ", ".join(f"`{name}`" for name in states)


def of_state(isolate: Isolate, found: State) -> Iterator[str]:
    """Where it stands, its timeout and what it does with each event."""
    outer = [f"`{state.name}`" for state in isolate.around(found)][1:]
    if outer:
        yield "inside " + ", ".join(outer)
    if found.initial is not None:
        inner = [f"`{s.name}`" for s in isolate.states if s.parent == found.index]
        first = isolate.states[found.initial].name
        yield f"starts in `{first}`; holds {', '.join(inner)}"
    if found.after is not None:
        yield f"leaves after `{time(found.after.duration_ns)}` {_reaction(found.after.reaction)}"
    if found.clauses:
        yield table(
            ("event", "what happens"),
            ((f"`{c.event.name}`", _reaction(c.reaction)) for c in found.clauses),
        )
    if found.is_final:
        yield f"entering it ends the {isolate.name}"


def _reaction(reaction: object) -> str:
    match reaction:
        case Handle(nexts=nexts, later=later):
            return f"`{'later ' if later else ''}-> {' / '.join(n.name for n in nexts)}`"
        case Transit(next=following):
            return f"`=> {following.name}`"
    return f"`{type(reaction).__name__.lower()}`"
