# SPDX-License-Identifier: Apache-2.0
"""E0705: what must go to another shard has a channel to travel in, and an answer one to return."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.traffic import Trip, trips
from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import CallUse, Model, System, TargetKind


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per use and pair of roles."""
    for system in model.systems:
        channels = {(channel.source, channel.target) for channel in system.channels}
        for trip in trips(model, system):
            there = (trip.source.name, trip.target.name)
            back = (there[1], there[0])
            if trip.must and trip.to.local:
                yield _promise(system, trip)
            elif trip.must and there not in channels and not _elsewhere(system, trip):
                yield _missing(system, trip, there)
            elif _answers(trip) and there in channels and back not in channels:
                yield _missing(system, trip, back)


def _elsewhere(system: System, trip: Trip) -> bool:
    """Whether another role that a `ref<Protocol>` may lead to can be reached: whom it names is
    known at run time."""
    if trip.to.kind is not TargetKind.PROTOCOL:
        return False
    return any(channel.source == trip.source.name for channel in system.channels)


def _answers(trip: Trip) -> bool:
    return isinstance(trip.use, CallUse) and not trip.to.local


def _receiver(trip: Trip) -> str:
    return trip.to.span.text


def _note(trip: Trip) -> Note:
    if trip.to.route:
        text = f"the route leads to role `{trip.target.name}`"
    else:
        text = f"`{_receiver(trip)}` lives in role `{trip.target.name}`"
        text += " only" if trip.must else ""
    return Note(text, trip.target.span)


def _promise(system: System, trip: Trip) -> Diagnostic:
    there = f"{trip.source.name} -> {trip.target.name}"
    return Diagnostic(
        "E0705",
        trip.use.span,
        f"`{_receiver(trip)}` is not always on the same shard as `{trip.isolate.name}`"
        if trip.to.route
        else f"`{_receiver(trip)}` is never on the same shard as role `{trip.source.name}`",
        label="promises the same shard",
        notes=(_note(trip),),
        help=f"remove `local` and add `channel {there} capacity N;` to `{system.name}`",
    )


def _missing(system: System, trip: Trip, pair: tuple[str, str]) -> Diagnostic:
    source, target = pair
    returns = pair != (trip.source.name, trip.target.name)
    if source == target:
        what = f"the shards of role `{source}` have no channel to each other"
        label = "leaves its shard"
    else:
        what = f"role `{source}` has no channel {'back ' if returns else ''}to role `{target}`"
        label = "is answered from another role" if returns else f"leaves role `{source}`"
    return Diagnostic(
        "E0705",
        trip.use.span,
        what,
        label=label,
        notes=(_note(trip),),
        help=f"add `channel {source} -> {target} capacity N;` to `{system.name}`",
    )
