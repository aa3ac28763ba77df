# SPDX-License-Identifier: Apache-2.0
"""What travels between the shards of a system: which uses of which isolate lead from which role to
which, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.checks.receivers import receivers
from tina_gen.checks.trees import population
from tina_gen.frozen import dataclass
from tina_gen.model import CallUse, Isolate, Message, Model, Role, Send, System, Target, TargetKind


@dataclass(frozen=True, slots=True)
class Trip:
    """One use that may leave a shard of `source` for one of `target`. `must` says that it has to:
    the receiver lives elsewhere only, or a route picks it."""

    isolate: Isolate
    use: Send | CallUse
    source: Role
    target: Role
    must: bool

    @property
    def message(self) -> Message:
        """What travels: the message, or the request of the call."""
        return self.use.call if isinstance(self.use, CallUse) else self.use.message

    @property
    def to(self) -> Target:
        """Where it goes."""
        return self.use.target


def trips(model: Model, system: System) -> Iterator[Trip]:
    """All trips of a system, in the order of the isolates and their uses."""
    runs = {role.name: population(model, role) for role in system.roles}
    for isolate in model.isolates:
        sources = [role for role in system.roles if isolate.qualified in runs[role.name]]
        uses: list[Send | CallUse] = [*isolate.sends, *isolate.calls]
        for use in uses:
            message = use.call if isinstance(use, CallUse) else use.message
            homes = _homes(model, system, runs, use.target, message)
            routed = use.target.kind is TargetKind.ROUTE
            for source in sources:
                for home in homes:
                    alone = source is home and home.shards == 1
                    if not alone:
                        must = routed or source not in homes
                        yield Trip(isolate, use, source, home, must)


def _homes(
    model: Model, system: System, runs: dict[str, dict[str, int]], target: Target, message: Message
) -> list[Role]:
    """The roles in which a target lives."""
    if target.kind is TargetKind.ROUTE:
        names = {route.role for route in system.routes if route.protocol == target.protocol}
        return [role for role in system.roles if role.name in names]
    if target.kind is TargetKind.CHILD:
        return [
            role
            for role in system.roles
            if any(s.qualified == target.supervisor for s in model.below(role.root))
        ]
    found = {isolate.qualified for isolate in receivers(model, target, message)}
    return [role for role in system.roles if found & runs[role.name].keys()]
