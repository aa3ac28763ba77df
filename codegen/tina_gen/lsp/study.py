# SPDX-License-Identifier: Apache-2.0
"""What the generator knows of one spec and everything it imports, as far as it is intact.

The trees are there also when something is wrong, so that an editor can answer in the middle of a
word; the model holds the declarations without an error.
"""

from __future__ import annotations

import dataclasses
from dataclasses import field

from tina_gen.diagnostics import Diagnostic
from tina_gen.frozen import dataclass
from tina_gen.load import Loader, Places, Reader
from tina_gen.model import Model
from tina_gen.pipeline import analyze
from tina_gen.resolve.program import resolve
from tina_gen.source import SourceFile
from tina_gen.syntax import declarations as d


@dataclasses.dataclass(slots=True, eq=False)
class Unit:
    """One file: its tree, where it lies, and what it declares and imports by name."""

    tree: d.File
    path: str
    names: dict[str, d.Decl] = field(default_factory=dict)
    imports: dict[str, Unit] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """The name of the package."""
        return self.tree.package.text


@dataclass(frozen=True, slots=True)
class Study:
    """One root file with what belongs to it. `root` is None if there is nothing to parse;
    `inputs` are the paths of all files that were read."""

    path: str
    root: Unit | None
    units: tuple[Unit, ...]
    model: Model | None
    diagnostics: tuple[Diagnostic, ...]
    inputs: frozenset[str]
    intact: bool  # everything could be parsed
    complete: bool  # without an error: the model holds everything

    def unit_of(self, file: SourceFile) -> Unit | None:
        """The unit that was parsed from a file."""
        return next((unit for unit in self.units if unit.tree.file is file), None)


def study(path: str, read: Reader, places: Places) -> Study:
    """Parses, resolves and checks a spec. Never raises for what is in the files."""
    analysis = analyze(path, read, places)
    loader = Loader(read, places)
    intact = loader.load(path)
    model = analysis.model
    if model is None and intact:
        model = resolve(loader.files).model
    units: dict[str, Unit] = {}
    for loaded in loader.files:
        unit = Unit(loaded.tree, disk_path(loaded.tree.file, places))
        for decl in loaded.tree.decls:
            if not isinstance(decl, d.Scenario):
                unit.names.setdefault(decl.name.text, decl)
        for item, import_path in loaded.imports:
            target = units.get(import_path)
            if target is not None:
                short = item.alias.text if item.alias else target.package.rpartition(".")[2]
                unit.imports.setdefault(short, target)
        units[loaded.tree.file.import_path] = unit
    own = [unit for unit in units.values() if unit.path == path]
    return Study(
        path,
        own[-1] if own else None,
        tuple(units.values()),
        model,
        analysis.diagnostics,
        frozenset((*analysis.inputs, path)),
        intact,
        analysis.model is not None,
    )


def disk_path(file: SourceFile, places: Places) -> str:
    """Where a file lies: one of the standard library is named by its import path elsewhere."""
    return f"{places.library}/{file.path}" if file.standard else file.path
