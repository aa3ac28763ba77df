# SPDX-License-Identifier: Apache-2.0
"""Which states can follow which: the graph that several rules about machines walk."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.model import Handle, Reaction, State, Transit


def targets(reaction: Reaction) -> Iterator[int]:
    """The indices of the states that a reaction may lead to; `stay` leads nowhere."""
    match reaction:
        case Handle(nexts=nexts):
            for following in nexts:
                if following.state is not None:
                    yield following.state
        case Transit(next=following):
            if following.state is not None:
                yield following.state
        case _:
            return


def followers(state: State) -> set[int]:
    """The indices of all states that can follow a state, itself included if it is a target."""
    found = {t for clause in state.clauses for t in targets(clause.reaction)}
    if state.after:
        found.update(targets(state.after.reaction))
    return found


def reachable(states: tuple[State, ...], initial: int) -> set[int]:
    """The indices of all states that can be reached from the initial one."""
    found = {initial}
    waiting = [initial]
    while waiting:
        for following in followers(states[waiting.pop()]):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found
