# SPDX-License-Identifier: Apache-2.0
"""E0335 to E0337, E0343: a state that waits for a call lists all of its ends, each once, and the
isolate declares the call; a declared call has a state that waits for it."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.model import CallEnd, CallEndEvent, Clause, Isolate, Model, State

# What together makes all ends of a call.
_FAILURES = (CallEnd.TIMEOUT, CallEnd.REJECTED)


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per call and state, or per call."""
    for isolate in model.isolates:
        declared = {use.call.qualified for use in isolate.calls}
        yield from _undeclared(isolate, declared)
        said: set[tuple[int, str, str]] = set()
        for state in isolate.states:
            if state.is_composite:
                continue  # the states inside inherit its clauses
            for call, clauses in ends_by_call(state).items():
                for found in _of_state(isolate, state, clauses) if call in declared else ():
                    # What several states inherit is reported once.
                    key = (min(c.span.start for c in clauses.values()), found.label, found.help)
                    if key not in said:
                        said.add(key)
                        yield found
        yield from _unheard(isolate)


def ends_by_call(state: State) -> dict[str, dict[CallEnd, Clause]]:
    """Qualified call -> its ends that a state lists."""
    found: dict[str, dict[CallEnd, Clause]] = {}
    for clause in state.clauses:
        if isinstance(clause.event, CallEndEvent):
            found.setdefault(clause.event.call.qualified, {})[clause.event.end] = clause
    return found


def _undeclared(isolate: Isolate, declared: set[str]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for state in isolate.states:
        for clause in state.clauses:
            event = clause.event
            if not isinstance(event, CallEndEvent) or event.call.qualified in declared | seen:
                continue
            seen.add(event.call.qualified)
            call = event.name.rpartition(".")[0]
            yield Diagnostic(
                "E0336",
                clause.span,
                f"`{isolate.name}` lists the ends of `{call}`, which it does not call",
                label="never happens",
                notes=(Note(f"`{call}` is declared here", event.call.span),),
                help=f"add `calls {call} to …;` to `{isolate.name}`",
            )


def _of_state(isolate: Isolate, state: State, ends: dict[CallEnd, Clause]) -> Iterator[Diagnostic]:
    first = min(ends.values(), key=lambda clause: clause.span.start)
    call = first.event.name.rpartition(".")[0]
    where = f"state `{state.name}`" if isolate.has_machine else f"isolate `{isolate.name}`"
    twice = [end for end in _FAILURES if end in ends]
    if CallEnd.FAILED in ends and twice:
        other = ends[twice[0]]
        note = Note(f"`{other.event.name}` is listed here", other.span)
        yield Diagnostic(
            "E0337",
            ends[CallEnd.FAILED].span,
            f"{where} lists `{call}.failed` and `{other.event.name}`, which is part of it",
            label="the timeout and the rejection in one",
            notes=(note,),
            help=f"list `{call}.failed` alone, or `{call}.timeout` and `{call}.rejected`",
        )
        return
    wanted = [CallEnd.REPLY]
    wanted += [] if CallEnd.FAILED in ends else list(_FAILURES)
    missing = [f"{call}.{end.value}" for end in wanted if end not in ends]
    if not missing:
        return
    both = missing[-2:] == [f"{call}.timeout", f"{call}.rejected"]
    words = " and ".join(f"`{name}`" for name in missing)
    add = [*missing[:-2], f"{call}.failed"] if both else missing
    yield Diagnostic(
        "E0335",
        state.span,
        f"{where} waits for `{call}` and does not list {words}",
        label="the call could end unheard",
        notes=(Note(f"`{first.event.name}` is listed here", first.span),),
        help=f"add `on {', '.join(add)};`",
    )


def _unheard(isolate: Isolate) -> Iterator[Diagnostic]:
    heard = {call for state in isolate.states for call in ends_by_call(state)}
    for use in isolate.calls:
        if use.call.qualified in heard:
            continue
        heard.add(use.call.qualified)
        name = use.span.text
        yield Diagnostic(
            "E0343",
            use.span,
            f"no state of `{isolate.name}` waits for `{name}`",
            label="can never be started",
            help=f"add `on {name}.reply, {name}.failed;` to a state, or remove the call",
        )
