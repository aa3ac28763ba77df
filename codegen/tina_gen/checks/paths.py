# SPDX-License-Identifier: Apache-2.0
"""Which states can follow which: the graph that several rules about machines walk."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.model import Handle, Isolate, Reaction, State, Transit


def targets(reaction: Reaction) -> Iterator[int]:
    """The indices of the states that a reaction names; `stay` leads nowhere."""
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


def followers(isolate: Isolate, leaf: State) -> set[int]:
    """The indices of all leaves that can follow a leaf, itself included if it is a target."""
    found = {t for clause in leaf.clauses for t in targets(clause.reaction)}
    if not leaf.is_final:
        for state in isolate.around(leaf):
            if state.after:
                found.update(targets(state.after.reaction))
    return {isolate.leaf(target).index for target in found}


def reachable(isolate: Isolate, start: int) -> set[int]:
    """The indices of all states that the machine can be in once it has entered `start`: leaves, and
    the states around them."""
    waiting = [isolate.leaf(start).index]
    found = set(waiting)
    while waiting:
        for following in followers(isolate, isolate.states[waiting.pop()]):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return {around.index for leaf in found for around in isolate.around(isolate.states[leaf])}
