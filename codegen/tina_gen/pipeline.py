# SPDX-License-Identifier: Apache-2.0
"""The whole generator on one page: parse -> resolve -> check -> emit.

Pure: files come through a `Reader`, results go back as values. Layout is arithmetic on types
(`layout.py`) and happens while messages are resolved, so the model already holds every offset.
"""

from __future__ import annotations

from tina_gen.checks import run_checks
from tina_gen.diagnostics import Diagnostic, ordered
from tina_gen.frozen import dataclass
from tina_gen.load import Loader, Places, Reader
from tina_gen.model import Model
from tina_gen.resolve.program import resolve
from tina_gen.waivers import waive


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known about one spec. `model` is None if anything is wrong with it (`failed`);
    `inputs` are all files that were read, for dependency files."""

    model: Model | None
    diagnostics: tuple[Diagnostic, ...]
    inputs: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """True if there is any error; warnings alone do not count."""
        return any(diagnostic.is_error for diagnostic in self.diagnostics)


def analyze(path: str, read: Reader, places: Places) -> Analysis:
    """Parses, resolves and checks one spec with everything it imports. Never raises.

    What is broken is reported once; what is intact is still checked.
    """
    # parse
    loader = Loader(read, places)
    parsed = loader.load(path)
    diagnostics = list(loader.diagnostics)
    inputs = tuple(loader.paths)
    if not parsed:
        return Analysis(None, tuple(ordered(diagnostics)), inputs)

    # resolve (names, types, values, layout)
    resolved = resolve(loader.files)
    diagnostics += resolved.diagnostics

    # check
    diagnostics += run_checks(resolved.model, resolved.complete)
    trees = [loaded.tree for loaded in loader.files]
    diagnostics = waive(trees, diagnostics, resolved.complete)

    failed = any(diagnostic.is_error for diagnostic in diagnostics)
    model = None if failed else resolved.model
    return Analysis(model, tuple(ordered(diagnostics)), inputs)
