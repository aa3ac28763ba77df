# SPDX-License-Identifier: Apache-2.0
"""All generated files of a model: fills the templates from the views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tina_gen.emit.contracts import contract_view
from tina_gen.emit.cpp import user_packages
from tina_gen.emit.headers import header_view
from tina_gen.emit.model_json import model_json
from tina_gen.emit.systems import system_view
from tina_gen.frozen import dataclass
from tina_gen.model import Model

if TYPE_CHECKING:
    import jinja2

_HERE = "#line @here@ "


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file to write: a path relative to the output folder, and its text."""

    path: str
    text: str


def generate(
    model: Model, spec: str, imported: Mapping[str, str] | None = None
) -> list[GeneratedFile]:
    """The files of all packages of a model, at paths that mirror their import paths. `spec` is how
    messages of the C++ compiler name the root file: a path relative to the source tree, never an
    absolute one; `imported` says the same of imported files, by import path."""
    package = model.root
    source = spec.rsplit("/", 1)[-1]
    specs = imported or {}
    environment = _environment()

    def fill(path: str, template: str, view: object) -> GeneratedFile:
        return GeneratedFile(path, _number(environment.get_template(template).render(view=view)))

    files = []
    for other in user_packages(model):
        own = source if other is package else other.file.import_path
        place = spec if other is package else specs.get(own, own)
        files.append(fill(f"{own}.h", "header.h.j2", header_view(model, other, own)))
        contract = contract_view(model, other, own, place)
        files.append(fill(f"{own}.cc", "contract.cc.j2", contract))
    for system in package.systems:
        view = system_view(model, package, system, source, spec)
        files.append(fill(f"{view.stem}.system.h", "system.h.j2", view))
        files.append(fill(f"{view.stem}.system.cc", "system.cc.j2", view))
    stem = source.removesuffix(".tina")
    return [*files, GeneratedFile(f"{stem}.model.json", model_json(model, spec))]


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _flat(blocks: Iterable[Sequence[str]]) -> str:
    return "".join(map(_text, blocks))


def _paragraph(blocks: Sequence[Sequence[str]]) -> str:
    return "\n" + _flat(blocks) if blocks else ""


def _paragraphs(blocks: Iterable[Sequence[str]]) -> str:
    return "".join("\n" + _text(block) for block in blocks if block)


def _environment() -> jinja2.Environment:
    import jinja2  # here, so that checking a spec does not need it

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tina_gen", "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(text=_text, flat=_flat, paragraph=_paragraph, paragraphs=_paragraphs)
    return environment


def _number(text: str) -> str:
    """Completes the `#line` directives that lead back to the generated file itself."""
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(_HERE):
            line = f"#line {number + 1} " + line.removeprefix(_HERE)
        lines.append(line)
    return "\n".join(lines)
