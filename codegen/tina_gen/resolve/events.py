# SPDX-License-Identifier: Apache-2.0
"""The events of one isolate: what its clauses name, and what can arrive without being named."""

from __future__ import annotations

from tina_gen.diagnostics import Note
from tina_gen.model import (
    CallEnd,
    CallEndEvent,
    CompletionEvent,
    Event,
    Message,
    MessageEvent,
    TimerEvent,
    YieldedEvent,
)
from tina_gen.names import handler, suggestion
from tina_gen.resolve.isolates import Outline
from tina_gen.resolve.protocols import Protocols
from tina_gen.resolve.scope import Lookup, Sink, Sort, Symbol
from tina_gen.source import Span
from tina_gen.syntax import ast as a

ENDS = {end.value: end for end in CallEnd}
_YIELDED = "tina.sys.Yielded"


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
    """Finds events by name, each once, in the order in which they are asked for."""

    def __init__(
        self,
        verdict: Verdict,
        messages: dict[Symbol, Message],
        protocols: Protocols,
        outline: Outline,
    ) -> None:
        """Prepares; `messages` holds the intact messages of all files."""
        self.verdict = verdict
        self.sink = verdict.sink
        self.messages = messages
        self.protocols = protocols
        self.outline = outline
        self.unit = outline.symbol.unit
        self.lookup = Lookup(self.unit, verdict.sink)
        self._found: dict[str, Event] = {}
        self._spans: dict[str, tuple[str, Span]] = {}

    @property
    def all(self) -> tuple[Event, ...]:
        """All events, by index."""
        return tuple(self._found.values())

    def named(self, name: a.QName) -> Event | None:
        """The event of a name in a clause, or None with a diagnostic."""
        if name.text in self._found:
            return self._found[name.text]
        event = self._new(name)
        if event is None:
            return None
        first = self._spans.setdefault(event.handler, (event.name, name.span))
        if first[1] is not name.span:
            note = (Note(f"`{first[0]}` is listed here", first[1]),)
            text = f"`{event.name}` and `{first[0]}` both become `{event.handler}`"
            self.sink.error("E0103", name.span, text, "clashes", "rename one", note)
            return None
        self._found[name.text] = event
        return event

    def sent(self, message: Message) -> None:
        """Adds the event of a message that can arrive, if no clause mentions it."""
        for event in self._found.values():
            if isinstance(event, MessageEvent) and event.message.qualified == message.qualified:
                return
        name = message.local_name
        for alias, unit in self.unit.imports.items():
            if unit.package == message.package:
                name = f"{alias}.{name}"
        self._found[name] = MessageEvent(len(self._found), name, handler(name), message)

    def _new(self, name: a.QName) -> Event | None:
        index, text = len(self._found), name.text
        words = [part.text for part in name.parts]
        for io in self.outline.io:
            if words[0] != io.name:
                continue
            if len(words) == 2 and words[1] in io.kind.completions:
                return CompletionEvent(index, text, handler(text), io, words[1])
            known = ", ".join(f"`{io.name}.{c}`" for c in io.kind.completions)
            said = f"`{text}` is no completion of `{io.kind.name}`"
            self.sink.error("E0309", name.span, said, "unknown", f"its completions are {known}")
            return None
        for timer in self.outline.timers:
            if words == [timer.name]:
                return TimerEvent(index, text, handler(text), timer)
        if self.protocols.names_member(self.lookup, name):
            return self._of_protocol(name)
        return self._message(name)

    def _of_protocol(self, name: a.QName) -> Event | None:
        member = self.protocols.member(self.lookup, name)
        if member is None:
            return None
        index, text = len(self._found), name.text
        rest = self.lookup.quiet(name)[1]
        if len(rest) == 1:
            return MessageEvent(index, text, handler(text), member)
        if len(rest) == 2 and member.is_call and rest[1] in ENDS:
            return CallEndEvent(index, text, handler(text), member, ENDS[rest[1]])
        said = f"`{text}` is no end of a call"
        help = f"`{member.local_name}` is {_an(member.sort.value)}"
        if member.is_call:
            help = f"the ends of a call are {', '.join(f'`{end}`' for end in ENDS)}"
        self.sink.error("E0309", name.span, said, "unknown", help)
        return None

    def _message(self, name: a.QName) -> Event | None:
        symbol = self.lookup.quiet(name)[0]
        if symbol is None and len(name.parts) == 1:
            known = [s.name for s in self.unit.symbols.values() if s.sort is Sort.MESSAGE]
            known += [f"{io.name}.{c}" for io in self.outline.io for c in io.kind.completions]
            known += [timer.name for timer in self.outline.timers]
            close = suggestion(name.text, known)
            help = f"did you mean `{close}`?" if close else "declare a `message` with this name"
            text = f"`{name.text}` is neither a message nor a result of this isolate's own actions"
            self.sink.error("E0309", name.span, text, "unknown", help)
            return None
        found = self.lookup.find(name, (Sort.MESSAGE,))
        message = self.messages.get(found) if found else None
        if message is None:
            return None
        index, text = len(self._found), name.text
        if message.qualified == _YIELDED:
            return YieldedEvent(index, text, handler(text), message)
        return MessageEvent(index, text, handler(text), message)


def _an(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
