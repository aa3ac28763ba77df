# SPDX-License-Identifier: Apache-2.0
"""E0222: an I/O object needs a setting for what its states wait for."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import CompletionEvent, IoObject, Isolate, Model

# Completion -> the setting without which its operation cannot work.
_NEEDED = {
    ("tina.net.udp_socket", "ReceivedBatch"): "batch",
    ("tina.net.udp_socket", "SentBatch"): "gather",
    ("tina.fs.file", "ReadScattered"): "scatter",
}
# Kinds of which an object without any setting hears nothing.
_EMPTY = frozenset(["tina.os.signals"])


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per I/O object and setting."""
    for isolate in model.isolates:
        for io in isolate.io:
            if io.kind.qualified in _EMPTY and not io.settings:
                yield _hears_nothing(isolate, io)
            yield from _missing(isolate, io)


def _hears_nothing(isolate: Isolate, io: IoObject) -> Diagnostic:
    known = ", ".join(f"`{rule.name}`" for rule in io.kind.settings)
    return Diagnostic(
        "E0222",
        io.span,
        f"`{io.name}` of `{isolate.name}` names no signal",
        label="waits for nothing",
        help=f"add those that it is to hear of: {known}",
    )


def _missing(isolate: Isolate, io: IoObject) -> Iterator[Diagnostic]:
    given = {setting.name for setting in io.settings}
    listed = (
        event.completion
        for event in isolate.events
        if isinstance(event, CompletionEvent) and event.io.index == io.index
    )
    for completion in dict.fromkeys(listed):
        setting = _NEEDED.get((io.kind.qualified, completion))
        if setting is not None and setting not in given:
            operation = io.kind.operation_of(completion).name
            yield Diagnostic(
                "E0222",
                io.span,
                f"`{io.name}` of `{isolate.name}` lists `{completion}` and has no `{setting}`",
                label=f"`{operation}` has room for nothing",
                help=f"add `{setting} 32;` to its settings: as many at once",
            )
