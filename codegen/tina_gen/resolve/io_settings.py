# SPDX-License-Identifier: Apache-2.0
"""Settings of I/O objects: their form, and between which numbers each means what it says.

A number that the kernel or a library would cut to its own limit is an error here: the program would
run with another one than its spec says.
"""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.frozen import dataclass
from tina_gen.model import IoSetting, Kind, Value
from tina_gen.resolve.evaluate import quantity
from tina_gen.resolve.scope import Unit
from tina_gen.resolve.values import Values
from tina_gen.syntax import ast as a
from tina_gen.syntax.tokens import Dimension

_MS, _S = 1_000_000, 1_000_000_000
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a setting may be: `low` to `high`, in steps of `step`."""

    dimension: Dimension
    low: int
    high: int
    step: int = 1


# Every setting that is no flag.
BOUNDS = {
    "backlog": Bounds(Dimension.NUMBER, 1, 65_535),
    "gather": Bounds(Dimension.NUMBER, 1, 65_536),
    "scatter": Bounds(Dimension.NUMBER, 1, 1024),  # of one system call: IOV_MAX
    "read_ahead": Bounds(Dimension.NUMBER, 1, 256),  # of one page: kReadAheadMost
    "batch": Bounds(Dimension.NUMBER, 1, 1024),  # of one system call: UIO_MAXIOV
    "keep_alive": Bounds(Dimension.DURATION, _S, 32_767 * _S, _S),  # as the kernel counts
    "send_buffer": Bounds(Dimension.SIZE, 1, 1023 * _MIB),  # twice as much is a number, too
    "receive_buffer": Bounds(Dimension.SIZE, 1, 1023 * _MIB),
    "timeout": Bounds(Dimension.DURATION, _MS, 3600 * _S, _MS),
    "tries": Bounds(Dimension.NUMBER, 1, 100),
}


def io_settings(values: Values, item: a.Io, kind: Kind, unit: Unit) -> tuple[IoSetting, ...] | None:
    """The settings that are given, in the order of the kind's; None if any is broken."""
    sink = values.sink
    given: dict[str, IoSetting] = {}
    good = True
    for entry in item.settings:
        name = entry.name.text
        rule = next((r for r in kind.settings if r.name == name), None)
        value: Value | None = None
        if rule is None:
            known = ", ".join(f"`{r.name}`" for r in kind.settings)
            help = f"its settings are {known}" if known else "it has none"
            text = f"`{kind.name}` has no setting `{name}`"
            sink.error("E0213", entry.span, text, "unknown", help)
        elif name in given:
            note = Note("it is given here", given[name].span)
            text = f"setting `{name}` is given twice"
            sink.error("E0213", entry.span, text, "second time", "remove one", (note,))
        elif rule.type is None and entry.value is None:
            value = True
        elif rule.type is None:
            text = f"setting `{name}` takes no value"
            sink.error("E0213", entry.span, text, "takes no value", f"write `{name};`")
        elif entry.value is None or entry.at_most or entry.times is not None:
            text = f"setting `{name}` takes one value"
            help = f"write `{name} <{rule.type.value}>;`"
            sink.error("E0213", entry.span, text, f"needs a `{rule.type.value}`", help)
        else:
            value = _number(values, name, entry.value, unit)
        if value is None:
            good = False
        else:
            given[name] = IoSetting(name, value, entry.name.span)
    if not good:
        return None
    return tuple(given[rule.name] for rule in kind.settings if rule.name in given)


def _number(values: Values, name: str, node: a.Expr, unit: Unit) -> Value | None:
    bounds = BOUNDS[name]
    value = values.whole(
        node, unit, f"`{name}`", (bounds.low, bounds.high), "E0221", bounds.dimension
    )
    if value is None or value % bounds.step == 0:
        return value
    step = quantity(bounds.step, bounds.dimension)
    text = f"`{name}` counts in steps of {step}"
    least = max(value - value % bounds.step, bounds.low)
    help = f"write {quantity(least, bounds.dimension)}, or another multiple of {step}"
    values.sink.error("E0221", node.span, text, "between two steps", help)
    return None
