# SPDX-License-Identifier: Apache-2.0
"""What an isolate's clauses name: messages from others and results of its own actions."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import CompletionEvent, Event, Message, MessageEvent, TimerEvent
from tina_gen.names import handler, suggestion
from tina_gen.resolve.isolates import Outline
from tina_gen.resolve.scope import Lookup, Sink, Sort, Symbol
from tina_gen.source import Span
from tina_gen.syntax import ast as a

SHUTDOWN = "tina.sys.Shutdown"


class Verdict:
    """Collects the errors of one isolate: `good` is False once there is one."""

    def __init__(self, sink: Sink) -> None:
        """Nothing is wrong yet."""
        self.sink = sink
        self.good = True

    def error(
        self,
        code: str,
        span: Span,
        message: str,
        label: str = "",
        help: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Reports."""
        self.good = False
        self.sink.error(code, span, message, label, help, notes)


class Events:
    """The events of one isolate, numbered as they are first named."""

    def __init__(self, verdict: Verdict, messages: dict[Symbol, Message], outline: Outline) -> None:
        """Prepares; `messages` holds the intact messages of all files."""
        self.verdict = verdict
        self.sink = verdict.sink
        self.messages = messages
        self.outline = outline
        self.unit = outline.symbol.unit
        self.found: dict[str, Event] = {}

    def named(self, name: a.QName) -> Event | None:
        """The event that a clause names; None if there is none (reported)."""
        if name.text in self.found:
            return self.found[name.text]
        words = [part.text for part in name.parts]
        for io in self.outline.io:
            if words[0] != io.name:
                continue
            if len(words) == 2 and words[1] in io.kind.completions:
                event = CompletionEvent(
                    len(self.found), name.text, handler(name.text), io, words[1]
                )
                self.found[name.text] = event
                return event
            known = ", ".join(f"`{io.name}.{c}`" for c in io.kind.completions)
            text = f"`{name.text}` is no completion of `{io.kind.name}`"
            self.verdict.error("E0309", name.span, text, "unknown", f"its completions are {known}")
            return None
        for timer in self.outline.timers:
            if words == [timer.name]:
                fired = TimerEvent(len(self.found), name.text, handler(name.text), timer)
                self.found[name.text] = fired
                return fired
        return self._message_event(name)

    def _message_event(self, name: a.QName) -> Event | None:
        symbol = Lookup(self.unit, self.sink).quiet(name)[0]
        if symbol is None and len(name.parts) == 1:
            known = [s.name for s in self.unit.symbols.values() if s.sort is Sort.MESSAGE]
            known += [f"{io.name}.{c}" for io in self.outline.io for c in io.kind.completions]
            known += [timer.name for timer in self.outline.timers]
            close = suggestion(name.text, known)
            help = f"did you mean `{close}`?" if close else "declare a `message` with this name"
            text = f"`{name.text}` is neither a message nor a result of this isolate's own actions"
            self.verdict.error("E0309", name.span, text, "unknown", help)
            return None
        found = Lookup(self.unit, self.sink).find(name, (Sort.MESSAGE,))
        message = self.messages.get(found) if found else None
        if message is None:
            self.verdict.good = False
            return None
        if message.is_system and message.qualified != SHUTDOWN:
            self.verdict.good = False
            self.sink.unsupported(name.span, f"`{name.text}`")
            return None
        event = MessageEvent(len(self.found), name.text, handler(name.text), message)
        self.found[name.text] = event
        return event

    def sent(self, message: Message) -> None:
        """Adds an event for a message that others send and no clause mentions."""
        for event in self.found.values():
            if isinstance(event, MessageEvent) and event.message is message:
                return
        name = message.name
        for alias, unit in self.unit.imports.items():
            if unit.package == message.package:
                name = f"{alias}.{message.name}"
        self.found[name] = MessageEvent(len(self.found), name, handler(name), message)
