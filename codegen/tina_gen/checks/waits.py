# SPDX-License-Identifier: Apache-2.0
"""Who waits for whom: the graph of unanswered calls that the deadlock rule walks.

A node is an isolate that has a call of others unanswered: (I, X). There is an edge from it to
(J, C) if a state of I lists the ends of C, which J serves, and there defers X or takes it `later`.
So the edge goes on only through the very call that J has not answered. A `held` edge is weaker: X
was taken `later` in another state, from which that state can be reached; its token may be answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tina_gen.checks.call_ends import ends_by_call
from tina_gen.checks.paths import reachable, targets
from tina_gen.checks.receivers import receivers, serves
from tina_gen.frozen import dataclass
from tina_gen.model import Clause, Defer, Handle, Isolate, Message, MessageEvent, Model, State

Node = tuple[str, str]  # qualified isolate, qualified call


@dataclass(frozen=True, slots=True)
class Wait:
    """`isolate`, in `states`, waits for `call` of `server` and leaves `kept` unanswered. `clause`
    is what the first of the states does with `kept`."""

    isolate: Isolate
    states: tuple[State, ...]
    kept: Message
    clause: Clause
    call: Message
    server: Isolate
    held: bool

    @property
    def source(self) -> Node:
        """The call that is unanswered."""
        return self.isolate.qualified, self.kept.qualified

    @property
    def target(self) -> Node:
        """The call that is waited for."""
        return self.server.qualified, self.call.qualified

    @property
    def words(self) -> str:
        """The edge in one sentence."""
        names = ", ".join(f"`{state.name}`" for state in self.states[:3])
        more = ", …" if len(self.states) > 3 else ""
        noun = "states" if len(self.states) > 1 else "state"
        where = f" in {noun} {names}{more}" if self.isolate.has_machine else ""
        if self.held:
            verb = "may still hold the token of"
        else:
            verb = "defers" if isinstance(self.clause.reaction, Defer) else "takes later"
        return (
            f"`{self.isolate.name}`{where} waits for `{self.call.local_name}` of "
            f"`{self.server.name}` and {verb} `{self.kept.local_name}`"
        )


def waits(model: Model) -> list[Wait]:
    """All edges, in the order of isolates and states; one per pair of nodes and strength."""
    found: dict[tuple[Node, Node, bool], Wait] = {}
    for isolate in model.isolates:
        for wait in _of_isolate(model, isolate):
            key = (wait.source, wait.target, wait.held)
            first = found.get(key)
            states = (*first.states, *wait.states) if first else wait.states
            clause = first.clause if first else wait.clause
            found[key] = Wait(isolate, states, wait.kept, clause, wait.call, wait.server, wait.held)
    strict = {(a, b) for a, b, held in found if not held}
    return [w for (a, b, held), w in found.items() if not held or (a, b) not in strict]


def _of_isolate(model: Model, isolate: Isolate) -> Iterator[Wait]:
    servers: dict[str, dict[str, Isolate]] = {}
    calls = {use.call.qualified: use.call for use in isolate.calls}
    for use in isolate.calls:
        for server in receivers(model, use.target, use.call):
            if serves(server, use.call):
                servers.setdefault(use.call.qualified, {})[server.qualified] = server
    for state in _active(isolate):
        kept = [(clause, False) for clause in _kept(isolate, state)]
        here = {_message(clause).qualified for clause, _ in kept}
        for clause in _held(isolate, state):
            if _message(clause).qualified not in here:
                kept.append((clause, True))
        for call in ends_by_call(state):
            for clause, held in kept:
                for server in servers.get(call, {}).values():
                    yield Wait(
                        isolate, (state,), _message(clause), clause, calls[call], server, held
                    )


def _active(isolate: Isolate) -> Iterable[State]:
    return [s for s in isolate.states if not s.is_composite and not s.is_final]


def _message(clause: Clause) -> Message:
    assert isinstance(clause.event, MessageEvent)
    return clause.event.message


def _kept(isolate: Isolate, state: State) -> Iterator[Clause]:
    """The clauses of a state that leave a call unanswered."""
    for clause in state.clauses:
        event = clause.event
        if not isinstance(event, MessageEvent) or not event.message.is_call:
            continue
        later = isinstance(clause.reaction, Handle) and clause.reaction.later
        if serves(isolate, event.message) and (later or isinstance(clause.reaction, Defer)):
            yield clause


def _held(isolate: Isolate, state: State) -> Iterator[Clause]:
    """The clauses by which a token may have been taken before the isolate came to a state."""
    for other in _active(isolate):
        for clause in _kept(isolate, other):
            if not isinstance(clause.reaction, Handle):
                continue
            after = set(targets(clause.reaction))
            if any(following.state is None for following in clause.reaction.nexts):
                after.add(other.index)
            if any(state.index in reachable(isolate, start) for start in after):
                yield clause


class Ways:
    """The edges by where they start, to look for ways back."""

    def __init__(self, edges: list[Wait]) -> None:
        """Sorts the edges, in their order."""
        self._by_source: dict[Node, list[Wait]] = {}
        for wait in edges:
            self._by_source.setdefault(wait.source, []).append(wait)

    def circle(self, edge: Wait) -> list[Wait] | None:
        """An edge and the shortest way from its end back to its start; None if there is none."""
        came: dict[Node, Wait] = {edge.target: edge}
        waiting = [edge.target]
        for node in waiting:
            if node == edge.source:
                return self._back(came, edge)
            for wait in self._by_source.get(node, ()):
                if wait.target not in came:
                    came[wait.target] = wait
                    waiting.append(wait.target)
        return None

    def _back(self, came: dict[Node, Wait], edge: Wait) -> list[Wait]:
        found = [came[edge.source]]
        while found[-1] is not edge:
            found.append(came[found[-1].source])
        return found[::-1]
