# SPDX-License-Identifier: Apache-2.0
"""The sub-command `model`: prints a spec's resolved model, its schema, or what changed in it.

With `--diff` the exit status is that of diff: 0 equal, 1 different, 2 not comparable.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from tina_gen.cli_generate import spec_name
from tina_gen.cli_io import (
    FAILED,
    GOOD,
    USAGE,
    Command,
    analyze_file,
    cannot,
    read_file,
    refuse,
    show,
)
from tina_gen.emit.model_json import FORMAT, model_json
from tina_gen.model_diff import differences
from tina_gen.model_schema import model_schema
from tina_gen.pipeline import Analysis

_SIZE_MAX = 256 << 20


class NotComparable(Exception):
    """Why a file is no model, in one line; empty if that has been printed already."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen model`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("spec", nargs="?", metavar="SPEC")
    what.add_argument("--schema", action="store_true", help="print the JSON Schema of all models")
    what.add_argument(
        "--diff",
        nargs=2,
        metavar=("OLD", "NEW"),
        help="say what changed between two specs or .model.json files: 0 equal, 1 different",
    )
    parser.add_argument(
        "--source-root",
        default=".",
        metavar="DIR",
        help="the model names the spec relative to DIR (default: the current directory)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints what was asked for."""
    if options.schema:
        sys.stdout.write(model_schema())
        return GOOD
    if options.diff:
        return _diff(options)
    analysis = analyze_file(options.spec, options.import_path)
    show(analysis.diagnostics, options.format)
    if analysis.model is None:
        return FAILED
    sys.stdout.write(_text(options, options.spec, analysis))
    return GOOD


def _text(options: argparse.Namespace, spec: str, analysis: Analysis) -> str:
    assert analysis.model is not None
    return model_json(analysis.model, spec_name(spec, options.source_root))


def _diff(options: argparse.Namespace) -> int:
    try:
        old, new = (_load(options, path) for path in options.diff)
    except NotComparable as problem:
        return refuse(str(problem), USAGE) if str(problem) else USAGE
    try:
        lines = differences(old, new)
    except (AttributeError, KeyError, TypeError):
        text = "one of the models does not follow the schema that `tina-gen model --schema` prints"
        return refuse(text, USAGE)
    for line in lines:
        print(line)
    return FAILED if lines else GOOD


def _load(options: argparse.Namespace, path: str) -> dict[str, Any]:
    if path.endswith(".json"):
        return _load_json(path)
    analysis = analyze_file(path, options.import_path)
    show([d for d in analysis.diagnostics if d.is_error], options.format)
    if analysis.model is None:
        raise NotComparable
    loaded: dict[str, Any] = json.loads(_text(options, path, analysis))
    return loaded


def _load_json(path: str) -> dict[str, Any]:
    try:
        loaded = json.loads(read_file(path, _SIZE_MAX))
    except OSError as error:
        raise NotComparable(cannot("read", path, error)) from error
    except (ValueError, RecursionError) as error:
        raise NotComparable(f"`{path}` is not JSON; name a .model.json file or a spec") from error
    found = loaded.get("format") if isinstance(loaded, dict) else None
    if found is None or not isinstance(loaded.get("packages"), list):
        raise NotComparable(f"`{path}` is not a model; `tina-gen model SPEC` prints one")
    if found != FORMAT:
        text = f"`{path}` is a model of format {found}; this generator reads format {FORMAT}"
        raise NotComparable(f"{text}, so print it anew from its spec")
    assert isinstance(loaded, dict)
    return loaded


COMMAND = Command(add_arguments, run)
