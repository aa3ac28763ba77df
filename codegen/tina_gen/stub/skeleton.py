# SPDX-License-Identifier: Apache-2.0
"""The header and the source of an isolate whose handlers are still to be written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, handlers_header, namespace, user_packages
from tina_gen.emit.handlers import Handler, handlers
from tina_gen.frozen import dataclass
from tina_gen.model import Isolate, Model

_BODIES = {"on_init": "ok()", "on_enter": "start()"}
_LATER = 'crash("to be written")'
_WORD = re.compile(r"(?<![\w:])[A-Za-z_]\w*(?![\w:])")  # no part of `Kv::Get`


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The two files of one isolate, by the names that the generated code includes."""

    package: str
    isolate: str
    handlers: tuple[Handler, ...]
    header_path: str
    header: str
    source_path: str
    source: str

    @property
    def qualified(self) -> str:
        """The isolate with its package."""
        return f"{self.package}.{self.isolate}"


def skeletons(model: Model, source: str) -> list[Skeleton]:
    """One per isolate, those of imported packages first. `source` is the root's file name."""
    found = []
    for package in user_packages(model):
        own = source if package is model.root else package.file.import_path
        scope = Scope(model, package)
        found += [_skeleton(scope, isolate, own) for isolate in package.isolates]
    return found


def declarations(asked: Sequence[Handler], indent: int) -> list[str]:
    """The lines that declare handlers in a struct."""
    lines: list[str] = []
    for handler in asked:
        lines += wrap.prototype(indent, handler.result, handler.name, handler.parameters, ");")
    return lines


def definitions(isolate: str, asked: Sequence[Handler]) -> str:
    """The functions that define handlers, with an empty line before each."""
    parts = []
    for handler in asked:
        # Outside of the struct, what it inherits is reached through its name.
        result = _WORD.sub(lambda word: f"{isolate}::{word[0]}", handler.result)
        own = f"{isolate}::{handler.name}"
        head = wrap.prototype(0, result, own, handler.parameters, ") {")
        body = wrap.call(2, f"return {_BODIES.get(handler.name, _LATER)}", [], ";")
        parts.append("\n" + "\n".join(wrap.function(0, head, body)) + "\n")
    return "".join(parts)


def _skeleton(scope: Scope, isolate: Isolate, source: str) -> Skeleton:
    asked = handlers(scope, isolate)
    header_path = handlers_header(scope.package, isolate)
    space, name = namespace(scope.package.name), isolate.name
    words = wrap.comment(0, "//", isolate.doc or f"Handlers of {name}.")
    opening, closing = ["", f"namespace {space} {{"], ["", f"}}  // namespace {space}", ""]
    head = wrap.derived(name, f"{name}Base")
    struct = [*head, *declarations(asked, 2), "};"]
    header = [*words, "#pragma once", "", f'#include "{source}.h"', *opening, "", *struct, *closing]
    above = [f'#include "{header_path}"', *opening]
    text = "\n".join(above) + "\n" + definitions(name, asked) + "\n".join(closing)
    return Skeleton(
        package=scope.package.name,
        isolate=name,
        handlers=tuple(asked),
        header_path=header_path,
        header="\n".join(header),
        source_path=header_path.removesuffix(".h") + ".cc",
        source=text,
    )
