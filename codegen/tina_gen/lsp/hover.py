# SPDX-License-Identifier: Apache-2.0
"""What an editor shows over a name: its declaration, its documentation, its sizes and budgets."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tina_gen.layout import SCALAR_SIZES
from tina_gen.lsp import facts, sizes
from tina_gen.lsp.blocks import extent, tokens_of
from tina_gen.lsp.lookup import Meaning, meaning_at
from tina_gen.lsp.study import Study, Unit
from tina_gen.model import Isolate, Message, Model, Scalar, Struct
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

LINES_MAX = 16
_WHOLE = (d.Record, d.Enum, d.Protocol, d.Kind, d.Faults)
_SCALARS = {scalar.value: scalar for scalar in Scalar}


def hover(study: Study, unit: Unit, offset: int) -> tuple[str, Span] | None:
    """Markdown about what stands at an offset, and the characters it is about."""
    found = meaning_at(study, unit, offset)
    if found is None:
        return _builtin(unit, offset)
    parts = [f"```tina\n{declaration(found)}\n```"]
    doc = getattr(found.node, "doc", "")
    if doc:
        parts.append(doc)
    if study.model is not None:
        parts += _facts(study, study.model, found)
    return "\n\n".join(parts), found.use


def _builtin(unit: Unit, offset: int) -> tuple[str, Span] | None:
    """The built-in types."""
    for token in tokens_of(unit.tree.file):
        if token.span.start <= offset <= token.span.end and token.text in _SCALARS:
            size = SCALAR_SIZES[_SCALARS[token.text]]
            unit_words = {"duration": " of nanoseconds", "instant": " of nanoseconds"}
            text = f"`{token.text}`: {size} bytes{unit_words.get(token.text, '')}"
            return text, token.span
    return None


def declaration(found: Meaning) -> str:
    """The declaration as written: all of it if it is a list of fields, else its head."""
    node = found.node
    file = found.unit.tree.file
    if isinstance(node, d.File):
        return f"package {node.package.text};"
    if isinstance(node, a.State):
        return ("final " if node.is_final else "") + f"state {node.name.text}"
    span = getattr(node, "span", found.span)
    place = extent(tokens_of(file), found.span.start)
    end = span.end
    if isinstance(node, _WHOLE) or place.open is None:
        end = max(end, place.end)
    elif place.open is not None:
        end = place.open
    if isinstance(node, a.Param):
        end = span.end
    start = min(_item_start(file.text, found.span.start), span.start)
    lines = textwrap.dedent(file.text[start:end].rstrip(" ;\n")).splitlines()
    if len(lines) > LINES_MAX:
        lines = [*lines[:LINES_MAX], "  …"]
    indent = file.text[file.text.rfind("\n", 0, start) + 1 : start]
    if not indent.strip():
        lines = [line.removeprefix(indent) for line in lines]
    return "\n".join(lines)


def _item_start(text: str, name: int) -> int:
    """Where the item of a name begins, if that is on the same line: its first word."""
    start = max(text.rfind(mark, 0, name) for mark in "\n;{}(,") + 1
    return start + len(text[start:name]) - len(text[start:name].lstrip())


def _facts(study: Study, model: Model, found: Meaning) -> Sequence[str]:
    package = facts.package(model, found.unit.package)
    if package is None:
        return ()
    name = found.span.text
    match found.node:
        case d.Const():
            for constant in package.constants:
                if constant.name == name:
                    return list(facts.of_constant(constant))
            for config in package.configs:
                if config.name == name:
                    return list(facts.of_config(config))
        case d.Record():
            placed: list[Message | Struct] = [*package.messages, *package.structs]
            unions = [x for u in package.unions if u.name == name for x in facts.of_union(u)]
            return unions + [x for m in placed if m.name == name for x in facts.of_message(m)]
        case d.Alias():
            return [x for t in package.aliases if t.name == name for x in facts.of_alias(t)]
        case d.Enum():
            return [x for e in package.enums if e.name == name for x in facts.of_enum(e)]
        case d.Isolate():
            known = sizes.budgets_of(study)
            isolates = [i for i in package.isolates if i.name == name]
            return [
                x for i in isolates for x in (*facts.of_isolate(i), *sizes.of_isolate(i, known))
            ]
        case d.Protocol():
            protocols = [p for p in package.protocols if p.name == name]
            return [x for p in protocols for x in facts.of_protocol(model, p)]
        case d.System():
            systems = [s for s in package.systems if s.name == name]
            return [x for s in systems for x in sizes.of_system(s)]
    return list(_inner_facts(study, model, found))


def _inner_facts(study: Study, model: Model, found: Meaning) -> Iterator[str]:
    """What is known of something that lies inside of a declaration."""
    package = facts.package(model, found.unit.package)
    owner = getattr(getattr(found.owner, "name", None), "text", "")
    name = found.span.text
    if package is None:
        return
    match found.node:
        case a.State() | a.Param() | a.Timer():
            for isolate in package.isolates:
                if isolate.name == owner:
                    yield from _of_isolate_part(isolate, found.node, name)
            placed: list[Message | Struct] = [*package.messages, *package.structs]
            for message in placed if isinstance(found.node, a.Param) else ():
                for field in message.fields if message.name == owner else ():
                    if field.name == name:
                        yield f"offset {field.offset}, {field.size} bytes in `{message.name}`"
        case d.CallItem() | d.CastItem():
            for protocol in package.protocols:
                for member in protocol.members if protocol.name == owner else ():
                    if member.name == name:
                        yield from facts.of_member(member)
        case a.Io(kind=kind):
            yield f"an I/O object of kind `{kind.text}`, closed by the runtime"
        case d.Op(name=op, completion=completion):
            yield f"`{op.text}()` ends in exactly one `{completion.text}`"
        case d.Shards():
            for system in package.systems:
                for role in system.roles:
                    if system.name == owner and role.name == name:
                        yield from sizes.of_role(system, role, sizes.budgets_of(study))


def _of_isolate_part(isolate: Isolate, node: object, name: str) -> Iterator[str]:
    if isinstance(node, a.State):
        for state in isolate.states:
            if state.name == name:
                yield from facts.of_state(isolate, state)
    elif isinstance(node, a.Param):
        for argument in isolate.init:
            if argument.name == name:
                yield f"offset {argument.offset}, {argument.size} bytes in `init`"
    else:
        for timer in isolate.timers:
            if timer.name == name and timer.every_ns is not None:
                yield f"every `{facts.time(timer.every_ns)}`, from `init` on"
