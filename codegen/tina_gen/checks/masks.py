# SPDX-License-Identifier: Apache-2.0
"""E0346: an isolate has at most 64 results, 64 sorts of messages, 254 places for results and 255
states.

A state says in one word of 64 bits which results it waits for, and in another which messages it
defers; both are looked at for each message, so they are kept that small. The number of the active
state lies in one byte beside the level of the mailbox, and results that wait are chained by numbers
of one byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import CallEndEvent, Isolate, Model, State, YieldedEvent

BITS_MAX = 64
PLACES_MAX = 254
STATES_MAX = 255
ENDS_OF_A_CALL = 3  # the reply, the timeout and the rejection


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per isolate and word that is too small."""
    for isolate in model.isolates:
        own = (
            _results(isolate),
            "results of its own actions",
            "fewer I/O objects, timers or calls",
        )
        sorts = (
            len(isolate.accepts),
            "sorts of messages",
            "fewer messages, casts, events and calls",
        )
        places = (_places(isolate), "places for results", "fewer `calls` at once")
        states = (len(isolate.states), "states", "fewer states")
        for (count, what, help), most in (
            (own, BITS_MAX),
            (sorts, BITS_MAX),
            (places, PLACES_MAX),
            (states, STATES_MAX),
        ):
            if count > most:
                yield Diagnostic(
                    "E0346",
                    isolate.span,
                    f"`{isolate.name}` has {count} {what}",
                    label=f"at most {most}",
                    help=f"split it into isolates with {help} each",
                )


def _results(isolate: Isolate) -> int:
    objects = sum(
        len({op.completion for op in lane.operations})
        for io in isolate.io
        for lane in isolate.lanes(io)
    )
    return objects + _besides(isolate) + ENDS_OF_A_CALL * len(_called(isolate))


def _places(isolate: Isolate) -> int:
    """Where results wait: one place per lane, timer, level of timeouts and call outstanding."""
    lanes = sum(len(isolate.lanes(io)) for io in isolate.io)
    return lanes + _besides(isolate) + (isolate.budget.calls if isolate.calls else 0)


def _besides(isolate: Isolate) -> int:
    levels = {_depth(isolate, state) for state in isolate.states if state.after}
    yielded = any(isinstance(event, YieldedEvent) for event in isolate.events)
    return len(isolate.timers) + len(levels) + yielded


def _called(isolate: Isolate) -> set[str]:
    calls = {use.call.qualified for use in isolate.calls}
    return calls | {e.call.qualified for e in isolate.events if isinstance(e, CallEndEvent)}


def _depth(isolate: Isolate, state: State) -> int:
    """How many states are around a state: each level has one state timeout."""
    depth, parent = 0, state.parent
    while parent is not None:
        depth, parent = depth + 1, isolate.states[parent].parent
    return depth
