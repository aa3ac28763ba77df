# SPDX-License-Identifier: Apache-2.0
"""Named timers of an isolate: `timer flush every 1s;` and `timer retry;`."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import IoObject, Timer
from tina_gen.resolve.naming import SNAKE, Names, check_name
from tina_gen.resolve.scope import Unit
from tina_gen.resolve.values import Values
from tina_gen.syntax import ast as a
from tina_gen.syntax.tokens import Dimension

EVERY_MAX_NS = 365 * 24 * 3_600_000_000_000


def named_timers(
    values: Values, items: list[a.Timer], io: tuple[IoObject, ...], unit: Unit, where: str
) -> tuple[Timer, ...] | None:
    """The timers in declaration order, None if any is broken."""
    sink = values.sink
    names = Names(sink, where)
    objects = {one.name: one.span for one in io}
    found: list[Timer] = []
    good = True
    for item in items:
        name = item.name.text
        good &= check_name(sink, item.name, "timers", SNAKE, global_=True)
        good &= names.add(item.name)
        if name in objects:
            note = (Note(f"the I/O object `{name}`", objects[name]),)
            text = f"timer `{name}` has the name of an I/O object"
            sink.error("E0102", item.name.span, text, "ambiguous", "rename one", note)
            good = False
        every = None
        if item.every is not None:
            bounds = (1, EVERY_MAX_NS)
            what = "the period of a timer"
            every = values.whole(item.every, unit, what, bounds, "E0202", Dimension.DURATION)
            good &= every is not None
        found.append(Timer(len(found), name, every, item.doc, item.name.span))
    return tuple(found) if good else None
