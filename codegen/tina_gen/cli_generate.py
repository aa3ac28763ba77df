# SPDX-License-Identifier: Apache-2.0
"""The sub-command `generate`: writes the generated files, a dependency file and a stamp.

A file whose bytes would not change is not touched, so a change of a comment in a spec compiles
nothing. The stamp is touched last: it is there and new exactly if everything was written.
"""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tina_gen.checks.routes import unrouted
from tina_gen.cli_io import FAILED, GOOD, Command, analyze_file, cannot, refuse, show
from tina_gen.emit import GeneratedFile, generate
from tina_gen.emit.cpp import imported_files
from tina_gen.pipeline import Analysis


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen generate`."""
    parser.add_argument("spec", metavar="SPEC")
    parser.add_argument("--output", required=True, metavar="DIR", help="where the files go")
    parser.add_argument("--depfile", metavar="FILE", help="write what the output depends on")
    parser.add_argument("--imports", metavar="FILE", help="list the imported files, one a line")
    parser.add_argument("--stamp", metavar="FILE", help="touch this file when all is written")
    parser.add_argument(
        "--source-root",
        default=".",
        metavar="DIR",
        help="generated files name the spec relative to DIR (default: the current directory)",
    )


def run(options: argparse.Namespace) -> int:
    """Checks the spec and writes everything if it is right."""
    gc.disable()  # what is made here stays until the end, so looking for garbage is lost time
    try:
        return _run(options)
    finally:
        gc.enable()


def _run(options: argparse.Namespace) -> int:
    analysis = analyze_file(options.spec, options.import_path)
    show(analysis.diagnostics, options.format)
    if analysis.model is None:
        return FAILED
    lost = tuple(unrouted(analysis.model))
    if lost:
        show(lost, options.format)
        return FAILED
    problem = write_all(options, analysis)
    return refuse(problem) if problem else GOOD


def write_all(options: argparse.Namespace, analysis: Analysis) -> str:
    """Writes everything for an analysis without errors. The result is empty, or one line that
    says what cannot be written."""
    assert analysis.model is not None
    spec = spec_name(options.spec, options.source_root)
    files = [package.file for package in analysis.model.packages]
    imported = {f.import_path: spec_name(f.path, options.source_root) for f in files}
    try:
        _write_files(Path(options.output), generate(analysis.model, spec, imported))
        if options.imports:
            listed = "".join(f"{path}\n" for path in imported_files(analysis.model))
            _write_if_changed(Path(options.imports), listed)
        if options.depfile:
            target = options.stamp or options.output
            inputs = [*analysis.inputs, *_own_sources()]
            _write_if_changed(Path(options.depfile), depfile(target, map(os.path.abspath, inputs)))
        if options.stamp:
            Path(options.stamp).touch()
    except OSError as error:
        return cannot("write", str(error.filename), error)
    return ""


def spec_name(spec: str, root: str) -> str:
    """How generated files name a spec: relative to `root`, or its bare name if it lies outside."""
    relative = os.path.relpath(os.path.abspath(spec), os.path.abspath(root)).replace(os.sep, "/")
    return relative.rsplit("/", 1)[-1] if relative.startswith("../") else relative


def depfile(target: str, inputs: Iterable[str]) -> str:
    """A dependency file in the syntax of make, as ninja and make read it."""

    def escaped(path: str) -> str:
        path = path.replace("$", "$$").replace("#", "\\#")
        return path.replace(" ", "\\ ")

    names = [escaped(path) for path in dict.fromkeys(inputs)]
    return " \\\n  ".join([f"{escaped(target)}:", *names]) + "\n"


def _own_sources() -> Sequence[str]:
    """The generator itself: its output depends on it too."""
    package = Path(__file__).resolve().parent
    found = [*package.rglob("*.py"), *(package / "templates").iterdir()]
    return sorted(str(path) for path in found)


def _write_files(output: Path, files: Sequence[GeneratedFile]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        _write_if_changed(output / file.path, file.text)


def _write_if_changed(path: Path, text: str) -> None:
    data = text.encode("utf-8")
    try:
        if path.read_bytes() == data:
            return
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


COMMAND = Command(add_arguments, run)
